"""The records of the metadata log, as Kafka writes them: a frame version, the type, its version, the fields.

Source: Kafka 4.3, common/metadata/*.json; MetadataRecordSerde, AbstractApiMessageSerde. The versions written are those
of metadata.version 30 (4.3-IV0) with eligible leader replicas (KIP-966).
"""

from typing import Annotated

from kafka_conformance.protocol.codec import decode_message, encode_message
from kafka_conformance.protocol.errors import MalformedError, TruncatedError, UnsupportedVersionError
from kafka_conformance.protocol.layout import (
    Message,
    Struct,
    array,
    boolean,
    int8,
    int16,
    int32,
    int64,
    string,
    uint16,
    uuid,
)
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid, read_unsigned_varint, unsigned_varint

NO_LEADER_CHANGE = -2

_FRAME_VERSION = 1


class MetadataRecord(Message):
    """One record; the highest of its versions is the one that is written."""

    __slots__ = ()


class BrokerEndpoint(Struct):
    """`BrokerEndpoint` of RegisterBrokerRecord."""

    name: Annotated[str, string("0+")] = ""
    host: Annotated[str, string("0+")] = ""
    port: Annotated[int, uint16("0+")] = 0
    security_protocol: Annotated[int, int16("0+")] = 0


class BrokerFeature(Struct):
    """`BrokerFeature` of RegisterBrokerRecord."""

    name: Annotated[str, string("0+")] = ""
    min_supported_version: Annotated[int, int16("0+")] = 0
    max_supported_version: Annotated[int, int16("0+")] = 0


class RegisterBrokerRecord(MetadataRecord, key=0, versions="0-4", flexible="0+"):
    """A broker reported to the controller."""

    broker_id: Annotated[int, int32("0+")] = 0
    is_migrating_zk_broker: Annotated[bool, boolean("2+")] = False
    incarnation_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    broker_epoch: Annotated[int, int64("0+")] = 0
    end_points: Annotated[list[BrokerEndpoint], array(BrokerEndpoint, "0+")] = []
    features: Annotated[list[BrokerFeature], array(BrokerFeature, "0+")] = []
    rack: Annotated[str | None, string("0+", nullable="0+")] = ""
    fenced: Annotated[bool, boolean("0+")] = True
    in_controlled_shutdown: Annotated[bool, boolean("1+")] = False
    log_dirs: Annotated[list[Uuid], array("uuid", "3+", tag=0, tagged="3+")] = []
    cordoned_log_dirs: Annotated[list[Uuid] | None, array("uuid", "4+", nullable="4+", tag=1, tagged="4+")] = None


class UnregisterBrokerRecord(MetadataRecord, key=1, versions="0", flexible="0+"):
    """A broker was taken out of the cluster."""

    broker_id: Annotated[int, int32("0+")] = 0
    broker_epoch: Annotated[int, int64("0+")] = 0


class TopicRecord(MetadataRecord, key=2, versions="0", flexible="0+"):
    """A topic was created."""

    name: Annotated[str, string("0+")] = ""
    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID


class PartitionRecord(MetadataRecord, key=3, versions="0-2", flexible="0+"):
    """A partition was created."""

    partition_id: Annotated[int, int32("0+")] = -1
    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    replicas: Annotated[list[int], array("int32", "0+")] = []
    isr: Annotated[list[int], array("int32", "0+")] = []
    removing_replicas: Annotated[list[int], array("int32", "0+")] = []
    adding_replicas: Annotated[list[int], array("int32", "0+")] = []
    leader: Annotated[int, int32("0+")] = -1
    leader_recovery_state: Annotated[int, int8("0+", tag=0, tagged="0+")] = 0
    leader_epoch: Annotated[int, int32("0+")] = -1
    partition_epoch: Annotated[int, int32("0+")] = -1
    directories: Annotated[list[Uuid], array("uuid", "1+")] = []
    eligible_leader_replicas: Annotated[list[int] | None, array("int32", "2+", nullable="2+", tag=1, tagged="2+")] = (
        None
    )
    last_known_elr: Annotated[list[int] | None, array("int32", "2+", nullable="2+", tag=2, tagged="2+")] = None


class ConfigRecord(MetadataRecord, key=4, versions="0", flexible="0+"):
    """A dynamic configuration was set, or deleted where the value is None."""

    resource_type: Annotated[int, int8("0+")] = 0
    resource_name: Annotated[str, string("0+")] = ""
    name: Annotated[str, string("0+")] = ""
    value: Annotated[str | None, string("0+", nullable="0+")] = ""


class PartitionChangeRecord(MetadataRecord, key=5, versions="0-2", flexible="0+"):
    """What changed of a partition; the rest is null."""

    partition_id: Annotated[int, int32("0+")] = -1
    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    isr: Annotated[list[int] | None, array("int32", "0+", nullable="0+", tag=0, tagged="0+")] = None
    leader: Annotated[int, int32("0+", tag=1, tagged="0+")] = NO_LEADER_CHANGE
    replicas: Annotated[list[int] | None, array("int32", "0+", nullable="0+", tag=2, tagged="0+")] = None
    removing_replicas: Annotated[list[int] | None, array("int32", "0+", nullable="0+", tag=3, tagged="0+")] = None
    adding_replicas: Annotated[list[int] | None, array("int32", "0+", nullable="0+", tag=4, tagged="0+")] = None
    leader_recovery_state: Annotated[int, int8("0+", tag=5, tagged="0+")] = -1
    eligible_leader_replicas: Annotated[list[int] | None, array("int32", "2+", nullable="2+", tag=6, tagged="2+")] = (
        None
    )
    last_known_elr: Annotated[list[int] | None, array("int32", "2+", nullable="2+", tag=7, tagged="2+")] = None
    directories: Annotated[list[Uuid] | None, array("uuid", "1+", nullable="1+", tag=8, tagged="1+")] = None


class RemoveTopicRecord(MetadataRecord, key=9, versions="0", flexible="0+"):
    """A topic was deleted, with its partitions and its configuration."""

    topic_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID


class FeatureLevelRecord(MetadataRecord, key=12, versions="0", flexible="0+"):
    """A feature was finalised at a level."""

    name: Annotated[str, string("0+")] = ""
    feature_level: Annotated[int, int16("0+")] = 0


class ProducerIdsRecord(MetadataRecord, key=15, versions="0", flexible="0+"):
    """A block of producer ids was given to a broker; the next one starts at `next_producer_id`."""

    broker_id: Annotated[int, int32("0+")] = 0
    broker_epoch: Annotated[int, int64("0+")] = -1
    next_producer_id: Annotated[int, int64("0+")] = 0


class BrokerRegistrationChangeRecord(MetadataRecord, key=17, versions="0-3", flexible="0+"):
    """A broker was fenced (1) or unfenced (-1)."""

    broker_id: Annotated[int, int32("0+")] = 0
    broker_epoch: Annotated[int, int64("0+")] = 0
    fenced: Annotated[int, int8("0+", tag=0, tagged="0+")] = 0
    in_controlled_shutdown: Annotated[int, int8("1+", tag=1, tagged="1+")] = 0
    log_dirs: Annotated[list[Uuid], array("uuid", "2+", tag=2, tagged="2+")] = []
    cordoned_log_dirs: Annotated[list[Uuid] | None, array("uuid", "3+", nullable="3+", tag=3, tagged="3+")] = None


class NoOpRecord(MetadataRecord, key=20, versions="0", flexible="0+"):
    """Nothing; Kafka's controllers write it to show that they live."""


class ClearElrRecord(MetadataRecord, key=28, versions="0", flexible="0+"):
    """The eligible leader replicas of a topic, or of all where the name is empty, were cleared."""

    topic_name: Annotated[str, string("0+")] = ""


RECORD_TYPES: dict[int, type[MetadataRecord]] = {cls.api_key: cls for cls in MetadataRecord.__subclasses__()}


def encode_record(record: MetadataRecord) -> bytes:
    """Return the value of the record in the metadata log."""
    version = record.valid_versions.last
    head = unsigned_varint(_FRAME_VERSION) + unsigned_varint(record.api_key) + unsigned_varint(version)
    return b"".join((head, *encode_message(record, version)))


def decode_record(value: bytes | memoryview) -> MetadataRecord:
    """Read a record's value. Raises ProtocolError, also for types that this controller does not write."""
    try:
        frame_version, position = read_unsigned_varint(value, 0)
        key, position = read_unsigned_varint(value, position)
        version, position = read_unsigned_varint(value, position)
    except IndexError:
        raise TruncatedError("a metadata record without its type and version", position=len(value)) from None
    if frame_version != _FRAME_VERSION:
        raise MalformedError(f"a metadata record with frame version {frame_version}", position=0)
    if key not in RECORD_TYPES:
        raise UnsupportedVersionError(f"a metadata record of type {key}")
    record, end = decode_message(RECORD_TYPES[key], version, value, position)
    if end != len(value):
        raise MalformedError(f"{len(value) - end} bytes behind a metadata record of type {key}", position=end)
    return record
