"""Duplicates, sequences and epochs; observed on Apache Kafka 4.3.1."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.records import NewRecord
from kafka_conformance.reference_broker.log import AppendInfo, LogParts, Refusal, StopState
from kafka_conformance.reference_broker.log.producer_append import ProducerAppendInfo
from kafka_conformance.reference_broker.log.producer_state import MAX_SEQUENCE, BatchMetadata
from kafka_conformance.reference_broker.log.producer_state_manager import ProducerStateManager
from kafka_conformance.reference_broker.storage import MemoryStorage
from tests.reference_broker.log.support import NOW, append, batch, idempotent, new_log, offsets, refused


def test_a_repeat_of_any_of_the_last_five_batches_appends_nothing() -> None:
    log = new_log()
    first = [append(log, idempotent(sequence * 2, 2)) for sequence in range(7)]

    for sequence in (6, 5, 4, 3, 2):
        again = append(log, idempotent(sequence * 2, 2))
        assert (again.base_offset, again.last_offset) == (first[sequence].base_offset, first[sequence].last_offset)
        assert again.duplicate
    assert log.log_end_offset == 14


@pytest.mark.parametrize("sequence", [1, 0])
def test_a_repeat_of_an_older_batch_is_out_of_order(sequence: int) -> None:
    log = new_log()
    for number in range(7):
        append(log, idempotent(number))

    refusal = refused(log, idempotent(sequence))

    assert (refusal.error, refusal.log_start_offset) == (ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, 0)


def test_a_repeat_is_answered_with_the_timestamp_of_the_stored_batch() -> None:
    log = new_log()
    view = bytes(idempotent(0))
    first = append(log, memoryview(bytearray(view)))

    again = append(log, memoryview(bytearray(view)))

    assert first == AppendInfo(0, 0, -1, 0, NOW)
    assert again == AppendInfo(0, 0, NOW, 0, -1, duplicate=True)


def test_the_same_sequences_in_another_count_are_no_repeat() -> None:
    log = new_log()
    append(log, idempotent(0, 2))

    assert refused(log, idempotent(0, 3)).error is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert refused(log, idempotent(0, 1)).error is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER


@pytest.mark.parametrize("sequence", [0, 5, MAX_SEQUENCE])
def test_a_producer_that_is_not_known_may_begin_anywhere(sequence: int) -> None:
    append(new_log(), idempotent(sequence))


def test_a_gap_is_out_of_order() -> None:
    log = new_log()
    append(log, idempotent(0, 3))

    assert refused(log, idempotent(4)).error is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    append(log, idempotent(3))


def test_producers_do_not_disturb_each_other() -> None:
    log = new_log()
    append(log, idempotent(0, producer_id=1))
    append(log, idempotent(0, producer_id=2))
    append(log, batch())
    append(log, idempotent(1, producer_id=1))

    assert append(log, idempotent(0, producer_id=2)).base_offset == 1


def test_a_new_epoch_begins_with_0_and_ends_the_old_one() -> None:
    log = new_log()
    append(log, idempotent(0, epoch=3))

    assert refused(log, idempotent(1, epoch=4)).error is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    append(log, idempotent(0, epoch=4))
    refusal = refused(log, idempotent(1, epoch=3))

    assert (refusal.error, refusal.log_start_offset) == (ErrorCode.INVALID_PRODUCER_EPOCH, 0)
    assert refused(log, idempotent(0, epoch=-1)).error is ErrorCode.INVALID_PRODUCER_EPOCH


def test_a_repeat_from_an_older_epoch_is_fenced() -> None:
    log = new_log()
    append(log, idempotent(0, epoch=0))
    append(log, idempotent(0, epoch=1))

    assert refused(log, idempotent(0, epoch=0)).error is ErrorCode.INVALID_PRODUCER_EPOCH


def test_sequences_wrap_to_0() -> None:
    log = new_log()
    append(log, idempotent(MAX_SEQUENCE - 1, 2))
    append(log, idempotent(0, 3))

    again = append(log, idempotent(MAX_SEQUENCE - 1, 2))

    assert (again.base_offset, again.last_offset, again.duplicate) == (0, 1, True)


def test_sequences_wrap_inside_a_batch() -> None:
    log = new_log()
    append(log, idempotent(MAX_SEQUENCE - 1, 4))

    assert refused(log, idempotent(3)).error is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    append(log, idempotent(2))
    assert append(log, idempotent(MAX_SEQUENCE - 1, 4)).duplicate


@given(last=st.integers(min_value=0, max_value=MAX_SEQUENCE), delta=st.integers(min_value=0, max_value=2**31 - 1))
def test_the_first_sequence_of_a_batch_follows_from_its_last(last: int, delta: int) -> None:
    first = BatchMetadata(last, 2**40, delta, NOW).first_sequence

    assert 0 <= first <= MAX_SEQUENCE
    assert (first + delta) % 2**31 == last


def test_a_refused_batch_leaves_the_producer_as_it_was() -> None:
    log = new_log(max_message_bytes=200)
    append(log, idempotent(0))
    refused(log, idempotent(1, 50))
    refused(log, idempotent(9))

    append(log, idempotent(1))


def test_an_idle_producer_is_forgotten_so_that_a_repeat_is_appended_again() -> None:
    log = new_log()
    append(log, idempotent(0))
    append(log, idempotent(1))
    day = 24 * 3600 * 1000

    log.remove_expired_producers(NOW + day - 1)
    assert append(log, idempotent(1)).duplicate
    log.remove_expired_producers(NOW + day)
    assert log.active_producers == ()

    again = append(log, idempotent(1))
    assert (again.base_offset, again.duplicate) == (2, False)
    assert refused(log, idempotent(9)).error is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER


def test_a_producer_is_idle_since_the_timestamp_of_its_last_batch() -> None:
    log = new_log()
    append(log, idempotent(0, [NewRecord(b"k", b"v", (), NOW - 24 * 3600 * 1000)]), NOW)  # type: ignore[arg-type]

    log.remove_expired_producers(NOW)

    assert log.active_producers == ()


@pytest.mark.parametrize("clean", [True, False])
def test_after_a_restart_only_the_last_batch_of_a_producer_is_known(clean: bool) -> None:
    storage = MemoryStorage()
    log = new_log(storage=storage)
    for sequence in range(7):
        append(log, idempotent(sequence))
    stop = StopState()
    if clean:
        log.close()
        stop = StopState(clean=True, recovery_point=log.recovery_point)

    log = new_log(storage=storage, stop=stop)

    assert log.log_end_offset == 7
    assert append(log, idempotent(6)).base_offset == 6
    for sequence in (5, 4, 3, 2):
        assert refused(log, idempotent(sequence)).error is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    append(log, idempotent(7))
    assert append(log, idempotent(6)).duplicate
    assert append(log, idempotent(7)).duplicate


def test_the_window_and_the_rules_can_be_replaced() -> None:
    class ShortMemory(ProducerStateManager):
        batches_to_retain = 2

    class NoOrder(ProducerAppendInfo):
        def is_in_sequence(self, last_sequence: int, first_sequence: int) -> bool:
            return True

    log = new_log(parts=LogParts(producer_state=ShortMemory, producer_append=NoOrder))
    for sequence in (0, 1, 2, 9):
        append(log, idempotent(sequence))

    assert append(log, idempotent(2)).duplicate
    assert not append(log, idempotent(1)).duplicate
    assert offsets(log) == [0, 1, 2, 3, 4]


SENDS = st.lists(
    st.tuples(
        st.integers(min_value=0, max_value=1),  # producer
        st.integers(min_value=-8, max_value=2),  # distance from the expected sequence
        st.integers(min_value=1, max_value=3),  # records
        st.sampled_from([0, 0, 0, 0, 1]),  # epoch steps
    ),
    max_size=40,
)


@given(sends=SENDS, start=st.sampled_from([0, MAX_SEQUENCE - 3]))
def test_a_log_takes_each_sequence_once_and_in_order(sends: list[tuple[int, int, int, int]], start: int) -> None:
    """Against a model that keeps all batches of each epoch: the last five are repeats, the next one follows."""
    log = new_log()
    batches: dict[int, list[tuple[int, int, int]]] = {}
    epochs: dict[int, int] = {}
    for producer_id, distance, count, step in sends:
        known = batches.setdefault(producer_id, [])
        epoch = epochs.get(producer_id, 0) + step
        following = 0 if step else start
        if known and not step:
            following = (known[-1][0] + known[-1][1]) % 2**31
        sequence = (following + distance) % 2**31
        answer = log.append_as_leader(idempotent(sequence, count, producer_id=producer_id, epoch=epoch), 0, NOW)
        repeats = [offset for first, size, offset in known[-5:] if (first, size) == (sequence, count) and not step]
        if repeats:
            assert isinstance(answer, AppendInfo)
            assert (answer.base_offset, answer.duplicate) == (repeats[0], True)
        elif (not known and not (step and producer_id in epochs)) or sequence == following:
            assert isinstance(answer, AppendInfo)
            assert not answer.duplicate
            if step:
                known.clear()
            epochs[producer_id] = epoch
            known.append((sequence, count, answer.base_offset))
        else:
            assert isinstance(answer, Refusal)
            assert answer.error is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
