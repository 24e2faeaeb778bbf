"""The bytes were written out by hand from Kafka's OffsetCommitValue.json, GroupMetadataValue.json and their keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.protocol.codec import encode_message
from kafka_conformance.protocol.errors import ProtocolError
from kafka_conformance.reference_broker.groups.records import (
    GroupMetadataKey,
    GroupMetadataRecord,
    GroupMetadataValue,
    MemberMetadata,
    OffsetCommitKey,
    OffsetCommitValue,
    OffsetRecord,
    decode_record,
    encode_record,
    group_tombstone,
    offset_tombstone,
)

OFFSET_KEY = bytes.fromhex("0001 0001 67 0002 7431 00000003")  # type 1, group "g", topic "t1", partition 3
GROUP_KEY = bytes.fromhex("0002 0001 67")  # type 2, group "g"
TIME = 0x18BCFE56800


def offset_record(**fields: object) -> OffsetRecord:
    value = OffsetCommitValue(offset=5, metadata="m", commit_timestamp=TIME, **fields)  # type: ignore[arg-type]
    return OffsetRecord(OffsetCommitKey(group="g", topic="t1", partition=3), value)


def test_an_offset_is_written_as_version_4_with_its_topic_id_in_a_tag() -> None:
    encoded = encode_record(offset_record(leader_epoch=2, topic_id=bytes(range(16))))

    assert encoded.key == OFFSET_KEY
    expected = "0004 0000000000000005 00000002 02 6d 0000018bcfe56800 01 00 10 000102030405060708090a0b0c0d0e0f"
    assert encoded.value == bytes.fromhex(expected)


def test_an_offset_without_topic_id_has_no_tag() -> None:
    encoded = encode_record(offset_record())

    assert encoded.value == bytes.fromhex("0004 0000000000000005 ffffffff 02 6d 0000018bcfe56800 00")


def test_an_offset_with_an_expiry_time_is_written_as_version_1() -> None:
    encoded = encode_record(offset_record(expire_timestamp=TIME + 1))

    assert encoded.value == bytes.fromhex("0001 0000000000000005 0001 6d 0000018bcfe56800 0000018bcfe56801")


def test_a_group_is_written_as_version_3() -> None:
    member = MemberMetadata(
        member_id="m",
        group_instance_id="i",
        client_id="c",
        client_host="/h",
        rebalance_timeout=7,
        session_timeout=6,
        subscription=b"\1\2",
        assignment=b"\3",
    )
    value = GroupMetadataValue(
        protocol_type="consumer",
        generation=1,
        protocol="range",
        leader="m",
        current_state_timestamp=TIME,
        members=[member],
    )

    encoded = encode_record(GroupMetadataRecord(GroupMetadataKey(group="g"), value))

    assert encoded.key == GROUP_KEY
    group = "0003 0008 636f6e73756d6572 00000001 0005 72616e6765 0001 6d 0000018bcfe56800 00000001"
    only_member = "0001 6d 0001 69 0001 63 0002 2f68 00000007 00000006 00000002 0102 00000001 03"
    assert encoded.value == bytes.fromhex(group + only_member)


def test_an_empty_group_has_neither_protocol_nor_leader() -> None:
    encoded = encode_record(
        GroupMetadataRecord(GroupMetadataKey(group="g"), GroupMetadataValue(current_state_timestamp=TIME))
    )

    assert encoded.value == bytes.fromhex("0003 0000 00000000 ffff ffff 0000018bcfe56800 00000000")


@pytest.mark.parametrize(
    ("record", "key"), [(offset_tombstone("g", "t1", 3), OFFSET_KEY), (group_tombstone("g"), GROUP_KEY)]
)
def test_a_tombstone_has_a_null_value(record: OffsetRecord | GroupMetadataRecord, key: bytes) -> None:
    assert encode_record(record) == (key, None)
    assert decode_record(key, None) == record


@pytest.mark.parametrize(
    ("version", "known"),
    [
        (0, {}),
        (1, {"expire_timestamp": 9}),
        (2, {}),
        (3, {"leader_epoch": 8}),
        (4, {"leader_epoch": 8, "topic_id": b"\7" * 16}),
    ],
)
def test_every_version_of_an_offset_is_read(version: int, known: dict[str, object]) -> None:
    record = offset_record(**known)
    assert record.value is not None

    value = version.to_bytes(2, "big") + b"".join(encode_message(record.value, version))

    assert decode_record(OFFSET_KEY, value) == record


@pytest.mark.parametrize("version", range(5))
def test_every_version_of_a_group_is_read(version: int) -> None:
    timeout = -1 if version < 1 else 5
    instance = None if version < 3 else "i"
    member = MemberMetadata(member_id="m", group_instance_id=instance, rebalance_timeout=timeout, session_timeout=6)
    since = -1 if version < 2 else TIME
    value = GroupMetadataValue(protocol_type="consumer", current_state_timestamp=since, members=[member])

    encoded = version.to_bytes(2, "big") + b"".join(encode_message(value, version))

    assert decode_record(GROUP_KEY, encoded) == GroupMetadataRecord(GroupMetadataKey(group="g"), value)


def test_an_offset_of_the_oldest_record_type_is_read() -> None:
    value = bytes.fromhex("0000 0000000000000005 0001 6d 0000018bcfe56800")

    assert decode_record(b"\0\0" + OFFSET_KEY[2:], value) == offset_record()


def test_the_oldest_record_type_knows_no_later_version() -> None:
    value = bytes.fromhex("0001 0000000000000005 0001 6d 0000018bcfe56800 0000018bcfe56801")

    with pytest.raises(ProtocolError):
        decode_record(b"\0\0" + OFFSET_KEY[2:], value)


@pytest.mark.parametrize("record_type", [3, 8, 23, 999, -1])
def test_a_record_of_another_type_is_skipped(record_type: int) -> None:
    assert decode_record(record_type.to_bytes(2, "big", signed=True) + b"whatever", b"\0\0") is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (None, None),
        (b"", None),
        (b"\0", None),
        (OFFSET_KEY[:-1], None),
        (GROUP_KEY[:-1], None),
        (OFFSET_KEY, b""),
        (OFFSET_KEY, bytes.fromhex("0005") + bytes(30)),
        (OFFSET_KEY, bytes.fromhex("ffff") + bytes(30)),
        (GROUP_KEY, bytes.fromhex("0003 0000")),
        (GROUP_KEY, bytes.fromhex("0005") + bytes(30)),
    ],
)
def test_a_record_that_cannot_be_read_is_a_protocol_error(key: bytes | None, value: bytes | None) -> None:
    with pytest.raises(ProtocolError):
        decode_record(key, value)


texts = st.text(max_size=8)


@given(
    key=st.builds(OffsetCommitKey, group=texts, topic=texts, partition=st.integers(0, 2**31 - 1)),
    value=st.builds(
        OffsetCommitValue,
        offset=st.integers(-(2**63), 2**63 - 1),
        leader_epoch=st.integers(-1, 2**31 - 1),
        metadata=texts,
        commit_timestamp=st.integers(0, 2**63 - 1),
        topic_id=st.binary(min_size=16, max_size=16),
    ),
)
def test_what_is_written_of_an_offset_is_read_back(key: OffsetCommitKey, value: OffsetCommitValue) -> None:
    record = OffsetRecord(key, value)

    assert decode_record(*encode_record(record)) == record
