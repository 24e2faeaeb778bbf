"""What a transactional producer sends in either protocol, what it waits out, and what it takes from answers."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from kafka_conformance.harness.subject.answers import Produced
from kafka_conformance.harness.subject.transaction import TransactionalProducer
from kafka_conformance.harness.subject.transaction_requests import (
    TransactionProtocol,
    add_partitions_request,
    added_in,
    markers_in,
    offsets_in,
    txn_offset_commit_request,
    write_markers_request,
)
from kafka_conformance.harness.violation import ConformanceViolation, NotApplicable
from kafka_conformance.protocol.api_keys import ApiKey, accepted_versions
from kafka_conformance.protocol.codec import decode_message, encode_message
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.layout import Message, VersionRange
from kafka_conformance.protocol.messages.add_offsets_to_txn import AddOffsetsToTxnRequest, AddOffsetsToTxnResponse
from kafka_conformance.protocol.messages.add_partitions_to_txn import (
    AddPartitionsToTxnPartitionResult,
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnResponse,
    AddPartitionsToTxnResult,
    AddPartitionsToTxnTopicResult,
)
from kafka_conformance.protocol.messages.end_txn import EndTxnRequest, EndTxnResponse
from kafka_conformance.protocol.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from kafka_conformance.protocol.messages.produce import PartitionProduceResponse
from kafka_conformance.protocol.messages.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitResponse,
    TxnOffsetCommitResponsePartition,
    TxnOffsetCommitResponseTopic,
)
from kafka_conformance.protocol.messages.write_txn_markers import (
    WritableTxnMarkerPartitionResult,
    WritableTxnMarkerResult,
    WritableTxnMarkerTopicResult,
    WriteTxnMarkersResponse,
)
from kafka_conformance.protocol.records.batch import read_batch_header

V1, V2 = TransactionProtocol.V1, TransactionProtocol.V2
BUSY = int(ErrorCode.CONCURRENT_TRANSACTIONS)
TOPIC_ID = bytes(15) + b"1"


class ScriptedCluster:
    """Answers each request with the next error of its kind (none: no error), and keeps what was asked."""

    def __init__(self, errors: dict[type[Message], list[int]] | None = None) -> None:
        self.versions = {int(key): value for key, value in accepted_versions().items()}
        self.errors = errors or {}
        self.produce_errors: list[int] = []
        self.asked: list[tuple[Any, int | None]] = []
        self.next_epoch = 0

    def coordinator(self, key: str, *, transactional: bool = False) -> int:
        """There is one node."""
        assert transactional
        return 1

    def settled(self, look: Callable[[], Any], *, step: str, what: str) -> Any:
        """Looks at most nine times."""
        return next(found for found in (look() for _ in range(9)) if found is not None)

    def clean_up(self, step: Callable[[], None]) -> None:
        """Does it."""
        step()

    def send(self, message: Any, version: int | None = None, *, node: int | None = None) -> Any:
        """The answer of a coordinator that grants everything but what the script refuses."""
        self.asked.append((message, version))
        left = self.errors.get(type(message), [])
        error = left.pop(0) if left else 0
        match message:
            case InitProducerIdRequest():
                return InitProducerIdResponse(error_code=error, producer_id=7, producer_epoch=self.next_epoch)
            case EndTxnRequest():
                return EndTxnResponse(error_code=error, producer_id=7, producer_epoch=message.producer_epoch + 1)
            case AddPartitionsToTxnRequest():
                return added(error, message)
            case AddOffsetsToTxnRequest():
                return AddOffsetsToTxnResponse(error_code=error)
            case TxnOffsetCommitRequest():
                return offsets_taken(error)
        raise AssertionError(message)

    def of(self, kind: type[Message]) -> list[Any]:
        """The requests of one kind."""
        return [message for message, _ in self.asked if isinstance(message, kind)]


def added(error: int, request: AddPartitionsToTxnRequest) -> AddPartitionsToTxnResponse:
    """The answer for each partition, in the old form."""
    topics = [
        AddPartitionsToTxnTopicResult(
            name=topic.name,
            results_by_partition=[
                AddPartitionsToTxnPartitionResult(partition_index=index, partition_error_code=error)
                for index in topic.partitions
            ],
        )
        for topic in request.v3_and_below_topics
    ]
    return AddPartitionsToTxnResponse(results_by_topic_v3_and_below=topics)


def offsets_taken(error: int) -> TxnOffsetCommitResponse:
    """The answer for partition 0."""
    partitions = [TxnOffsetCommitResponsePartition(partition_index=0, error_code=error)]
    return TxnOffsetCommitResponse(topics=[TxnOffsetCommitResponseTopic(name="t", partitions=partitions)])


class ScriptedTopic:
    """Takes every batch but those that the cluster's script refuses."""

    name, id = "t", TOPIC_ID

    def __init__(self, cluster: ScriptedCluster) -> None:
        self.cluster = cluster
        self.batches: list[tuple[bytes, dict[str, Any]]] = []

    def produce_batch(self, batch: bytes, **how: Any) -> Produced:
        """The answer to one batch."""
        self.batches.append((batch, how))
        error = self.cluster.produce_errors.pop(0) if self.cluster.produce_errors else 0
        return Produced(PartitionProduceResponse(error_code=error, base_offset=0 if error == 0 else -1), batch)


def producer_of(
    protocol: TransactionProtocol | None, errors: dict[type[Message], list[int]] | None = None
) -> tuple[Any, ScriptedCluster, Any]:
    """A producer, its cluster and a topic."""
    cluster = ScriptedCluster(errors)
    producer: Any = TransactionalProducer(cluster, "tid", protocol=protocol)  # type: ignore[arg-type]
    return producer, cluster, ScriptedTopic(cluster)


def test_a_client_speaks_the_second_protocol_where_end_txn_has_it() -> None:
    assert TransactionProtocol.newest({26: VersionRange(0, 5)}) is V2
    assert TransactionProtocol.newest({26: VersionRange(0, 4)}) is V1
    assert TransactionProtocol.newest({}) is V1


def test_each_protocol_has_its_versions_of_produce() -> None:
    offered = {0: VersionRange(0, 13)}
    assert [V1.version(ApiKey.PRODUCE, offered), V2.version(ApiKey.PRODUCE, offered)] == [11, 13]
    assert V1.version(ApiKey.PRODUCE, {0: VersionRange(3, 9)}) == 9


@pytest.mark.parametrize(
    ("protocol", "offered"),
    [(V2, {0: VersionRange(0, 11)}), (V1, {0: VersionRange(12, 13)}), (V1, {0: VersionRange(0, 2)}), (V2, {})],
)
def test_a_protocol_that_the_target_does_not_offer_is_not_applicable(
    protocol: TransactionProtocol, offered: dict[int, VersionRange]
) -> None:
    with pytest.raises(NotApplicable, match=f"PRODUCE of transaction protocol {protocol.value}"):
        protocol.version(ApiKey.PRODUCE, offered)


@pytest.mark.parametrize("version", [3, 4])
def test_partitions_are_added_in_the_form_of_each_version(version: int) -> None:
    request = add_partitions_request("tid", 7, 1, {"t": [0, 2]})
    sent, _ = decode_message(
        AddPartitionsToTxnRequest, version, b"".join(bytes(part) for part in encode_message(request, version))
    )
    topics = sent.v3_and_below_topics if version == 3 else sent.transactions[0].topics
    assert [(topic.name, list(topic.partitions)) for topic in topics] == [("t", [0, 2])]


def test_the_errors_of_added_partitions_are_read_in_both_forms() -> None:
    old = added(3, add_partitions_request("tid", 7, 1, {"t": [0, 2]}))
    new = AddPartitionsToTxnResponse(
        results_by_transaction=[AddPartitionsToTxnResult(topic_results=old.results_by_topic_v3_and_below)]
    )
    assert added_in(old) == added_in(new) == dict.fromkeys([("t", 0), ("t", 2)], ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)


def test_offsets_and_markers_are_asked_for_and_read_by_partition() -> None:
    topic: Any = SimpleNamespace(name="t", id=TOPIC_ID)
    commit = txn_offset_commit_request("tid", 7, 1, "g", topic, {0: 5}, generation_id=2, member_id="m")
    assert (commit.generation_id_or_member_epoch, commit.topics[0].partitions[0].committed_offset) == (2, 5)
    assert offsets_in(offsets_taken(22)) == {0: ErrorCode.ILLEGAL_GENERATION}

    marker = write_markers_request(7, 1, {"t": [0]}, committed=True, coordinator_epoch=3).markers[0]
    assert (marker.transaction_result, marker.coordinator_epoch, marker.topics[0].partition_indexes) == (True, 3, [0])
    partitions = [WritableTxnMarkerPartitionResult(partition_index=0, error_code=52)]
    result = WritableTxnMarkerResult(topics=[WritableTxnMarkerTopicResult(name="t", partitions=partitions)])
    assert markers_in(WriteTxnMarkersResponse(markers=[result])) == {("t", 0): ErrorCode.TRANSACTION_COORDINATOR_FENCED}


def test_the_first_protocol_adds_each_partition_once_and_keeps_its_epoch() -> None:
    producer, cluster, topic = producer_of(V1)
    transaction = producer.begin()
    transaction.send(topic, [b"a"])
    transaction.send(topic, [b"b", b"c"])
    transaction.commit()

    assert len(cluster.of(AddPartitionsToTxnRequest)) == 1
    headers = [read_batch_header(batch) for batch, _ in topic.batches]
    assert [(header.is_transactional, header.base_sequence) for header in headers] == [(True, 0), (True, 1)]
    assert {how["version"] for _, how in topic.batches} == {11}
    assert (producer.epoch, producer.next_sequence(topic)) == (0, 3)


def test_the_second_protocol_adds_nothing_and_goes_on_in_the_epoch_that_it_is_given() -> None:
    producer, cluster, topic = producer_of(V2)
    transaction = producer.begin()
    transaction.send(topic, [b"a"])
    transaction.commit()

    assert cluster.of(AddPartitionsToTxnRequest) == []
    assert topic.batches[0][1]["version"] == 13
    assert (producer.epoch, producer.next_sequence(topic)) == (1, 0)
    assert [request.producer_epoch for request in cluster.of(EndTxnRequest)] == [0, 0]


def test_an_end_is_sent_again_until_it_is_taken_and_then_until_it_is_complete() -> None:
    producer, cluster, topic = producer_of(V2, {EndTxnRequest: [BUSY, 0, BUSY, BUSY, 0]})
    transaction = producer.begin()
    transaction.send(topic, [b"a"])
    transaction.abort()

    assert [request.committed for request in cluster.of(EndTxnRequest)] == [False] * 5


def test_an_end_that_is_refused_is_a_violation() -> None:
    producer, _, topic = producer_of(V1, {EndTxnRequest: [int(ErrorCode.PRODUCER_FENCED)]})
    transaction = producer.begin()
    transaction.send(topic, [b"a"])
    with pytest.raises(ConformanceViolation, match="ending a transaction"):
        transaction.commit()


def test_an_end_that_is_forgotten_is_a_violation() -> None:
    producer, _, topic = producer_of(V1, {EndTxnRequest: [0, int(ErrorCode.INVALID_TXN_STATE)]})
    transaction = producer.begin()
    transaction.send(topic, [b"a"])
    with pytest.raises(ConformanceViolation, match="repeating the end"):
        transaction.commit()


def test_batches_are_sent_again_while_the_transaction_before_is_being_completed() -> None:
    producer, cluster, topic = producer_of(V2)
    cluster.produce_errors = [BUSY, int(ErrorCode.NOT_ENOUGH_REPLICAS), 0, int(ErrorCode.INVALID_PRODUCER_EPOCH)]
    transaction = producer.begin()

    assert transaction.send(topic, [b"a"]).error is ErrorCode.NONE
    assert transaction.send(topic, [b"b"]).error is ErrorCode.INVALID_PRODUCER_EPOCH
    assert [read_batch_header(batch).base_sequence for batch, _ in topic.batches] == [0, 0, 0, 1]
    assert producer.next_sequence(topic) == 1


def test_partitions_are_added_again_while_the_transaction_before_is_being_completed() -> None:
    producer, cluster, topic = producer_of(V1, {AddPartitionsToTxnRequest: [BUSY, BUSY, 0]})
    producer.begin().add(topic, 0, 1)
    assert len(cluster.of(AddPartitionsToTxnRequest)) == 3


def test_partitions_that_are_refused_are_a_violation() -> None:
    producer, _, topic = producer_of(V1, {AddPartitionsToTxnRequest: [int(ErrorCode.PRODUCER_FENCED)]})
    with pytest.raises(ConformanceViolation, match="PRODUCER_FENCED"):
        producer.begin().send(topic, [b"a"])


@pytest.mark.parametrize(("protocol", "groups_added", "version"), [(V1, 1, 4), (V2, 0, 5)])
def test_a_group_is_added_once_where_the_protocol_wants_that(
    protocol: TransactionProtocol, groups_added: int, version: int
) -> None:
    producer, cluster, topic = producer_of(protocol, {TxnOffsetCommitRequest: [BUSY, 0]})
    group = SimpleNamespace(name="g", connection=lambda: cluster)
    transaction = producer.begin()

    assert transaction.send_offsets(group, topic, {0: 5}) == {0: ErrorCode.NONE}
    assert transaction.send_offsets(group, topic, {0: 6}) == {0: ErrorCode.NONE}
    assert len(cluster.of(AddOffsetsToTxnRequest)) == groups_added
    assert [sent for message, sent in cluster.asked if isinstance(message, TxnOffsetCommitRequest)] == [version] * 3


def test_what_is_open_at_the_end_is_aborted_and_nothing_else() -> None:
    producer, cluster, topic = producer_of(V1)
    with producer:
        transaction = producer.begin()
        transaction.send(topic, [b"a"])
        transaction.commit()
        producer.begin()
    assert [request.committed for request in cluster.of(EndTxnRequest)] == [True, True]
    with producer:
        producer.begin().send(topic, [b"b"])
    assert [request.committed for request in cluster.of(EndTxnRequest)] == [True, True, False]


def test_another_epoch_begins_every_sequence_again() -> None:
    producer, cluster, topic = producer_of(V1)
    producer.begin().send(topic, [b"a"])
    cluster.next_epoch = 1
    producer.init(recover=True)

    asked = cluster.of(InitProducerIdRequest)[-1]
    assert (asked.producer_id, asked.producer_epoch) == (7, 0)
    assert (producer.epoch, producer.next_sequence(topic)) == (1, 0)
