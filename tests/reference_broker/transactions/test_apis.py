"""Transactions on the wire, as observed on Apache Kafka 4.3.1."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.add_partitions_to_txn import (
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnTopic,
    AddPartitionsToTxnTransaction,
)
from kafka_conformance.protocol.messages.describe_producers import DescribeProducersRequest, TopicRequest
from kafka_conformance.protocol.messages.list_transactions import ListTransactionsRequest
from kafka_conformance.protocol.messages.write_txn_markers import (
    WritableTxnMarker,
    WritableTxnMarkerTopic,
    WriteTxnMarkersRequest,
)
from tests.reference_broker.transactions.support import Producer, committed_offset, describe, log, read, until
from tests.reference_broker.wire import RunningCluster, Wire, batch, produce


@pytest.fixture
def producer(running: RunningCluster, wire: Wire) -> Producer:
    made = Producer(wire, f"id.{uuid4().hex[:8]}")
    made.find()
    made.init()
    return made


@pytest.fixture
def topic(running: RunningCluster) -> str:
    return running.topic(partitions=3)


@pytest.fixture
def group() -> str:
    return f"group.{uuid4().hex[:8]}"


@pytest.fixture
def young() -> Iterator[RunningCluster]:
    """A cluster without __transaction_state."""
    with RunningCluster() as running:
        yield running


def test_before_there_is_a_coordinator_transactional_records_cannot_be_verified(young: RunningCluster) -> None:
    topic = young.topic()
    records = batch(b"v", transactional=True, producer_id=999, producer_epoch=0, base_sequence=0)
    with young.wire() as wire:
        answer = produce(wire, topic, records, transactional_id="t")

    assert answer.error_code == ErrorCode.NOT_ENOUGH_REPLICAS
    assert answer.error_message == (
        "Unable to verify the partition has been added to the transaction. Underlying error: COORDINATOR_NOT_AVAILABLE"
    )


def test_committed_records_are_seen_and_aborted_ones_are_not(producer: Producer, topic: str) -> None:
    for value, commit in ((b"a", True), (b"b", False), (b"c", True)):
        assert producer.produce(topic, value).error_code == 0
        assert producer.end(commit).error_code == 0
    producer.settled()

    assert read(producer.wire, topic) == [b"a", b"c"]
    assert read(producer.wire, topic, committed=False) == [b"a", b"b", b"c"]


@pytest.mark.parametrize(("version", "grows"), [(4, 0), (5, 1)])
def test_a_marker_is_a_control_batch_of_one_record(producer: Producer, topic: str, version: int, grows: int) -> None:
    first = producer.epoch
    producer.add((topic, 0))
    producer.produce(topic, b"v", b"w", version=11)
    producer.end(True, version=version)
    producer.settled()

    headers = [
        (h.attributes, h.base_sequence, h.producer_epoch - first, h.record_count) for h in log(producer.wire, topic)
    ]
    assert headers == [(0x10, 0, 0, 2), (0x30, -1, grows, 1)]


class TestEnding:
    """The answers of EndTxn where nothing is under way."""

    @pytest.mark.parametrize("version", range(5))
    def test_nothing_to_end_in_the_first_protocol(self, producer: Producer, version: int) -> None:
        for commit in (True, False):
            answer = producer.end_once(commit, version=version)
            assert (answer.error_code, answer.producer_id) == (ErrorCode.INVALID_TXN_STATE, -1)

    def test_nothing_to_abort_in_the_second_protocol_gives_the_next_epoch(self, producer: Producer, topic: str) -> None:
        assert producer.end_once(True).error_code == ErrorCode.INVALID_TXN_STATE
        first = producer.epoch

        assert producer.end(False).producer_epoch == first + 1
        producer.settled()
        assert producer.end(False).producer_epoch == first + 2
        assert producer.settled().transaction_state == "CompleteAbort"
        assert log(producer.wire, topic) == []

    @pytest.mark.parametrize("decision", [True, False])
    def test_retries_of_the_second_protocol(self, producer: Producer, topic: str, decision: bool) -> None:
        old = {"producer_id": producer.producer_id, "producer_epoch": producer.epoch}
        producer.produce(topic, b"v")
        producer.end(decision)
        producer.settled()

        again = producer.end_once(decision, **old)
        assert (again.error_code, again.producer_epoch) == (0, producer.epoch)
        assert producer.end_once(not decision, **old).error_code == ErrorCode.INVALID_TXN_STATE
        assert producer.end_once(True).error_code == ErrorCode.INVALID_TXN_STATE
        ahead = producer.end_once(True, producer_epoch=producer.epoch + 1)
        assert ahead.error_code == ErrorCode.PRODUCER_FENCED

    @pytest.mark.parametrize("decision", [True, False])
    def test_retries_of_the_first_protocol(self, producer: Producer, topic: str, decision: bool) -> None:
        producer.add((topic, 0))
        producer.end(decision, version=4)
        producer.settled()

        assert producer.end_once(decision, version=4).error_code == 0
        assert producer.end_once(not decision, version=4).error_code == ErrorCode.INVALID_TXN_STATE

    @pytest.mark.parametrize("version", range(6))
    def test_whose_transaction_it_is(self, producer: Producer, version: int) -> None:
        fenced = ErrorCode.INVALID_PRODUCER_EPOCH if version < 2 else ErrorCode.PRODUCER_FENCED
        for distance in (-1, 1):
            answer = producer.end_once(True, version=version, producer_epoch=producer.epoch + distance)
            assert answer.error_code == fenced
        wrong = producer.end_once(True, version=version, producer_id=producer.producer_id + 999)
        assert wrong.error_code == ErrorCode.INVALID_PRODUCER_ID_MAPPING
        unknown = producer.end_once(True, version=version, transactional_id="nobody")
        assert unknown.error_code == ErrorCode.INVALID_PRODUCER_ID_MAPPING
        assert producer.end_once(True, version=version, transactional_id="").error_code == ErrorCode.INVALID_REQUEST


class TestAdding:
    @pytest.mark.parametrize("version", range(4))
    def test_all_partitions_or_none(self, producer: Producer, topic: str, version: int) -> None:
        assert producer.add_once((topic, 0), (topic, 9), version=version) == [
            ErrorCode.OPERATION_NOT_ATTEMPTED,
            ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        ]
        assert producer.described().transaction_state == "Empty"
        assert producer.add_once((topic, 0), (topic, 0), version=version) == [0, 0]
        assert producer.described().transaction_state == "Ongoing"
        fenced = ErrorCode.INVALID_PRODUCER_EPOCH if version < 2 else ErrorCode.PRODUCER_FENCED
        assert producer.add_once((topic, 1), version=version, epoch=producer.epoch + 1) == [fenced]

    def test_no_partitions_are_added_to_nothing(self, producer: Producer) -> None:
        assert producer.add_once() == []

    def verified(
        self, producer: Producer, topic: str, *partitions: int, verify_only: bool = True, **rest: object
    ) -> list[int]:
        transaction = AddPartitionsToTxnTransaction(
            producer_id=producer.producer_id,
            verify_only=verify_only,
            topics=[AddPartitionsToTxnTopic(name=topic, partitions=list(partitions))],
            **{"transactional_id": producer.transactional_id, "producer_epoch": producer.epoch, **rest},
        )
        answer = producer.wire.ask(AddPartitionsToTxnRequest(transactions=[transaction]), 5)
        (result,) = answer.results_by_transaction
        return [each.partition_error_code for each in result.topic_results[0].results_by_partition]

    def test_brokers_ask_before_they_append(self, producer: Producer, topic: str) -> None:
        assert self.verified(producer, topic, 0) == [ErrorCode.TRANSACTION_ABORTABLE]
        assert self.verified(producer, topic, 0, verify_only=False) == [0]
        assert self.verified(producer, topic, 0, 1) == [0, ErrorCode.TRANSACTION_ABORTABLE]
        assert self.verified(producer, topic, 0, transactional_id="nobody") == [ErrorCode.INVALID_PRODUCER_ID_MAPPING]
        assert self.verified(producer, topic, 0, transactional_id="") == [ErrorCode.INVALID_REQUEST]
        assert self.verified(producer, topic, 0, producer_epoch=9) == [ErrorCode.PRODUCER_FENCED]


class TestProducing:
    @pytest.mark.parametrize(
        ("version", "error", "message"),
        [
            (3, ErrorCode.INVALID_TXN_STATE, None),
            (10, ErrorCode.INVALID_TXN_STATE, "Partition was not added to the transaction"),
            (11, ErrorCode.TRANSACTION_ABORTABLE, None),
        ],
    )
    def test_a_partition_that_was_not_added(
        self, producer: Producer, topic: str, version: int, error: ErrorCode, message: str | None
    ) -> None:
        answer = producer.produce_once(topic, b"v", version=version)

        assert (answer.error_code, answer.error_message, answer.log_start_offset) == (error, message, -1)

    @pytest.mark.parametrize(
        ("options", "error"),
        [
            ({"producer_id": 999_999}, ErrorCode.INVALID_PRODUCER_ID_MAPPING),
            ({"transactional_id": "nobody"}, ErrorCode.INVALID_PRODUCER_ID_MAPPING),
            ({"transactional_id": ""}, ErrorCode.INVALID_REQUEST),
            ({"producer_epoch": 7}, ErrorCode.INVALID_PRODUCER_EPOCH),
            ({"partition": 9}, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
            ({"sequence": 3}, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER),
        ],
    )
    def test_what_version_12_refuses(
        self, producer: Producer, topic: str, options: dict[str, object], error: ErrorCode
    ) -> None:
        assert producer.produce_once(topic, b"v", **options).error_code == error

    def test_a_plain_batch_does_not_come_between(self, producer: Producer, topic: str) -> None:
        producer.produce(topic, b"v")

        answer = producer.produce_once(topic, b"w", sequence=1, transactional=False)

        assert answer.error_code == ErrorCode.INVALID_TXN_STATE

    def test_a_late_batch_opens_nothing(self, producer: Producer, topic: str) -> None:
        old = producer.epoch
        producer.produce(topic, b"v")
        producer.end(True)
        producer.settled()

        for partition, sequence in ((0, 1), (1, 0)):
            late = producer.produce_once(topic, b"late", partition=partition, sequence=sequence, producer_epoch=old)
            assert late.error_code == ErrorCode.INVALID_PRODUCER_EPOCH
        assert producer.produce_once(topic, b"w", sequence=1).error_code == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
        assert producer.produce_once(topic, b"w", sequence=0).error_code == 0


class TestFencing:
    def test_a_newcomer_aborts_what_is_open(self, producer: Producer, topic: str) -> None:
        producer.produce(topic, b"v")
        newcomer = Producer(producer.wire, producer.transactional_id)
        first = newcomer.init_once()
        assert (first.error_code, first.producer_id, first.producer_epoch) == (
            ErrorCode.CONCURRENT_TRANSACTIONS,
            -1,
            -1,
        )

        assert newcomer.init().producer_epoch == producer.epoch + 2

        assert producer.produce_once(topic, b"w").error_code == ErrorCode.INVALID_PRODUCER_EPOCH
        assert producer.end_once(True).error_code == ErrorCode.PRODUCER_FENCED
        assert read(producer.wire, topic) == []

    @pytest.mark.parametrize(("version", "fenced"), [(3, 47), (4, 90), (5, 90)])
    def test_who_is_not_the_owner(self, producer: Producer, version: int, fenced: int) -> None:
        for pair in (
            {"producer_id": producer.producer_id, "producer_epoch": producer.epoch + 5},
            {"producer_id": producer.producer_id + 77, "producer_epoch": producer.epoch},
        ):
            answer = producer.init_once(version, **pair)
            assert (answer.error_code, answer.producer_id, answer.producer_epoch) == (fenced, -1, -1)

    @pytest.mark.parametrize("timeout_ms", [0, -1, 900_001])
    def test_timeouts_have_limits(self, producer: Producer, timeout_ms: int) -> None:
        answer = producer.init_once(transaction_timeout_ms=timeout_ms)
        assert answer.error_code == ErrorCode.INVALID_TRANSACTION_TIMEOUT


class TestOffsets:
    def test_they_count_when_the_transaction_is_committed(self, producer: Producer, topic: str, group: str) -> None:
        assert producer.commit_offsets(group, topic, 5) == 0
        assert committed_offset(producer.wire, group, topic) == (0, -1)
        assert committed_offset(producer.wire, group, topic, stable=True) == (ErrorCode.UNSTABLE_OFFSET_COMMIT, -1)
        assert committed_offset(producer.wire, group, topic, partition=1, stable=True) == (0, -1)

        producer.end(True)
        producer.settled()
        assert committed_offset(producer.wire, group, topic, stable=True) == (0, 5)

        assert producer.commit_offsets(group, topic, 9) == 0
        producer.end(False)
        producer.settled()
        assert committed_offset(producer.wire, group, topic, stable=True) == (0, 5)

    def test_the_first_protocol_adds_the_group_first(self, producer: Producer, topic: str, group: str) -> None:
        assert producer.commit_offsets(group, topic, 5, version=3) == ErrorCode.INVALID_TXN_STATE
        assert producer.commit_offsets(group, topic, 5, version=4) == ErrorCode.TRANSACTION_ABORTABLE
        assert producer.add_offsets(group) == 0
        assert producer.commit_offsets(group, topic, 5, version=4) == 0
        producer.end(True, version=4)
        producer.settled()

        assert committed_offset(producer.wire, group, topic) == (0, 5)

    @pytest.mark.parametrize(
        ("options", "error"),
        [
            ({"generation_id_or_member_epoch": 3}, ErrorCode.ILLEGAL_GENERATION),
            ({"member_id": "m"}, ErrorCode.NONE),
            ({"partition": 9}, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
            ({"producer_epoch": 9}, ErrorCode.INVALID_PRODUCER_EPOCH),
            ({"producer_id": 999_999}, ErrorCode.INVALID_PRODUCER_ID_MAPPING),
        ],
    )
    def test_what_is_refused(
        self, producer: Producer, topic: str, group: str, options: dict[str, object], error: ErrorCode
    ) -> None:
        assert producer.commit_offsets(group, topic, 5, **options) == error

    def test_a_group_needs_a_name(self, producer: Producer, topic: str) -> None:
        assert producer.commit_offsets("", topic, 5) == ErrorCode.INVALID_GROUP_ID


class TestMarkersFromOutside:
    def written(self, producer: Producer, topic: str, *partitions: int, **options: object) -> list[int]:
        fields = {"producer_epoch": producer.epoch, "coordinator_epoch": 0, "transaction_result": False, **options}
        topics = [WritableTxnMarkerTopic(name=topic, partition_indexes=list(partitions))]
        marker = WritableTxnMarker(producer_id=producer.producer_id, topics=topics, **fields)  # type: ignore[arg-type]
        (result,) = producer.wire.ask(WriteTxnMarkersRequest(markers=[marker]), 2).markers
        return [each.error_code for each in result.topics[0].partitions]

    def test_they_end_a_transaction_in_their_partitions(self, producer: Producer, topic: str) -> None:
        producer.produce(topic, b"v")
        same_epoch = self.written(producer, topic, 0, transaction_version=2)
        assert same_epoch == [ErrorCode.INVALID_PRODUCER_EPOCH]

        assert self.written(producer, topic, 0, 9, coordinator_epoch=3) == [0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]

        older = self.written(producer, topic, 0, coordinator_epoch=2)
        assert older == [ErrorCode.TRANSACTION_COORDINATOR_FENCED]
        assert producer.described().transaction_state == "Ongoing"
        assert read(producer.wire, topic) == []

    def test_no_markers_no_results(self, wire: Wire) -> None:
        assert wire.ask(WriteTxnMarkersRequest(markers=[]), 2).markers == []


class TestLooking:
    def test_an_open_transaction(self, producer: Producer, topic: str) -> None:
        empty = producer.described()
        assert (empty.transaction_state, empty.transaction_start_time_ms, empty.topics) == ("Empty", -1, [])
        producer.produce(topic, b"v", partition=1)
        producer.produce(topic, b"v")

        found = producer.described()

        assert (found.transaction_state, found.producer_id, found.transaction_timeout_ms) == (
            "Ongoing",
            producer.producer_id,
            60_000,
        )
        assert [(each.topic, each.partitions) for each in found.topics] == [(topic, [0, 1])]
        assert found.transaction_start_time_ms > 0

    def test_what_is_not_there(self, producer: Producer) -> None:
        unknown = describe(producer.wire, "nobody")
        assert (unknown.error_code, unknown.producer_id) == (ErrorCode.TRANSACTIONAL_ID_NOT_FOUND, 0)
        assert describe(producer.wire, "").error_code == ErrorCode.INVALID_REQUEST

    def test_lists_are_filtered(self, producer: Producer, topic: str) -> None:
        def listed(version: int = 2, **filters: object) -> bool:
            answer = producer.wire.ask(ListTransactionsRequest(**filters), version)
            return producer.transactional_id in [each.transactional_id for each in answer.transaction_states]

        assert listed(duration_filter=10**6)  # what was never begun began in 1969
        producer.produce(topic, b"v")
        assert listed(0)
        assert listed(state_filters=["Ongoing", "Nope"])
        assert not listed(state_filters=["Empty"])
        assert not listed(duration_filter=10**6)
        assert until(lambda: listed(duration_filter=0), bool)
        assert listed(transactional_id_pattern=r"id\..*")
        assert not listed(transactional_id_pattern="id")
        assert listed(transactional_id_pattern="")
        assert listed(producer_id_filters=[producer.producer_id, 77])
        assert not listed(producer_id_filters=[77])

    def test_a_list_names_states_that_it_does_not_know(self, wire: Wire, producer: Producer) -> None:
        answer = wire.ask(ListTransactionsRequest(state_filters=["Dead", "Nope", "ongoing"]), 0)
        assert (answer.error_code, answer.unknown_state_filters) == (0, ["Nope", "ongoing"])
        bad = wire.ask(ListTransactionsRequest(transactional_id_pattern="(["), 2)
        assert bad.error_code == ErrorCode.INVALID_REGULAR_EXPRESSION

    def test_producers_of_a_partition(self, producer: Producer, topic: str) -> None:
        def seen() -> tuple[int, int, int, int]:
            request = DescribeProducersRequest(topics=[TopicRequest(name=topic, partition_indexes=[0])])
            (found,) = producer.wire.ask(request, 0).topics[0].partitions[0].active_producers
            assert found.producer_id == producer.producer_id
            return found.producer_epoch, found.last_sequence, found.coordinator_epoch, found.current_txn_start_offset

        first = producer.epoch
        producer.produce(topic, b"v", b"w")
        assert seen() == (first, 1, -1, 0)
        producer.end(True)
        producer.settled()
        assert seen() == (first + 1, -1, 0, -1)

    def test_producers_of_what_does_not_exist(self, wire: Wire, topic: str) -> None:
        wanted = [
            TopicRequest(name=topic, partition_indexes=[9]),
            TopicRequest(name="nix", partition_indexes=[0]),
            TopicRequest(name="a b", partition_indexes=[0]),
        ]
        answer = wire.ask(DescribeProducersRequest(topics=wanted), 0)

        told = [(each.partitions[0].error_code, each.partitions[0].error_message) for each in answer.topics]
        assert told == [
            (ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, None),
            (ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "This server does not host this topic-partition."),
            (
                ErrorCode.INVALID_TOPIC_EXCEPTION,
                (
                    "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, "
                    "'.', '_' and '-'"
                ),
            ),
        ]
