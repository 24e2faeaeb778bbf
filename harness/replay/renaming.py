"""Ids that a target gave out then, and what it gives out instead now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kafka_conformance.harness.wire.summary import decode_request
from kafka_conformance.protocol.codec import encode_message
from kafka_conformance.protocol.errors import ProtocolError
from kafka_conformance.protocol.frames import decode_request_header
from kafka_conformance.protocol.layout import Message, Struct
from kafka_conformance.protocol.records.batch import BatchHeader, batches, verify_crc
from kafka_conformance.protocol.records.crc32c import crc32c

KINDS = {
    "topic_id": "topic",
    "member_id": "member",
    "leader": "member",
    "producer_id": "producer",
    "v3_and_below_producer_id": "producer",
    "producer_id_filters": "producer",
    "session_id": "session",
}
"""The fields that hold ids of a target's own making, and which kind of id each is."""

_CRC_POSITION, _ATTRIBUTES_POSITION, _PRODUCER_ID_POSITION = 17, 21, 43
_NOT_GIVEN = (None, "", b"", bytes(16), -1, 0)


class Renaming:
    """Learns from pairs of answers, renames in requests."""

    def __init__(self) -> None:
        self._now: dict[tuple[str, Any], Any] = {}

    def learn(self, then: Message, now: Message) -> None:
        """Takes the ids of an answer that was recorded and of the one that came now.

        Which member leads, and in which order members are listed, may be left to chance: what was learned of a member
        from an answer to itself stays.
        """
        to_itself = (getattr(then, "member_id", None), getattr(now, "member_id", None))
        for kind, old, new in _pairs(then, now):
            if old in _NOT_GIVEN or new in _NOT_GIVEN:
                continue
            if kind != "member" or (old, new) == to_itself:
                self._now[kind, old] = new
            else:
                self._now.setdefault((kind, old), new)

    def now(self, kind: str, value: Any) -> Any:
        """What stands for that id now: itself, if nobody gave out another."""
        return self._now.get((kind, value), value)

    def rename(self, frame: bytes) -> bytes:
        """A recorded request frame with the ids of now.

        A frame that was made by hand, so that it does not decode or would be encoded otherwise, stays as it was but
        for ids that are long enough to be recognised in it.
        """
        try:
            message = decode_request(frame)
            header, position = decode_request_header(memoryview(frame)[4:])
            body = b"".join(bytes(part) for part in encode_message(message, header.api_version))
        except ProtocolError:
            return self._rename_bytes(frame)
        if frame[4 + position :] != body:
            return self._rename_bytes(frame)
        self._rename_fields(message)
        renamed = b"".join(bytes(part) for part in encode_message(message, header.api_version))
        whole = frame[4 : 4 + position] + renamed
        return len(whole).to_bytes(4, "big") + whole

    def _rename_bytes(self, frame: bytes) -> bytes:
        for (_, old), new in self._now.items():
            then, now = (value.encode() if isinstance(value, str) else value for value in (old, new))
            if isinstance(then, bytes) and isinstance(now, bytes) and len(then) == len(now) >= 16:
                frame = frame.replace(then, now)
        return frame

    def _rename_fields(self, struct: Struct) -> None:
        for name in type(struct).fields:
            value = getattr(struct, name)
            if name in KINDS:
                setattr(struct, name, self._renamed(KINDS[name], value))
            elif name == "records" and value is not None:
                struct.records = self._rename_records(bytes(value))  # type: ignore[attr-defined]
            elif isinstance(value, Struct):
                self._rename_fields(value)
            elif isinstance(value, list):
                for element in value:
                    if isinstance(element, Struct):
                        self._rename_fields(element)

    def _renamed(self, kind: str, value: Any) -> Any:
        return [self.now(kind, entry) for entry in value] if isinstance(value, list) else self.now(kind, value)

    def _rename_records(self, records: bytes) -> bytes:
        renamed = bytearray(records)
        position = 0
        try:
            for header, view in batches(records):
                self._rename_batch(header, view, memoryview(renamed)[position : position + header.size])
                position += header.size
        except ProtocolError:
            pass  # not meant to be read
        return bytes(renamed)

    def _rename_batch(self, header: BatchHeader, view: memoryview, target: memoryview) -> None:
        new = self.now("producer", header.producer_id)
        if new == header.producer_id:
            return
        target[_PRODUCER_ID_POSITION : _PRODUCER_ID_POSITION + 8] = int(new).to_bytes(8, "big", signed=True)
        if verify_crc(header, view):  # one that was wrong on purpose stays wrong
            checksum = crc32c(target[_ATTRIBUTES_POSITION:])
            target[_CRC_POSITION : _CRC_POSITION + 4] = checksum.to_bytes(4, "big")


def _pairs(then: Struct, now: Struct) -> Iterator[tuple[str, Any, Any]]:
    if type(then) is not type(now):
        return
    for name in type(then).fields:
        old, new = getattr(then, name), getattr(now, name)
        if name in KINDS:
            yield KINDS[name], old, new
        elif isinstance(old, Struct) and isinstance(new, Struct):
            yield from _pairs(old, new)
        elif isinstance(old, list) and isinstance(new, list):
            for first, second in zip(old, new, strict=False):
                if isinstance(first, Struct) and isinstance(second, Struct):
                    yield from _pairs(first, second)
