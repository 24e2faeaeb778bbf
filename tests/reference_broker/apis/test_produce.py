"""Produce, as observed on Apache Kafka 4.3.1."""

from __future__ import annotations

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic
from kafka_conformance.protocol.messages.produce import (
    PartitionProduceData,
    PartitionProduceResponse,
    ProduceRequest,
    TopicProduceData,
)
from kafka_conformance.protocol.records import NewRecord, build_batch
from tests.reference_broker.wire import RunningCluster, Wire, batch, fetch_request, produce, produce_request


@pytest.fixture
def topic(running: RunningCluster) -> str:
    return running.topic()


def outline(answer: PartitionProduceResponse) -> tuple[int, int, int]:
    return answer.error_code, answer.base_offset, answer.log_start_offset


def test_batches_get_their_offsets_one_after_the_other(wire: Wire, topic: str) -> None:
    assert outline(produce(wire, topic, batch(b"a", b"b"))) == (0, 0, 0)
    assert outline(produce(wire, topic, batch(b"c"))) == (0, 2, 0)


@pytest.mark.parametrize("acks", [2, 5, -2])
@pytest.mark.parametrize("version", [3, 7, 8, 10])
def test_other_numbers_of_acks_are_refused_and_the_connection_lives(
    wire: Wire, topic: str, acks: int, version: int
) -> None:
    answer = produce(wire, topic, batch(b"v"), acks=acks, version=version)

    assert outline(answer) == (ErrorCode.INVALID_REQUIRED_ACKS, -1, -1)
    assert outline(produce(wire, topic, batch(b"v")))[0] == ErrorCode.NONE


@pytest.mark.parametrize("case", ["unknown topic", "bad CRC"])
def test_an_error_without_acknowledgement_closes_the_connection(wire: Wire, topic: str, case: str) -> None:
    corrupt = bytearray(batch(b"v"))
    corrupt[-1] ^= 1
    name, records = (topic, bytes(corrupt)) if case == "bad CRC" else ("nowhere", batch(b"v"))

    wire.send(produce_request(name, records, acks=0), 9)

    assert wire.is_closed()


@pytest.mark.parametrize(("name", "partition"), [("nowhere", 0), (None, 7), (None, -1), ("", 0)])
def test_what_does_not_exist_cannot_be_written(wire: Wire, topic: str, name: str | None, partition: int) -> None:
    answer = produce(wire, topic if name is None else name, batch(b"v"), partition=partition)

    assert outline(answer) == (ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, -1, -1)
    assert (answer.error_message, answer.record_errors) == (None, [])


@pytest.mark.parametrize("topic_id", [bytes(16), b"unknown, 16 byte"], ids=["zero", "unknown"])
def test_an_unknown_topic_id_cannot_be_written(wire: Wire, topic_id: bytes) -> None:
    data = TopicProduceData(topic_id=topic_id, partition_data=[PartitionProduceData(records=batch(b"v"))])

    answer = wire.ask(ProduceRequest(acks=-1, timeout_ms=1000, topic_data=[data]), 13).responses[0]

    assert answer.topic_id == topic_id
    assert outline(answer.partition_responses[0]) == (ErrorCode.UNKNOWN_TOPIC_ID, -1, -1)


def test_a_topic_is_written_by_its_id(wire: Wire, topic: str) -> None:
    topic_id = wire.ask(MetadataRequest(topics=[MetadataRequestTopic(name=topic)]), 12).topics[0].topic_id
    data = TopicProduceData(topic_id=topic_id, partition_data=[PartitionProduceData(records=batch(b"v"))])

    answer = wire.ask(ProduceRequest(acks=-1, timeout_ms=1000, topic_data=[data]), 13).responses[0]

    assert outline(answer.partition_responses[0]) == (0, 0, 0)


def test_a_wrong_checksum_is_refused_before_the_log(wire: Wire, topic: str) -> None:
    corrupt = bytearray(batch(b"v"))
    corrupt[-1] ^= 1

    assert outline(produce(wire, topic, bytes(corrupt))) == (ErrorCode.CORRUPT_MESSAGE, -1, -1)
    assert outline(produce(wire, topic, batch(b"v"))) == (0, 0, 0)


@pytest.mark.parametrize(
    ("records", "message"),
    [
        (bytes(100), "Record size 0 is less than the minimum record overhead (14)"),
        (batch(b"v")[:16] + b"\3" + batch(b"v")[17:], "Invalid magic found in record: 3"),
    ],
    ids=["zeros", "magic 3"],
)
def test_bytes_that_are_no_batches_are_refused_with_a_message(
    wire: Wire, topic: str, records: bytes, message: str
) -> None:
    answer = produce(wire, topic, records)

    assert outline(answer) == (ErrorCode.CORRUPT_MESSAGE, -1, -1)
    assert answer.error_message == message


@pytest.mark.parametrize(
    "records",
    [None, b"", bytes(10), batch(b"v")[:-1], batch(b"v") * 2, batch(b"v")[:16] + b"\1" + batch(b"v")[17:]],
    ids=["null", "empty", "garbage", "cut", "two batches", "magic 1"],
)
def test_a_record_set_is_exactly_one_whole_batch(wire: Wire, topic: str, records: bytes | None) -> None:
    assert outline(produce(wire, topic, records))[:2] == (ErrorCode.INVALID_RECORD, -1)


def test_one_byte_behind_a_batch_is_ignored_and_twelve_zeros_are_not(wire: Wire, topic: str) -> None:
    assert outline(produce(wire, topic, batch(b"v") + b"x")) == (0, 0, 0)
    assert outline(produce(wire, topic, batch(b"v") + bytes(12)))[0] == ErrorCode.CORRUPT_MESSAGE


def test_the_log_refuses_with_its_start(wire: Wire, topic: str) -> None:
    assert outline(produce(wire, topic, batch(b"v", base_offset=5))) == (ErrorCode.INVALID_RECORD, -1, 0)
    assert outline(produce(wire, topic, batch(b"v", control=True))) == (ErrorCode.INVALID_RECORD, -1, 0)


@pytest.mark.parametrize(
    "options", [{}, {"producer_id": 1, "producer_epoch": 0, "base_sequence": 0}, {"control": True}]
)
def test_transactional_records_need_a_transactional_id(wire: Wire, topic: str, options: dict[str, int]) -> None:
    answer = produce(wire, topic, batch(b"v", transactional=True, **options))

    assert outline(answer) == (ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, -1, -1)
    assert answer.error_message is None


def test_a_transactional_id_does_not_make_records_transactional(wire: Wire, topic: str) -> None:
    assert outline(produce(wire, topic, batch(b"v"), transactional_id="t")) == (0, 0, 0)


def test_one_transactional_batch_refuses_the_whole_request(wire: Wire, running: RunningCluster) -> None:
    topic = running.topic(partitions=2)
    parts = [
        PartitionProduceData(index=0, records=batch(b"v")),
        PartitionProduceData(index=1, records=batch(b"v", transactional=True)),
    ]

    request = ProduceRequest(acks=-1, timeout_ms=9, topic_data=[TopicProduceData(name=topic, partition_data=parts)])
    answers = wire.ask(request, 9).responses[0].partition_responses

    assert [each.error_code for each in answers] == [ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED] * 2


def test_each_partition_has_an_answer_of_its_own(wire: Wire, running: RunningCluster) -> None:
    topic = running.topic(partitions=2)
    parts = [PartitionProduceData(index=index, records=batch(b"v")) for index in (1, 5, 0)]

    request = ProduceRequest(acks=1, timeout_ms=9, topic_data=[TopicProduceData(name=topic, partition_data=parts)])
    answers = wire.ask(request, 9).responses[0].partition_responses

    assert [(each.index, each.error_code) for each in answers] == [(1, 0), (5, 3), (0, 0)]


def test_a_compacted_topic_names_the_records_without_a_key(wire: Wire, running: RunningCluster) -> None:
    topic = running.topic(cleanup_policy="compact")
    records = build_batch([NewRecord(b"k", b"1", timestamp=1), NewRecord(None, b"2", timestamp=1)])

    answer = produce(wire, topic, bytes(records))

    assert outline(answer) == (ErrorCode.INVALID_RECORD, -1, 0)
    assert [each.batch_index for each in answer.record_errors] == [1]
    text = f"Compacted topic cannot accept message without key in topic partition {topic}-0."
    assert answer.record_errors[0].batch_index_error_message.startswith(text[:-1])


def test_log_append_time_is_told(wire: Wire, running: RunningCluster) -> None:
    topic = running.topic(message_timestamp_type="LogAppendTime")

    answer = produce(wire, topic, batch(b"v"))

    assert answer.error_code == ErrorCode.NONE
    assert answer.log_append_time_ms > 1_700_000_000_000


def test_zstd_needs_version_7(wire: Wire, topic: str) -> None:
    from kafka_conformance.protocol.records import Compression

    records = batch(b"v", compression=Compression.ZSTD)

    assert produce(wire, topic, records, version=6).error_code == ErrorCode.UNSUPPORTED_COMPRESSION_TYPE
    assert produce(wire, topic, records, version=7).error_code == ErrorCode.NONE


@pytest.mark.parametrize("client_id", ["wire", "__admin_client"])
def test_clients_do_not_write_internal_topics(running: RunningCluster, client_id: str) -> None:
    from tests.reference_broker.apis.test_groups import find_coordinator

    with running.wire(client_id=client_id) as wire:
        find_coordinator(wire, "g")
        answer = produce(wire, "__consumer_offsets", batch(b"v"))

    assert outline(answer) == (ErrorCode.INVALID_TOPIC_EXCEPTION, -1, -1)


def test_a_minimum_of_in_sync_replicas_is_capped_by_their_number(wire: Wire, running: RunningCluster) -> None:
    topic = running.topic(min_insync_replicas="2")

    assert outline(produce(wire, topic, batch(b"v"))) == (0, 0, 0)
    assert wire.ask(fetch_request(topic), 11).responses[0].partitions[0].high_watermark == 1


def test_a_retry_of_one_of_the_last_five_batches_is_told_its_first_offset(wire: Wire, topic: str) -> None:
    def numbered(sequence: int, epoch: int = 0) -> PartitionProduceResponse:
        records = batch(b"v", producer_id=4242, producer_epoch=epoch, base_sequence=sequence)
        return produce(wire, topic, records)

    assert [numbered(sequence).base_offset for sequence in range(7)] == list(range(7))
    assert [numbered(sequence).base_offset for sequence in (6, 5, 4, 3, 2)] == [6, 5, 4, 3, 2]
    assert numbered(1).error_code == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert numbered(5, epoch=1).error_code == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert numbered(0, epoch=1).base_offset == 7
    assert numbered(7).error_code == ErrorCode.INVALID_PRODUCER_EPOCH
