"""Defects of idempotence: what a partition believes of a producer's ids, epochs and sequences."""

from __future__ import annotations

from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from typing_extensions import override

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.init_producer_id import InitProducerIdRequest
from kafka_conformance.protocol.records import BatchHeader
from kafka_conformance.reference_broker.apis.init_producer_id import InitProducerIdRules
from kafka_conformance.reference_broker.cluster.producer_ids import ProducerIds
from kafka_conformance.reference_broker.log.log import Log
from kafka_conformance.reference_broker.log.outcome import AppendInfo, Refusal
from kafka_conformance.reference_broker.log.producer_append import ProducerAppendInfo
from kafka_conformance.reference_broker.log.producer_state import BatchMetadata, ProducerStateEntry
from kafka_conformance.reference_broker.log.producer_state_manager import ProducerStateManager
from kafka_conformance.reference_broker.log.recovery import LoadedOffsets, LogLoader, StopState
from kafka_conformance.reference_broker.log.validator import LogValidator
from kafka_conformance.reference_broker.mutants.registry import mutant
from kafka_conformance.reference_broker.storage import Storage


@mutant("idempotence/ids-come-back", violates="produce/idempotence/producer-ids-are-fresh")
class IdsComeBack(ProducerIds):
    """Every second producer gets the id of the one before it."""

    @override
    def next_id(self) -> int:
        return super().next_id() // 2 * 2


@mutant("idempotence/half-a-producer-taken", violates="produce/idempotence/half-a-producer")
class HalfAProducerTaken(InitProducerIdRules):
    """A producer id without an epoch gets a new producer id."""

    @override
    def check(self, request: InitProducerIdRequest) -> ErrorCode:
        return ErrorCode.NONE if request.transactional_id is None else super().check(request)


@mutant("idempotence/forgets-retries", violates="produce/idempotence/duplicate-sequence")
class ForgetsRetries(ProducerStateManager):
    """A retried batch is not recognised."""

    @override
    def find_duplicate(self, header: BatchHeader) -> BatchMetadata | None:
        return None


@mutant("idempotence/retries-get-the-next-offset", violates="produce/idempotence/duplicate-sequence")
class RetriesGetTheNextOffset(Log):
    """A retried batch is not appended, but acknowledged as if it lay at the end of the log."""

    @override
    def answer_duplicate(self, batch: BatchMetadata) -> AppendInfo:
        return super().answer_duplicate(batch)._replace(base_offset=self.log_end_offset)


@mutant("idempotence/remembers-four", violates="produce/idempotence/duplicate-sequence")
class RemembersFour(ProducerStateManager):
    """Of a producer's batches only the last four are remembered."""

    @override
    def new_entry(self, producer_id: int) -> ProducerStateEntry:
        return ProducerStateEntry(producer_id, batches_to_retain=4)


@mutant("idempotence/remembers-six", violates="produce/idempotence/older-repeat")
class RemembersSix(ProducerStateManager):
    """A producer's last six batches are remembered."""

    @override
    def new_entry(self, producer_id: int) -> ProducerStateEntry:
        return ProducerStateEntry(producer_id, batches_to_retain=6)


@mutant("idempotence/looks-at-the-first-sequence", violates="produce/idempotence/repeat-of-another-length")
class LooksAtTheFirstSequence(ProducerStateManager):
    """A batch that begins like an earlier one is taken for a retry of it."""

    @override
    def find_duplicate(self, header: BatchHeader) -> BatchMetadata | None:
        entry = self.producers.get(header.producer_id)
        if entry is None or entry.producer_epoch != header.producer_epoch:
            return None
        return next((batch for batch in entry.batches if batch.first_sequence == header.base_sequence), None)


@mutant("idempotence/gaps-taken", violates="produce/idempotence/sequence-gap")
class GapsTaken(ProducerAppendInfo):
    """A producer may leave out sequences."""

    @override
    def is_in_sequence(self, last_sequence: int, first_sequence: int) -> bool:
        return first_sequence > last_sequence or super().is_in_sequence(last_sequence, first_sequence)


@mutant("idempotence/does-not-wrap", violates="produce/idempotence/sequence-wraps")
class DoesNotWrap(ProducerAppendInfo):
    """Behind the largest sequence a larger one is expected."""

    @override
    def next_expected_sequence(self, last_sequence: int) -> int:
        return last_sequence + 1


@mutant("idempotence/negative-sequences-taken", violates="produce/idempotence/negative-sequence")
class NegativeSequencesTaken(LogValidator):
    """Sequences may be negative."""

    @override
    def check_base_sequence(self, header: BatchHeader) -> Refusal | None:
        return None


@mutant("idempotence/epochs-begin-anywhere", violates="produce/idempotence/new-epoch-begins-at-zero")
class EpochsBeginAnywhere(ProducerAppendInfo):
    """A new epoch may begin with any sequence."""

    @override
    def check_first_sequence(self, first_sequence: int) -> Refusal | None:
        return None


@mutant("idempotence/ignores-the-epoch-of-a-retry", violates="produce/idempotence/new-epoch-begins-at-zero")
class IgnoresTheEpochOfARetry(ProducerStateManager):
    """The first batch of a new epoch is taken for a retry of that of the old one."""

    @override
    def find_duplicate(self, header: BatchHeader) -> BatchMetadata | None:
        entry = self.producers.get(header.producer_id)
        known = header if entry is None else header._replace(producer_epoch=entry.producer_epoch)
        return super().find_duplicate(known)


@mutant("idempotence/zombies-write", violates="produce/idempotence/old-epoch")
class ZombiesWrite(ProducerAppendInfo):
    """An older epoch may still write."""

    @override
    def check_producer_epoch(self, producer_epoch: int) -> Refusal | None:
        return None


@mutant("idempotence/strangers-begin-at-zero", violates="produce/idempotence/unknown-producer")
class StrangersBeginAtZero(ProducerAppendInfo):
    """A producer that is not known must begin with sequence 0."""

    @override
    def check_first_sequence(self, first_sequence: int) -> Refusal | None:
        if first_sequence == 0:
            return None
        return Refusal(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, f"sequence {first_sequence}, expected 0")


@mutant("idempotence/one-count-for-all-partitions", violates="produce/idempotence/counts-by-partition")
class OneCountForAllPartitions(ProducerStateManager):
    """The partitions of a broker count a producer's sequences together."""

    _together: ClassVar[WeakKeyDictionary[Storage, dict[int, ProducerStateEntry]]] = WeakKeyDictionary()

    @override
    def __init__(self, storage: Storage, directory: str, **options: Any) -> None:
        super().__init__(storage, directory, **options)
        together = self._together.setdefault(storage, {})
        judge: Any = self._append_info
        self._append_info = lambda current, *more: judge(together.setdefault(current.producer_id, current), *more)  # type: ignore[assignment]


@mutant("idempotence/any-producers-sequence", violates="produce/idempotence/counts-by-producer")
class AnyProducersSequence(ProducerStateManager):
    """A batch is taken for a retry if any producer has sent its sequences."""

    @override
    def find_duplicate(self, header: BatchHeader) -> BatchMetadata | None:
        for producer_id in self.producers:
            found = super().find_duplicate(header._replace(producer_id=producer_id))
            if found is not None:
                return found
        return None


@mutant("idempotence/forgets-with-the-records", violates="produce/idempotence/outlives-deleted-records")
class ForgetsWithTheRecords(ProducerStateManager):
    """Producers whose last records were deleted are forgotten."""

    @override
    def on_log_start_offset_incremented(self, log_start_offset: int) -> None:
        super().on_log_start_offset_incremented(log_start_offset)
        for producer_id, entry in list(self.producers.items()):
            if entry.last_offset < log_start_offset:
                del self.producers[producer_id]


@mutant("idempotence/forgets-at-restart", violates="produce/idempotence/outlives-a-restart")
class ForgetsAtRestart(LogLoader):
    """A broker that comes back knows no producer."""

    @override
    def load(self, stop: StopState, now_ms: int) -> LoadedOffsets:
        loaded = super().load(stop, now_ms)
        self._producer_state.producers.clear()
        return loaded
