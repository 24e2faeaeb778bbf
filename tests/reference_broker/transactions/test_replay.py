"""Whatever happens to transactional ids, a coordinator that takes over finds in the log what the last one knew."""

from __future__ import annotations

from itertools import count

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.transactions.decision import (
    AddRequest,
    Decision,
    EndRequest,
    InitRequest,
    Producer,
    ProducerAnswer,
)
from kafka_conformance.reference_broker.transactions.metadata import NO_PRODUCER_EPOCH, TransactionMetadata
from kafka_conformance.reference_broker.transactions.parts import TransactionParts
from kafka_conformance.reference_broker.transactions.records import TransactionRecord, decode_record, encode_record
from kafka_conformance.reference_broker.transactions.settings import TransactionSettings
from kafka_conformance.reference_broker.transactions.shard import TransactionShard
from kafka_conformance.reference_broker.transactions.states import TransactionState

SETTINGS = TransactionSettings(transactional_id_expiration_ms=5_000, transaction_state_log_num_partitions=1)
NAMES = st.sampled_from("xy")
EPOCHS = st.sampled_from([0, 0, 0, 0, -1, 1])
"""How far the epoch that a request names is from the current one."""
VERSIONS = st.sampled_from([0, 2])
PARTITIONS = st.frozensets(st.tuples(st.sampled_from("tu"), st.integers(0, 1)), min_size=1, max_size=3)

State = TransactionState
BEFORE = {
    State.EMPTY: {State.EMPTY, State.COMPLETE_COMMIT, State.COMPLETE_ABORT},
    State.ONGOING: {State.ONGOING, State.EMPTY, State.COMPLETE_COMMIT, State.COMPLETE_ABORT},
    State.PREPARE_COMMIT: {State.ONGOING},
    State.PREPARE_ABORT: {State.ONGOING, State.EMPTY, State.COMPLETE_COMMIT, State.COMPLETE_ABORT},
    State.COMPLETE_COMMIT: {State.PREPARE_COMMIT},
    State.COMPLETE_ABORT: {State.PREPARE_ABORT},
}
"""TransactionState.VALID_PREVIOUS_STATES of Apache Kafka."""


class TransactionalIds(RuleBasedStateMachine):
    """Two transactional ids under random requests, on a log that replicates when a rule says so."""

    def __init__(self) -> None:
        super().__init__()
        producer_ids = count(100)
        self.shard = TransactionShard(TransactionParts(), SETTINGS, lambda: next(producer_ids))
        self.log: list[TransactionRecord] = []
        self.unreplicated: list[TransactionRecord] = []
        self.owners: dict[int, str] = {}
        self.now_ms = 1_000

    def carry_out(self, decision: Decision) -> None:
        self.unreplicated += decision.records

    def producer(self, name: str, distance: int) -> Producer:
        transaction = self.shard.transactions.get(name)
        if transaction is None:
            return Producer(1, 0)
        return Producer(transaction.metadata.producer_id, transaction.metadata.producer_epoch + distance)

    @rule(name=NAMES, distance=st.none() | EPOCHS)
    def init(self, name: str, distance: int | None) -> None:
        expected = None if distance is None else self.producer(name, distance)
        self.carry_out(self.shard.init_producer_id(InitRequest(name, 3_000, expected), self.now_ms))

    @rule(name=NAMES, distance=EPOCHS, partitions=PARTITIONS, version=VERSIONS)
    def add(self, name: str, distance: int, partitions: frozenset[tuple[str, int]], version: int) -> None:
        request = AddRequest(name, self.producer(name, distance), partitions, version)
        self.carry_out(self.shard.add_partitions(request, self.now_ms))

    @rule(name=NAMES, distance=EPOCHS, commit=st.booleans(), version=VERSIONS)
    def end(self, name: str, distance: int, commit: bool, version: int) -> None:
        decision = self.shard.end(EndRequest(name, self.producer(name, distance), commit, version), self.now_ms)
        assert isinstance(decision.reply, ProducerAnswer)
        self.carry_out(decision)

    @rule(name=NAMES)
    def all_markers_are_written(self, name: str) -> None:
        transaction = self.shard.transactions.get(name)
        if transaction is not None and transaction.metadata.state.is_prepared and not transaction.in_flight:
            self.shard.marked(name, transaction.metadata.partitions)
            self.carry_out(self.shard.complete(name, self.now_ms))

    @rule(name=NAMES)
    def epochs_are_used_up(self, name: str) -> None:
        """As if the producer had been initialised thirty thousand times."""
        transaction = self.shard.transactions.get(name)
        if transaction is not None and not transaction.is_pending and transaction.metadata.producer_epoch >= 0:
            exhausted = transaction.metadata._replace(producer_epoch=2**15 - 2)
            self.shard.apply(TransactionRecord(name, exhausted))
            self.log.append(TransactionRecord(name, exhausted))

    @rule(passed_ms=st.sampled_from([1, 2_000, 10_000]))
    def time_passes(self, passed_ms: int) -> None:
        self.now_ms += passed_ms
        for decision in list(self.shard.abort_timed_out(self.now_ms)):
            self.carry_out(decision)
        self.carry_out(self.shard.remove_expired(self.now_ms))

    @rule()
    def replicated(self) -> None:
        for record in self.unreplicated:
            self.check_step(record)
            self.shard.apply(record)
            self.log.append(record)
        self.unreplicated = []

    @rule()
    def refused(self) -> None:
        self.shard.refused(self.unreplicated)
        self.unreplicated = []

    def check_step(self, record: TransactionRecord) -> None:
        new = record.metadata
        if new is None:
            return
        old = self.shard.transactions[record.transactional_id].metadata
        assert old.state in BEFORE[new.state]
        assert new.producer_id != old.producer_id or new.producer_epoch >= old.producer_epoch
        assert new.producer_id == old.producer_id or new.producer_epoch == 0
        assert self.owners.setdefault(new.producer_id, record.transactional_id) == record.transactional_id
        if new.state.is_prepared:
            assert new.partitions == old.partitions

    @invariant()
    def what_survives_is_in_the_log(self) -> None:
        replayed = TransactionShard(TransactionParts(), SETTINGS, lambda: -1)
        for record in self.log:
            found = decode_record(*encode_record(record))
            assert found is not None
            replayed.apply(found)
        assert durable(self.shard) == durable(replayed)

    @invariant()
    def each_id_has_one_change_under_way(self) -> None:
        names = [record.transactional_id for record in self.unreplicated]
        assert len(set(names)) == len(names)
        for name in names:
            assert self.shard.transactions[name].is_pending


def durable(shard: TransactionShard) -> dict[str, TransactionMetadata]:
    """What is known of ids that have been given to somebody, but for the one field that Kafka does not write."""
    return {
        name: transaction.metadata._replace(last_producer_epoch=NO_PRODUCER_EPOCH)
        for name, transaction in shard.transactions.items()
        if transaction.metadata.producer_epoch != NO_PRODUCER_EPOCH
    }


TestTransactionalIds = TransactionalIds.TestCase


def test_a_coordinator_that_takes_over_does_not_know_a_repeated_init() -> None:
    """Kafka does not write the last epoch (TransactionLog.read): who repeats it then is fenced."""
    shard = TransactionShard(TransactionParts(), SETTINGS, lambda: 7)
    shard.apply(shard.init_producer_id(InitRequest("x", 1_000), 0).records[0])
    recovered = InitRequest("x", 1_000, Producer(7, 0))
    record = shard.init_producer_id(recovered, 1).records[0]
    shard.apply(record)
    taking_over = TransactionShard(TransactionParts(), SETTINGS, lambda: 8)
    replayed = decode_record(*encode_record(record))
    assert replayed is not None
    taking_over.apply(replayed)

    assert shard.init_producer_id(recovered, 2).reply == ProducerAnswer(ErrorCode.NONE, Producer(7, 1))
    assert taking_over.init_producer_id(recovered, 2).reply == ProducerAnswer(ErrorCode.PRODUCER_FENCED)
