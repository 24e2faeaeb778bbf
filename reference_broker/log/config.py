"""The settings of a topic that its log obeys, with Kafka's defaults (Kafka: LogConfig, TopicConfig)."""

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from kafka_conformance.protocol.records import Compression, TimestampType

NO_LIMIT = 2**63 - 1

_TIMESTAMP_TYPES = {"CreateTime": TimestampType.CREATE_TIME, "LogAppendTime": TimestampType.LOG_APPEND_TIME}
_COMPRESSION_TYPES = {
    "producer": None,
    "uncompressed": Compression.NONE,
    "gzip": Compression.GZIP,
    "snappy": Compression.SNAPPY,
    "lz4": Compression.LZ4,
    "zstd": Compression.ZSTD,
}


class _Settings(NamedTuple):
    cleanup_policy: frozenset[str] = frozenset({"delete"})
    compression_type: str = "producer"
    compression_gzip_level: int = -1
    compression_lz4_level: int = 9
    compression_zstd_level: int = 3
    delete_retention_ms: int = 86_400_000
    file_delete_delay_ms: int = 60_000
    flush_messages: int = NO_LIMIT
    flush_ms: int = NO_LIMIT
    index_interval_bytes: int = 4096
    max_compaction_lag_ms: int = NO_LIMIT
    max_message_bytes: int = 1_048_588
    message_timestamp_after_max_ms: int = 3_600_000
    message_timestamp_before_max_ms: int = NO_LIMIT
    message_timestamp_type: str = "CreateTime"
    min_cleanable_dirty_ratio: float = 0.5
    min_compaction_lag_ms: int = 0
    retention_bytes: int = -1
    retention_ms: int = 604_800_000
    segment_bytes: int = 1_073_741_824
    segment_index_bytes: int = 10_485_760
    segment_jitter_ms: int = 0
    segment_ms: int = 604_800_000


class LogConfig(_Settings):
    """Field names are Kafka's with underscores; bytes and milliseconds. Values are those that Kafka has accepted.

    Settings that a log does not obey (min.insync.replicas, remote.storage.enable) are not here.
    """

    @classmethod
    def of(cls, settings: Mapping[str, object]) -> "LogConfig":
        """From Kafka's names and parsed values (cleanup.policy: strings in any collection, or comma-separated)."""
        names = {field: field.replace("_", ".") for field in cls._fields}
        known = {field: settings[name] for field, name in names.items() if name in settings}
        if "cleanup_policy" in known:
            known["cleanup_policy"] = _policies(known["cleanup_policy"])
        return cls(**known)  # type: ignore[arg-type]

    @cached_property
    def is_compacted(self) -> bool:
        """Keys are required."""
        return "compact" in self.cleanup_policy

    @cached_property
    def deletes(self) -> bool:
        """Retention by time and size applies."""
        return "delete" in self.cleanup_policy

    @cached_property
    def timestamp_type(self) -> TimestampType:
        """Whose clock counts."""
        return _TIMESTAMP_TYPES[self.message_timestamp_type]

    @cached_property
    def is_log_append_time(self) -> bool:
        """The broker's clock counts."""
        return self.timestamp_type is TimestampType.LOG_APPEND_TIME

    @cached_property
    def compression(self) -> Compression | None:
        """The codec in which batches are stored, None for that of the producer."""
        return _COMPRESSION_TYPES[self.compression_type]

    def compression_level(self, codec: Compression) -> int | None:
        """The level for batches that are compressed here, None for a codec without levels."""
        levels = {
            Compression.GZIP: self.compression_gzip_level,
            Compression.LZ4: self.compression_lz4_level,
            Compression.ZSTD: self.compression_zstd_level,
        }
        return levels.get(codec)

    @cached_property
    def max_segment_ms(self) -> int:
        """After this time an append rolls the segment; a compacted log must not keep an active one for too long."""
        return min(self.max_compaction_lag_ms, self.segment_ms) if self.is_compacted else self.segment_ms


def _policies(value: object) -> frozenset[str]:
    names = value.split(",") if isinstance(value, str) else value
    return frozenset(str(name).strip() for name in names if str(name).strip())  # type: ignore[attr-defined]
