"""Ids that were given out are replaced where a request carries them, and nothing else is touched."""

from __future__ import annotations

from kafka_conformance.harness.replay.comparing import difference
from kafka_conformance.harness.replay.renaming import Renaming
from kafka_conformance.harness.wire.summary import decode_request
from kafka_conformance.protocol.frames import encode_request
from kafka_conformance.protocol.messages.add_partitions_to_txn import AddPartitionsToTxnRequest
from kafka_conformance.protocol.messages.api_versions import ApiVersion, ApiVersionsResponse
from kafka_conformance.protocol.messages.create_topics import CreatableTopicResult, CreateTopicsResponse
from kafka_conformance.protocol.messages.describe_transactions import DescribeTransactionsResponse
from kafka_conformance.protocol.messages.describe_transactions import TransactionState as DescribedTransaction
from kafka_conformance.protocol.messages.fetch import FetchableTopicResponse, FetchResponse, PartitionData
from kafka_conformance.protocol.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from kafka_conformance.protocol.messages.init_producer_id import InitProducerIdResponse
from kafka_conformance.protocol.messages.join_group import JoinGroupResponse, JoinGroupResponseMember
from kafka_conformance.protocol.messages.list_offsets import (
    ListOffsetsPartitionResponse,
    ListOffsetsResponse,
    ListOffsetsTopicResponse,
)
from kafka_conformance.protocol.messages.list_transactions import (
    ListTransactionsRequest,
    ListTransactionsResponse,
    TransactionState,
)
from kafka_conformance.protocol.messages.metadata import MetadataResponse, MetadataResponseTopic
from kafka_conformance.protocol.messages.produce import (
    PartitionProduceData,
    PartitionProduceResponse,
    ProduceRequest,
    ProduceResponse,
    TopicProduceData,
    TopicProduceResponse,
)
from kafka_conformance.protocol.records import NewRecord, build_batch, read_batch_header, records_of, verify_crc
from kafka_conformance.protocol.records.control import EndTxnMarker

THEN, NOW = b"t" * 16, b"n" * 16


def learned() -> Renaming:
    renaming = Renaming()
    renaming.learn(
        CreateTopicsResponse(topics=[CreatableTopicResult(topic_id=THEN)]),
        CreateTopicsResponse(topics=[CreatableTopicResult(topic_id=NOW)]),
    )
    renaming.learn(InitProducerIdResponse(producer_id=1000), InitProducerIdResponse(producer_id=4001))
    renaming.learn(JoinGroupResponse(member_id="then", leader="then"), JoinGroupResponse(member_id="now and longer"))
    return renaming


def produce_frame(batch: bytes) -> bytes:
    topic = TopicProduceData(topic_id=THEN, partition_data=[PartitionProduceData(records=batch)])
    return b"".join(bytes(part) for part in encode_request(ProduceRequest(topic_data=[topic]), 13, 7, "client"))


def records_in(frame: bytes) -> bytes:
    message = decode_request(frame)
    assert isinstance(message, ProduceRequest)
    return bytes(message.topic_data[0].partition_data[0].records or b"")  # type: ignore[arg-type]


def test_topic_ids_and_producer_ids_are_replaced_and_checksums_follow() -> None:
    batch = bytes(build_batch([NewRecord(b"k", b"v")], producer_id=1000, producer_epoch=0, base_sequence=0))

    renamed = learned().rename(produce_frame(batch))

    message = decode_request(renamed)
    assert isinstance(message, ProduceRequest)
    assert message.topic_data[0].topic_id == NOW
    header = read_batch_header(records_in(renamed))
    assert header.producer_id == 4001
    assert verify_crc(header, records_in(renamed))
    assert [record.value for record in records_of(header, records_in(renamed))] == [b"v"]
    assert renamed[8:12] == (7).to_bytes(4, "big")


def test_a_producer_id_is_replaced_under_each_of_its_names() -> None:
    adding = encode_request(AddPartitionsToTxnRequest(v3_and_below_producer_id=1000), 3, 7, "client")
    listing = encode_request(ListTransactionsRequest(producer_id_filters=[1000, 5]), 0, 8, "client")

    added, listed = (decode_request(learned().rename(b"".join(map(bytes, frame)))) for frame in (adding, listing))

    assert isinstance(added, AddPartitionsToTxnRequest)
    assert added.v3_and_below_producer_id == 4001
    assert isinstance(listed, ListTransactionsRequest)
    assert list(listed.producer_id_filters) == [4001, 5]


def test_a_checksum_that_was_wrong_stays_wrong() -> None:
    batch = bytearray(build_batch([NewRecord(b"k", b"v")], producer_id=1000))
    batch[20] ^= 1
    renamed = records_in(learned().rename(produce_frame(bytes(batch))))
    assert not verify_crc(read_batch_header(renamed), renamed)


def test_a_member_id_of_another_length_is_replaced() -> None:
    frame = b"".join(bytes(part) for part in encode_request(HeartbeatRequest(member_id="then"), 4, 0, None))
    renamed = learned().rename(frame)
    assert int.from_bytes(renamed[:4], "big") == len(renamed) - 4
    message = decode_request(renamed)
    assert isinstance(message, HeartbeatRequest)
    assert message.member_id == "now and longer"


def test_a_frame_made_by_hand_keeps_its_oddity() -> None:
    frame = produce_frame(b"")
    odd = (len(frame) - 4 + 3).to_bytes(4, "big") + frame[4:] + b"odd"

    renamed = learned().rename(odd)

    assert renamed == odd.replace(THEN, NOW)
    assert learned().rename(b"\0\0\0\2xx") == b"\0\0\0\2xx"


def test_answers_that_differ_only_in_what_was_given_out_are_the_same() -> None:
    def answer(topic_id: bytes, producer_id: int, throttle: int) -> FetchResponse:
        batch = bytes(build_batch([NewRecord(b"k", b"v")], producer_id=producer_id))
        partition = PartitionData(records=batch, high_watermark=1)
        topic = FetchableTopicResponse(topic_id=topic_id, partitions=[partition])
        return FetchResponse(throttle_time_ms=throttle, responses=[topic])

    assert difference(answer(THEN, 1000, 0), answer(NOW, 4001, 9), learned()) is None
    assert difference(answer(THEN, 1000, 0), answer(THEN, 1000, 0), learned()) is not None


def test_the_first_field_that_differs_is_named() -> None:
    found = difference(HeartbeatResponse(error_code=27), HeartbeatResponse(), Renaming())
    assert found == "HeartbeatResponse.error_code: 27 was recorded, 0 came"
    more = FetchResponse(responses=[FetchableTopicResponse(topic="t")])
    assert difference(more, FetchResponse(), Renaming()) == "FetchResponse.responses: 1 elements were recorded, 0 came"


def test_a_listing_is_compared_in_no_order_and_without_what_others_made() -> None:
    def listing(*names: str) -> MetadataResponse:
        return MetadataResponse(topics=[MetadataResponseTopic(name=name) for name in names])

    def is_own(name: str) -> bool:
        return name.startswith("own")

    then, now = listing("own-b", "other", "own-a"), listing("own-a", "__consumer_offsets", "own-b", "another")
    assert difference(then, now, Renaming(), is_own) is None
    assert [topic.name for topic in now.topics] == ["own-a", "__consumer_offsets", "own-b", "another"]
    assert difference(then, listing("own-a"), Renaming(), is_own) is not None


def test_members_are_told_apart_by_the_answers_to_themselves_in_whichever_order_they_are_listed() -> None:
    def joined(member: str, leader: str, *listed: str) -> JoinGroupResponse:
        members = [JoinGroupResponseMember(member_id=name, metadata=name[-1:].encode()) for name in listed]
        return JoinGroupResponse(member_id=member, leader=leader, members=members)

    renaming = Renaming()
    for name in ("a", "b"):
        renaming.learn(joined(f"then-{name}", ""), joined(f"now-{name}", ""))
    then = joined("then-a", "then-a", "then-a", "then-b")
    now = joined("now-a", "now-a", "now-b", "now-a")
    renaming.learn(then, now)
    renaming.learn(joined("then-b", "then-a"), joined("now-b", "now-b"))

    assert [renaming.now("member", f"then-{name}") for name in ("a", "b")] == ["now-a", "now-b"]
    assert difference(then, now, renaming) is None
    assert difference(then, joined("now-a", "now-b", "now-b", "now-a"), renaming) is not None
    assert difference(then, joined("now-a", "now-a", "now-a", "now-c"), renaming) is not None


def test_the_apis_that_a_broker_offers_are_compared_in_no_order() -> None:
    def offers(*keys: int) -> ApiVersionsResponse:
        return ApiVersionsResponse(api_keys=[ApiVersion(api_key=key, max_version=9) for key in keys])

    assert difference(offers(3, 0, 18), offers(18, 0, 3), Renaming()) is None
    assert difference(offers(3, 0, 18), offers(18, 0), Renaming()) is not None
    assert difference(offers(3, 0), offers(3, 0, 0), Renaming()) is not None


def test_transactions_are_compared_in_no_order_and_without_the_time_of_their_start() -> None:
    then = [TransactionState(transactional_id=name, producer_id=1000) for name in ("mine-1", "mine-2", "others")]
    now = [TransactionState(transactional_id=name, producer_id=4001) for name in ("mine-2", "mine-1")]
    listed = [ListTransactionsResponse(transaction_states=states) for states in (then, now)]
    described = [
        DescribeTransactionsResponse(transaction_states=[DescribedTransaction(transaction_start_time_ms=time)])
        for time in (1, 2)
    ]

    assert difference(listed[0], listed[1], learned(), lambda name: name.startswith("mine")) is None
    assert difference(described[0], described[1], learned()) is None


def test_how_much_is_in_a_log_of_the_brokers_own_is_not_compared() -> None:
    def produced(topic: str, base_offset: int, error_code: int = 0) -> ProduceResponse:
        partition = PartitionProduceResponse(base_offset=base_offset, error_code=error_code)
        return ProduceResponse(responses=[TopicProduceResponse(name=topic, partition_responses=[partition])])

    internal, own = "__consumer_offsets", "own"
    assert difference(produced(internal, 6), produced(internal, 0), Renaming()) is None
    assert difference(produced(internal, 6), produced(internal, 6, error_code=17), Renaming()) is not None
    assert difference(produced(own, 6), produced(own, 0), Renaming()) is not None


def test_a_time_of_the_brokers_clock_is_another_one_now() -> None:
    def listed(timestamp: int) -> ListOffsetsResponse:
        partition = ListOffsetsPartitionResponse(timestamp=timestamp)
        return ListOffsetsResponse(topics=[ListOffsetsTopicResponse(name="own", partitions=[partition])])

    assert difference(listed(1_795_554_286_500), listed(1_795_555_034_636), Renaming()) is None
    assert difference(listed(20), listed(1_795_555_034_636), Renaming()) is not None
    assert difference(listed(20), listed(-1), Renaming()) is not None


def test_the_time_of_a_marker_is_the_brokers_and_its_decision_is_compared() -> None:
    def fetched(timestamp: int, *, commit: bool, control: bool = True) -> FetchResponse:
        marker = EndTxnMarker(commit, coordinator_epoch=0)
        record = NewRecord(marker.key, marker.value, (), timestamp)
        batch = build_batch([record], producer_id=1000, transactional=True, control=control)
        return FetchResponse(responses=[FetchableTopicResponse(partitions=[PartitionData(records=bytes(batch))])])

    committed = fetched(1_700_000_000_000, commit=True)
    assert difference(committed, fetched(1_800_000_000_000, commit=True), Renaming()) is None
    assert difference(committed, fetched(1_700_000_000_000, commit=False), Renaming()) is not None
    plain = [fetched(timestamp, commit=True, control=False) for timestamp in (1, 2)]
    assert difference(plain[0], plain[1], Renaming()) is not None
