"""What the codec does with good and with bad bytes."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kafka_conformance.protocol.api_keys import ApiKey, accepted_versions
from kafka_conformance.protocol.catalogue import request_type, response_type
from kafka_conformance.protocol.codec import decode_message, encode_message
from kafka_conformance.protocol.errors import (
    EncodeError,
    MalformedError,
    ProtocolError,
    TruncatedError,
    UnsupportedVersionError,
)
from kafka_conformance.protocol.layout import Message
from kafka_conformance.protocol.messages.api_versions import ApiVersionsRequest
from kafka_conformance.protocol.messages.fetch import FetchableTopicResponse, FetchResponse, PartitionData
from kafka_conformance.protocol.messages.heartbeat import HeartbeatRequest
from kafka_conformance.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic
from kafka_conformance.protocol.messages.produce import PartitionProduceData, ProduceRequest, TopicProduceData
from tests.protocol.message_strategies import every_message, messages

EVERY_MESSAGE = every_message()


@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_message_is_read_back_as_it_was_written(data: st.DataObject) -> None:
    cls, version = data.draw(st.sampled_from(EVERY_MESSAGE))
    message = data.draw(messages(cls, version))

    encoded = b"".join(encode_message(message, version))

    assert decode_message(cls, version, memoryview(encoded)) == (message, len(encoded))
    assert decode_message(cls, version, encoded) == (message, len(encoded))


@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_message_cut_short_is_a_protocol_error_at_a_byte_within_it(data: st.DataObject) -> None:
    cls, version = data.draw(st.sampled_from(EVERY_MESSAGE))
    encoded = b"".join(encode_message(data.draw(messages(cls, version)), version))
    cut = data.draw(st.integers(0, max(len(encoded) - 1, 0)))

    if encoded:
        with pytest.raises(ProtocolError) as failure:
            decode_message(cls, version, memoryview(encoded)[:cut])
        assert failure.value.position is not None
        assert 0 <= failure.value.position <= cut


@given(data=st.data(), noise=st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_noise_is_a_message_or_a_protocol_error(data: st.DataObject, noise: bytes) -> None:
    cls, version = data.draw(st.sampled_from(EVERY_MESSAGE))
    try:
        decoded, position = decode_message(cls, version, noise)
    except ProtocolError:
        return
    assert isinstance(decoded, cls)
    assert position <= len(noise)


def test_an_error_names_the_field_and_the_byte() -> None:
    with pytest.raises(TruncatedError, match=r"HeartbeatRequest v4, group_id: .* \(at byte 1\)"):
        decode_message(HeartbeatRequest, 4, b"\x05abc")


def test_an_array_that_announces_more_than_is_left_allocates_nothing() -> None:
    with pytest.raises(TruncatedError, match="2147483647"):
        decode_message(MetadataRequest, 1, b"\x7f\xff\xff\xff")


def test_null_where_the_version_allows_none_is_malformed() -> None:
    with pytest.raises(MalformedError, match="topics: null"):
        decode_message(MetadataRequest, 0, b"\xff\xff\xff\xff")
    assert decode_message(MetadataRequest, 1, b"\xff\xff\xff\xff")[0].topics is None


def test_a_string_that_is_not_utf8_is_malformed() -> None:
    with pytest.raises(MalformedError, match="not UTF-8"):
        decode_message(HeartbeatRequest, 0, b"\x00\x01\xff" + bytes(8))


def test_a_varint_longer_than_five_bytes_is_malformed() -> None:
    with pytest.raises(MalformedError, match="varint"):
        decode_message(HeartbeatRequest, 4, b"\xff\xff\xff\xff\xff\x01")


@pytest.mark.parametrize(
    "tags",
    [b"\x01\x05\x02ab", b"\x02\x05\x01a\x03\x01b", b"\x02\x07\x00\x07\x00"],
    ids=["unknown", "out of order", "twice"],
)
def test_tagged_fields_that_are_unknown_are_passed_over(tags: bytes) -> None:
    plain = ApiVersionsRequest(client_software_name="a", client_software_version="b")
    encoded = b"".join(encode_message(plain, 3))[:-1] + tags

    assert decode_message(ApiVersionsRequest, 3, encoded) == (plain, len(encoded))


def test_bytes_behind_a_message_are_left_to_the_caller() -> None:
    encoded = b"".join(encode_message(HeartbeatRequest(group_id="g"), 4))
    assert decode_message(HeartbeatRequest, 4, encoded + b"tail")[1] == len(encoded)


def test_a_version_that_does_not_exist_is_refused_both_ways() -> None:
    with pytest.raises(UnsupportedVersionError, match="HeartbeatRequest has no version 5"):
        encode_message(HeartbeatRequest(), 5)
    with pytest.raises(UnsupportedVersionError):
        decode_message(HeartbeatRequest, -1, b"")


@pytest.mark.parametrize(
    "message",
    [
        HeartbeatRequest(generation_id=2**31),
        HeartbeatRequest(group_id=None),  # type: ignore[arg-type]
        HeartbeatRequest(member_id=7),  # type: ignore[arg-type]
    ],
)
def test_a_value_that_does_not_fit_names_its_field(message: Message) -> None:
    with pytest.raises(EncodeError, match=r"HeartbeatRequest v4, (generation_id|group_id|member_id)"):
        encode_message(message, 4)


def test_a_uuid_of_other_than_sixteen_bytes_is_refused() -> None:
    with pytest.raises(EncodeError, match="topic_id"):
        encode_message(MetadataRequest(topics=[MetadataRequestTopic(topic_id=b"short")]), 12)


def test_records_are_read_as_a_slice_and_written_without_a_copy() -> None:
    batch = bytes(range(256)) * 40
    request = ProduceRequest(topic_data=[TopicProduceData(partition_data=[PartitionProduceData(records=batch)])])
    encoded = encode_message(request, 9)
    frame = memoryview(b"".join(encoded))

    records = decode_message(ProduceRequest, 9, frame)[0].topic_data[0].partition_data[0].records

    assert any(part is batch for part in encoded)
    assert isinstance(records, memoryview)
    assert records.obj is frame.obj


def test_records_in_several_buffers_are_sent_one_after_the_other() -> None:
    def answer(records: object) -> FetchResponse:
        partition = PartitionData(records=records)  # type: ignore[arg-type]
        return FetchResponse(responses=[FetchableTopicResponse(partitions=[partition])])

    parts = [b"a" * 600, b"b" * 700, b"c"]
    assert b"".join(encode_message(answer(parts), 12)) == b"".join(encode_message(answer(b"".join(parts)), 12))


def test_the_accepted_versions_of_a_newer_kafka_only_grow() -> None:
    older, newer = accepted_versions("4.3"), accepted_versions("4.4")
    assert set(newer) - set(older) == {ApiKey.STREAMS_GROUP_TOPOLOGY_DESCRIPTION_UPDATE, ApiKey.UNREGISTER_CONTROLLER}
    assert all(newer[key].first == older[key].first and newer[key].last >= older[key].last for key in older)


@pytest.mark.parametrize("key", ApiKey)
def test_the_layouts_of_an_api_cover_the_versions_that_kafka_accepts(key: ApiKey) -> None:
    accepted = accepted_versions("4.4")[key]
    for cls in (request_type(key), response_type(key)):
        assert cls.api_key == key
        assert cls.valid_versions.first <= accepted.first
        assert cls.valid_versions.last >= accepted.last


def test_structs_compare_and_print_by_their_values() -> None:
    assert HeartbeatRequest(group_id="g") == HeartbeatRequest(group_id="g")
    assert HeartbeatRequest(group_id="g") != HeartbeatRequest(group_id="h")
    assert repr(HeartbeatRequest(group_id="g")) == "HeartbeatRequest(group_id='g')"
    assert HeartbeatRequest(group_id="g").as_dict()["group_id"] == "g"


def test_mutable_defaults_are_not_shared() -> None:
    first, second = ProduceRequest(), ProduceRequest()
    first.topic_data.append(TopicProduceData())
    assert second.topic_data == []
