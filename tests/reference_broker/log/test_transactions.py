"""Transactional batches and markers in one log: last stable offset, aborted transactions, fencing."""

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.records import read_batch_header
from kafka_conformance.reference_broker.log import AppendInfo, Log, Refusal, StopState
from kafka_conformance.reference_broker.log.producer_state import VerificationStateEntry
from kafka_conformance.reference_broker.storage import MemoryStorage
from tests.reference_broker.log.support import (
    NOW,
    append,
    batch,
    end_transaction,
    fetch,
    idempotent,
    marker,
    new_log,
    refused,
    stored_batch,
)


def transactional(sequence: int, records: int = 1, *, producer_id: int = 7, epoch: int = 0) -> memoryview:
    return idempotent(sequence, records, producer_id=producer_id, epoch=epoch, transactional=True)


def end(log: Log, *, commit: bool, producer_id: int = 7, epoch: int = 0, version: int = 0) -> AppendInfo:
    info = end_transaction(log, marker(commit=commit, producer_id=producer_id, epoch=epoch), version=version)
    assert isinstance(info, AppendInfo), info
    return info


def aborted(log: Log, offset: int = 0) -> list[tuple[int, int]]:
    """What a read_committed answer to a fetch at `offset` lists."""
    fetched = log.read(offset, 10**6, log.last_stable_offset)
    assert not isinstance(fetched, ErrorCode)
    found = log.aborted_transactions(offset, fetched.upper_bound_offset)
    return [(txn.producer_id, txn.first_offset) for txn in found]


def test_the_last_stable_offset_waits_for_the_marker_and_for_its_replication() -> None:
    log = new_log()
    append(log, batch(2))
    append(log, transactional(0, 2))
    append(log, batch())
    assert (log.high_watermark, log.last_stable_offset, log.first_unstable_offset) == (5, 2, 2)

    end(log, commit=True)
    assert log.last_stable_offset == 2

    log.update_high_watermark(log.log_end_offset)
    assert (log.last_stable_offset, log.first_unstable_offset) == (6, None)


def test_the_earliest_of_several_open_transactions_counts() -> None:
    log = new_log()
    append(log, transactional(0, producer_id=1))
    append(log, transactional(0, producer_id=2))
    append(log, transactional(1, producer_id=1))
    assert log.last_stable_offset == 0

    end(log, commit=True, producer_id=1)
    log.update_high_watermark(log.log_end_offset)
    assert log.last_stable_offset == 1

    end(log, commit=False, producer_id=2)
    log.update_high_watermark(log.log_end_offset)
    assert log.last_stable_offset == 5


def test_an_aborted_transaction_is_listed_up_to_its_marker() -> None:
    log = new_log()
    append(log, transactional(0, 2))
    append(log, batch())
    end(log, commit=False)
    append(log, batch())

    assert [aborted(log, offset) for offset in (0, 2, 3)] == [[(7, 0)]] * 3
    assert aborted(log, 4) == []


def test_a_committed_transaction_is_not_listed() -> None:
    log = new_log()
    append(log, transactional(0))
    end(log, commit=True)
    log.update_high_watermark(log.log_end_offset)

    assert aborted(log) == []
    assert fetch(log).size > 0


def test_aborted_transactions_are_found_in_later_segments() -> None:
    log = new_log(segment_bytes=100)
    append(log, transactional(0))
    for _ in range(3):
        append(log, batch())
    end(log, commit=False)
    append(log, batch())

    assert len(log.segment_base_offsets) > 3
    assert len(fetch(log).buffers[0]) < 100  # the answer ends with the first segment, the marker lies in another
    assert aborted(log) == [(7, 0)]


def test_a_marker_for_a_producer_without_a_transaction_changes_no_index() -> None:
    log = new_log()
    end(log, commit=False)
    append(log, batch())

    assert log.aborted_transactions(0, 10) == []
    assert log.last_stable_offset == 2


def test_a_producer_writes_nothing_outside_its_open_transaction() -> None:
    log = new_log()
    append(log, transactional(0))

    assert refused(log, idempotent(1)).error is ErrorCode.INVALID_TXN_STATE
    end(log, commit=True)
    append(log, idempotent(1))


def test_sequences_go_on_after_a_marker_of_the_same_epoch_and_begin_anew_after_one_of_the_next() -> None:
    log = new_log()
    append(log, transactional(0))
    end(log, commit=True)
    append(log, transactional(1))
    end(log, commit=True, epoch=1, version=2)

    (producer,) = log.active_producers
    assert (producer.producer_epoch, producer.last_sequence, producer.coordinator_epoch) == (1, -1, 0)
    assert refused(log, transactional(2, epoch=1)).error is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    append(log, transactional(0, epoch=1))


def test_a_marker_of_transactions_v2_needs_a_higher_epoch() -> None:
    log = new_log()
    append(log, transactional(0, epoch=5))

    refusal = end_transaction(log, marker(commit=True, epoch=5), version=2)
    assert isinstance(refusal, Refusal)
    assert (refusal.error, refusal.log_start_offset) == (ErrorCode.INVALID_PRODUCER_EPOCH, 0)
    end(log, commit=True, epoch=6, version=2)


def test_a_repeated_marker_of_transactions_v2_is_written_again() -> None:
    log = new_log()
    append(log, transactional(0, epoch=5))
    end(log, commit=True, epoch=6, version=2)

    end(log, commit=True, epoch=6, version=2)

    older = end_transaction(log, marker(commit=True, epoch=5), version=2)
    assert isinstance(older, Refusal)
    assert older.error is ErrorCode.INVALID_PRODUCER_EPOCH


def test_a_marker_from_a_coordinator_that_was_replaced_is_fenced() -> None:
    log = new_log()
    append(log, transactional(0))
    assert isinstance(end_transaction(log, marker(commit=True, coordinator_epoch=3)), AppendInfo)
    append(log, transactional(1))

    refusal = end_transaction(log, marker(commit=True, coordinator_epoch=2))

    assert isinstance(refusal, Refusal)
    assert refusal.error is ErrorCode.TRANSACTION_COORDINATOR_FENCED


def test_a_marker_is_stored_as_the_coordinator_sends_it() -> None:
    log = new_log()
    append(log, transactional(0))
    end(log, commit=True)

    header = read_batch_header(stored_batch(log, 1))
    assert (header.attributes, header.base_sequence, header.record_count) == (0x30, -1, 1)


def test_an_open_transaction_survives_a_restart() -> None:
    storage = MemoryStorage()
    log = new_log(storage=storage)
    append(log, batch())
    append(log, transactional(0))
    append(log, transactional(0, producer_id=8))
    end(log, commit=False, producer_id=8)

    log = new_log(storage=storage)
    log.update_high_watermark(log.log_end_offset)
    assert log.last_stable_offset == 1
    append(log, transactional(1))
    end(log, commit=True)
    log.update_high_watermark(log.log_end_offset)
    assert log.last_stable_offset == 6
    assert aborted(log) == [(8, 2)]


def test_an_open_transaction_does_not_expire() -> None:
    log = new_log()
    append(log, transactional(0))

    log.remove_expired_producers(NOW + 10**12)

    assert log.last_stable_offset == 0
    end(log, commit=True)
    log.remove_expired_producers(NOW + 10**12)
    assert log.active_producers == ()


def test_truncation_forgets_markers_and_transactions() -> None:
    log = new_log()
    append(log, transactional(0, 2))
    end(log, commit=False)
    append(log, transactional(2, 2))

    log.truncate_to(3, NOW)
    assert (log.last_stable_offset, log.aborted_transactions(0, 10)[0].last_offset) == (3, 2)

    log.truncate_to(2, NOW)
    log.update_high_watermark(2)
    assert (log.last_stable_offset, log.aborted_transactions(0, 10)) == (0, [])
    end(log, commit=True)


def test_retention_ignores_open_transactions() -> None:
    log = new_log(segment_bytes=200, retention_bytes=0)
    append(log, transactional(0))
    for _ in range(6):
        append(log, batch())

    log.delete_old_segments(NOW)
    assert log.log_start_offset == 7
    assert log.last_stable_offset == 7
    append(log, batch())
    assert log.last_stable_offset == 7  # the start of the log, until the transaction ends

    end(log, commit=False)
    log.update_high_watermark(log.log_end_offset)
    assert log.last_stable_offset == 9
    assert [txn.first_offset for txn in log.aborted_transactions(7, 9)] == [0]


def verify(log: Log, sequence: int, *, epoch: int = 0, v2: bool = False) -> VerificationStateEntry:
    guard = log.start_verification(7, sequence, epoch, NOW, supports_epoch_bump=v2)
    assert isinstance(guard, VerificationStateEntry)
    return guard


def test_the_first_batch_of_a_transaction_must_have_been_verified() -> None:
    log = new_log(verifies_transactions=True)
    refusal = refused(log, transactional(0))
    assert (refusal.error, refusal.log_start_offset) == (ErrorCode.INVALID_TXN_STATE, 0)

    guard = verify(log, 0)
    assert isinstance(log.append_as_leader(transactional(0), 0, NOW, verification_guard=guard), AppendInfo)
    assert log.start_verification(7, 1, 0, NOW, supports_epoch_bump=False) is None
    append(log, transactional(1))


def test_a_verification_does_not_outlive_a_marker() -> None:
    log = new_log(verifies_transactions=True)
    guard = verify(log, 0)
    end(log, commit=False)

    refusal = refused(log, transactional(0), verification_guard=guard)

    assert refusal.error is ErrorCode.INVALID_TXN_STATE


def test_a_verification_of_transactions_v2_outlives_the_marker_of_the_transaction_before() -> None:
    log = new_log(verifies_transactions=True)
    guard = verify(log, 0, epoch=1, v2=True)
    end(log, commit=False, epoch=1, version=2)

    assert isinstance(log.append_as_leader(transactional(0, epoch=1), 0, NOW, verification_guard=guard), AppendInfo)


def test_the_lowest_sequence_under_verification_comes_first() -> None:
    log = new_log(verifies_transactions=True)
    verify(log, 5)
    guard = verify(log, 3)

    refusal = refused(log, transactional(5), verification_guard=guard)
    assert refusal.error is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert isinstance(log.append_as_leader(transactional(3), 0, NOW, verification_guard=guard), AppendInfo)


def test_an_unknown_producer_of_transactions_v2_begins_with_0() -> None:
    log = new_log(verifies_transactions=True)
    guard = verify(log, 3, v2=True)

    refusal = refused(log, transactional(3), verification_guard=guard)

    assert refusal.error is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER


def test_an_older_epoch_is_fenced_before_it_is_verified() -> None:
    log = new_log(verifies_transactions=True)
    append(log, idempotent(0, epoch=4))

    refusal = log.start_verification(7, 0, 3, NOW, supports_epoch_bump=False)
    assert isinstance(refusal, Refusal)
    assert refusal.error is ErrorCode.INVALID_PRODUCER_EPOCH
    assert refused(log, transactional(0, epoch=3)).error is ErrorCode.INVALID_PRODUCER_EPOCH


def test_a_clean_restart_keeps_the_transactions() -> None:
    storage = MemoryStorage()
    log = new_log(storage=storage)
    append(log, transactional(0))
    log.close()

    log = new_log(storage=storage, stop=StopState(clean=True))

    log.update_high_watermark(1)
    assert log.last_stable_offset == 0
