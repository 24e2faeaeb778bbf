"""Whatever is in a log, and however often it is cleaned: what readers may rely on."""

from collections.abc import Mapping

from hypothesis import given, settings

from kafka_conformance.protocol.records import BatchHeader, batches, records_of
from kafka_conformance.reference_broker.log import Log
from tests.reference_broker.log.cleaning_support import clean, compacted_log, contents, raw_batches
from tests.reference_broker.log.generated_logs import Step, apply, logs_to_clean
from tests.reference_broker.log.support import NOW

HORIZON_MS = 1000


def last_values(log: Log) -> Mapping[bytes, bytes]:
    """What a reader of committed records knows in the end."""
    aborted = log.aborted_transactions(log.log_start_offset, log.log_end_offset)
    found: dict[bytes, bytes] = {}
    for header, view in raw_batches(log):
        if header.is_control or _is_aborted(header, aborted) or header.base_offset >= log.last_stable_offset:
            continue
        for record in records_of(header, view):
            assert record.key is not None
            if record.value is None:
                found.pop(record.key, None)
            else:
                found[record.key] = record.value
    return found


def _is_aborted(header: BatchHeader, aborted: list) -> bool:  # type: ignore[type-arg]
    return header.is_transactional and any(
        txn.producer_id == header.producer_id and txn.first_offset <= header.base_offset < txn.last_offset
        for txn in aborted
    )


def producers(log: Log) -> dict[int, tuple[int, int]]:
    return {key: (entry.last_sequence, entry.last_offset) for key, entry in log.producer_state.producers.items()}


@settings(max_examples=25, deadline=None)
@given(plan=logs_to_clean())
def test_a_cleaned_log_says_the_same(plan: list[list[Step]]) -> None:
    logs, log = compacted_log(delete_retention_ms=HORIZON_MS, segment_bytes=2000, index_interval_bytes=100)
    for number, steps in enumerate(plan):
        now_ms = NOW + number * HORIZON_MS
        for step in steps:
            apply(log, step, now_ms)
        before = contents(log)
        active = [each for each in before if each[0] >= log.segment_base_offsets[-1]]
        knows, ends, known = last_values(log), (log.log_start_offset, log.log_end_offset), producers(log)

        clean(logs, now_ms)

        after = contents(log)
        assert last_values(log) == knows
        assert (log.log_start_offset, log.log_end_offset) == ends
        assert producers(log) == known
        assert after == [each for each in before if each in after]
        assert [each for each in after if each[0] >= log.segment_base_offsets[-1]] == active


@settings(max_examples=25, deadline=None)
@given(plan=logs_to_clean())
def test_a_cleaned_log_is_found_again_by_offset_and_after_a_crash(plan: list[list[Step]]) -> None:
    logs, log = compacted_log(delete_retention_ms=HORIZON_MS, segment_bytes=2000, index_interval_bytes=100)
    for number, steps in enumerate(plan):
        for step in steps:
            apply(log, step, NOW + number * HORIZON_MS)
        clean(logs, NOW + number * HORIZON_MS)

    stored = [header.base_offset for header, _ in raw_batches(log)]
    reaching = [header.last_offset for header, _ in raw_batches(log)]
    for offset in range(log.log_end_offset):
        fetched = log.read(offset, 0, log.log_end_offset)
        header, _ = next(batches(b"".join(fetched.buffers)))  # type: ignore[union-attr]
        assert header.base_offset == next(base for base, last in zip(stored, reaching, strict=True) if last >= offset)

    found, known, end = contents(log), producers(log), log.log_end_offset
    logs, log = compacted_log(storage=logs.storage)
    assert contents(log) == found
    assert log.log_end_offset == end
    assert producers(log) == known
