"""The settings that a log obeys."""

import pytest

from kafka_conformance.protocol.records import Compression, TimestampType
from kafka_conformance.reference_broker.log import LogConfig


def test_defaults_are_kafkas() -> None:
    config = LogConfig()

    assert (config.segment_bytes, config.retention_ms, config.retention_bytes) == (2**30, 7 * 24 * 3_600_000, -1)
    assert (config.index_interval_bytes, config.segment_index_bytes) == (4096, 10 << 20)
    assert config.max_message_bytes == 1_048_588
    assert (config.message_timestamp_before_max_ms, config.message_timestamp_after_max_ms) == (2**63 - 1, 3_600_000)
    assert (config.timestamp_type, config.compression) == (TimestampType.CREATE_TIME, None)
    assert (config.deletes, config.is_compacted) == (True, False)


def test_settings_come_by_kafkas_names_and_others_are_not_looked_at() -> None:
    config = LogConfig.of({"segment.bytes": 14, "min.insync.replicas": 2, "message.timestamp.type": "LogAppendTime"})

    assert (config.segment_bytes, config.is_log_append_time) == (14, True)


@pytest.mark.parametrize("value", ["compact,delete", ["compact", "delete"], "delete , compact", ("delete", "compact")])
def test_a_cleanup_policy_is_a_list_in_any_form(value: object) -> None:
    config = LogConfig.of({"cleanup.policy": value})

    assert (config.deletes, config.is_compacted) == (True, True)
    assert LogConfig.of({"cleanup.policy": ""}).cleanup_policy == frozenset()


def test_each_codec_has_its_level() -> None:
    config = LogConfig(compression_gzip_level=5, compression_lz4_level=6, compression_zstd_level=7)

    levels = [config.compression_level(codec) for codec in Compression]
    assert levels == [None, 5, None, 6, 7]
    assert LogConfig(compression_type="uncompressed").compression is Compression.NONE


def test_only_a_compacted_log_minds_the_compaction_lag() -> None:
    compact = frozenset({"compact"})

    assert LogConfig(max_compaction_lag_ms=5, segment_ms=9).max_segment_ms == 9
    assert LogConfig(cleanup_policy=compact, max_compaction_lag_ms=5, segment_ms=9).max_segment_ms == 5
