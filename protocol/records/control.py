"""Control records: what Kafka writes into a log for itself.

Source: ControlRecordType, EndTransactionMarker; EndTxnMarker.json, ControlRecordTypeSchema.json; KIP-98
"""

from enum import IntEnum
from struct import Struct
from typing import NamedTuple

from kafka_conformance.protocol.errors import MalformedError, TruncatedError

_KEY = Struct(">hh")  # version, type
_END_TXN_MARKER = Struct(">hi")  # version, coordinator epoch


class ControlRecordType(IntEnum):
    """The kind of a control record, in its key."""

    UNKNOWN = -1
    ABORT = 0
    COMMIT = 1
    LEADER_CHANGE = 2
    SNAPSHOT_HEADER = 3
    SNAPSHOT_FOOTER = 4
    KRAFT_VERSION = 5
    KRAFT_VOTERS = 6


_TYPES = {kind.value: kind for kind in ControlRecordType}


def control_key(kind: ControlRecordType) -> bytes:
    """The key of a control record."""
    return _KEY.pack(0, kind)


def control_record_type(key: bytes | None) -> ControlRecordType:
    """The type that `key` names; UNKNOWN for one that Kafka has not defined, which readers ignore.

    Raises TruncatedError or MalformedError for what is no key of a control record. Higher versions are read as 0.
    """
    if key is None or len(key) < _KEY.size:
        raise TruncatedError(f"the key of a control record needs {_KEY.size} bytes, not {key!r}", position=0)
    version, kind = _KEY.unpack_from(key)
    if version < 0:
        raise MalformedError(f"invalid version {version} of a control record", position=0)
    return _TYPES.get(kind, ControlRecordType.UNKNOWN)


class EndTxnMarker(NamedTuple):
    """The end of a transaction in one partition."""

    commit: bool
    coordinator_epoch: int

    @property
    def key(self) -> bytes:
        """The record's key."""
        return control_key(ControlRecordType.COMMIT if self.commit else ControlRecordType.ABORT)

    @property
    def value(self) -> bytes:
        """The record's value."""
        return _END_TXN_MARKER.pack(0, self.coordinator_epoch)

    @classmethod
    def parse(cls, key: bytes | None, value: bytes | None) -> "EndTxnMarker":
        """The marker in a control record; raises TruncatedError or MalformedError where there is none."""
        kind = control_record_type(key)
        if kind not in (ControlRecordType.COMMIT, ControlRecordType.ABORT):
            raise MalformedError(f"a control record of type {kind.name} ends no transaction", position=2)
        if value is None or len(value) < _END_TXN_MARKER.size:
            raise TruncatedError(f"an end marker needs {_END_TXN_MARKER.size} bytes, not {value!r}", position=0)
        version, coordinator_epoch = _END_TXN_MARKER.unpack_from(value)
        if version < 0:
            raise MalformedError(f"invalid version {version} of an end marker", position=0)
        return cls(kind is ControlRecordType.COMMIT, coordinator_epoch)
