"""The records of __consumer_offsets that classic groups and offsets write, in Kafka's formats.

key = int16 record type, then the key's fields; value = int16 version, then the value's fields; a null value deletes
(a tombstone). Written: OffsetCommit v4 (v1 with an expiry time of its own), GroupMetadata v3. Read: all versions.
Source: GroupCoordinatorRecordHelpers, GroupCoordinatorRecordSerde, CoordinatorRecordType;
        OffsetCommitKey.json, OffsetCommitValue.json, GroupMetadataKey.json, GroupMetadataValue.json
"""

from typing import Annotated, NamedTuple

from kafka_conformance.protocol.codec import decode_message, encode_message
from kafka_conformance.protocol.errors import MalformedError, TruncatedError, UnsupportedVersionError
from kafka_conformance.protocol.layout import Buffer, Message, Struct, array, bytestring, int32, int64, string, uuid
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid

LEGACY_OFFSET_COMMIT = 0
OFFSET_COMMIT = 1
GROUP_METADATA = 2

OFFSET_COMMIT_VALUE_VERSION = 4
EXPIRING_OFFSET_COMMIT_VALUE_VERSION = 1
GROUP_METADATA_VALUE_VERSION = 3


class OffsetCommitKey(Message, versions="0"):
    """Whose offset: record types 0 (written by Kafka 0.8.2 and older) and 1."""

    group: Annotated[str, string("0+")] = ""
    topic: Annotated[str, string("0+")] = ""
    partition: Annotated[int, int32("0+")] = 0


class OffsetCommitValue(Message, versions="0-4", flexible="4+"):
    """A committed offset; `expire_timestamp` -1 means that the broker's retention holds."""

    offset: Annotated[int, int64("0+")] = 0
    leader_epoch: Annotated[int, int32("3+")] = -1
    metadata: Annotated[str, string("0+")] = ""
    commit_timestamp: Annotated[int, int64("0+")] = 0
    expire_timestamp: Annotated[int, int64("1")] = -1
    topic_id: Annotated[Uuid, uuid("4+", tag=0, tagged="4+")] = ZERO_UUID


class GroupMetadataKey(Message, versions="0"):
    """Whose metadata: record type 2."""

    group: Annotated[str, string("0+")] = ""


class MemberMetadata(Struct):
    """A member with what it subscribed to and what it was assigned."""

    member_id: Annotated[str, string("0+")] = ""
    group_instance_id: Annotated[str | None, string("3+", nullable="3+")] = None
    client_id: Annotated[str, string("0+")] = ""
    client_host: Annotated[str, string("0+")] = ""
    rebalance_timeout: Annotated[int, int32("1+")] = -1
    session_timeout: Annotated[int, int32("0+")] = 0
    subscription: Annotated[bytes, bytestring("0+")] = b""
    assignment: Annotated[bytes, bytestring("0+")] = b""


class GroupMetadataValue(Message, versions="0-4", flexible="4+"):
    """A generation of a classic group; `current_state_timestamp` is -1 where the version has none."""

    protocol_type: Annotated[str, string("0+")] = ""
    generation: Annotated[int, int32("0+")] = 0
    protocol: Annotated[str | None, string("0+", nullable="0+")] = None
    leader: Annotated[str | None, string("0+", nullable="0+")] = None
    current_state_timestamp: Annotated[int, int64("2+")] = -1
    members: Annotated[list[MemberMetadata], array(MemberMetadata, "0+")] = []


class OffsetRecord(NamedTuple):
    """An offset is committed, or forgotten (value None)."""

    key: OffsetCommitKey
    value: OffsetCommitValue | None


class GroupMetadataRecord(NamedTuple):
    """A group has a new generation, or is deleted (value None)."""

    key: GroupMetadataKey
    value: GroupMetadataValue | None


GroupRecord = OffsetRecord | GroupMetadataRecord


class EncodedRecord(NamedTuple):
    """The key and value of a record as they stand in the log."""

    key: bytes
    value: bytes | None


def offset_tombstone(group_id: str, topic: str, partition: int) -> OffsetRecord:
    """The record that forgets an offset."""
    return OffsetRecord(OffsetCommitKey(group=group_id, topic=topic, partition=partition), None)


def group_tombstone(group_id: str) -> GroupMetadataRecord:
    """The record that deletes a group."""
    return GroupMetadataRecord(GroupMetadataKey(group=group_id), None)


def encode_record(record: GroupRecord) -> EncodedRecord:
    """Encode a record with the versions that Kafka 4.3 writes. Raises EncodeError."""
    if isinstance(record, OffsetRecord):
        record_type, version = OFFSET_COMMIT, OFFSET_COMMIT_VALUE_VERSION
        if record.value is not None and record.value.expire_timestamp != -1:
            version = EXPIRING_OFFSET_COMMIT_VALUE_VERSION
    else:
        record_type, version = GROUP_METADATA, GROUP_METADATA_VALUE_VERSION
    value = None if record.value is None else _prefixed(version, record.value, version)
    return EncodedRecord(_prefixed(record_type, record.key, 0), value)


def decode_record(key: Buffer | None, value: Buffer | None) -> GroupRecord | None:
    """Decode a record of any version, or return None where its type is of no concern here.

    Raises ProtocolError; Kafka then gives up loading the partition, and so must the caller.
    """
    if key is None:
        raise MalformedError("a record of __consumer_offsets without a key")
    record_type = _prefix(key, "the record's type")
    if record_type in (LEGACY_OFFSET_COMMIT, OFFSET_COMMIT):
        offset_key = decode_message(OffsetCommitKey, 0, key, 2)[0]
        return OffsetRecord(offset_key, _decode_offset(record_type, value))
    if record_type == GROUP_METADATA:
        group_key = decode_message(GroupMetadataKey, 0, key, 2)[0]
        return GroupMetadataRecord(group_key, _decode_metadata(value))
    return None


def _decode_offset(record_type: int, value: Buffer | None) -> OffsetCommitValue | None:
    if value is None:
        return None
    version = _prefix(value, "the value's version")
    if record_type == LEGACY_OFFSET_COMMIT and version != 0:
        raise UnsupportedVersionError(f"LegacyOffsetCommitValue has no version {version}", position=0)
    return decode_message(OffsetCommitValue, version, value, 2)[0]


def _decode_metadata(value: Buffer | None) -> GroupMetadataValue | None:
    if value is None:
        return None
    return decode_message(GroupMetadataValue, _prefix(value, "the value's version"), value, 2)[0]


def _prefix(buffer: Buffer, what: str) -> int:
    if len(buffer) < 2:
        raise TruncatedError(f"{what} needs 2 bytes, there are {len(buffer)}", position=0)
    return int.from_bytes(buffer[:2], "big", signed=True)


def _prefixed(prefix: int, message: Message, version: int) -> bytes:
    return prefix.to_bytes(2, "big") + b"".join(encode_message(message, version))
