"""What a record is, read or yet to be written."""

from typing import NamedTuple, TypeAlias

from kafka_conformance.protocol.records.batch import NO_SEQUENCE, NO_TIMESTAMP

Header: TypeAlias = tuple[str, bytes | None]


class Record(NamedTuple):
    """A record as it was read. `timestamp` is in milliseconds, -1 if it has none; `sequence` is the producer's."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...] = ()
    sequence: int = NO_SEQUENCE


class NewRecord(NamedTuple):
    """A record without an offset: the log gives it one. `timestamp` is in milliseconds, -1 if it has none."""

    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...] = ()
    timestamp: int = NO_TIMESTAMP
