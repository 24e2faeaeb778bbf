"""Runs of records that have one shape, checked all at once.

Producers often send records of one size. Then each length, timestamp or offset stands at the same place in each of
them, a slice with that stride is a column of all of them, and comparing columns is about ten times as quick as walking
from record to record. A run is nothing that a walk would not have found; whatever is unusual is left to the walk.
"""

from collections.abc import Sequence
from struct import unpack
from typing import NamedTuple

from kafka_conformance.protocol.records.batch import Buffer

SHORTEST_RUN = 24
"""Records. Below, walking is quicker."""

# The offset deltas 0, 1, 2 … as zig-zag varints: of one byte the first 64, of two bytes up to 8191.
_ONE_BYTE_OFFSETS = bytes(range(0, 128, 2))
_ONE_BYTE_END = len(_ONE_BYTE_OFFSETS)
_LOW_BYTES = bytes(range(128, 256, 2)) * 128
_HIGH_BYTES = b"".join(bytes((high,)) * 64 for high in range(128))
_CONTINUED = bytes(range(128, 256))


class Run(NamedTuple):
    """Records that follow each other, are as long as they say, and have the offset deltas that are expected."""

    record_count: int
    end: int
    timestamps: list[tuple[int, int]]
    """(timestamp delta, offset delta) in zig-zag form: of the first record, and of the first with the latest and the
    earliest timestamp."""
    null_keys: bool


class _Shape(NamedTuple):
    """Where the fields of a record stand, counted from its first byte; each ends where the next begins."""

    stride: int
    fixed: tuple[int, ...]  # the bytes that must be the same in each record: its length and those of key and value
    timestamp: int
    offset: int
    key_size: int
    null_key: bool


def find_run(body: Buffer, start: int, index: int, count: int) -> Run | None:
    """The run that begins at `start` with record number `index`, in a body that should hold `count` records.

    None if it would be short, or if something about its first record is unusual.
    """
    try:
        shape = _shape_of(body, start)
    except IndexError:
        return None  # cut off, or a field that is wider than it was taken for: the walk tells which
    if shape is None:
        return None
    stride = shape.stride
    wide = shape.key_size - shape.offset == 2
    length = min(count - index, (len(body) - start) // stride, (len(_LOW_BYTES) if wide else _ONE_BYTE_END) - index)
    if (
        length < SHORTEST_RUN
        or (wide and index < _ONE_BYTE_END)
        or body[start + stride] != body[start]
        or body[start + (SHORTEST_RUN - 1) * stride] != body[start]
    ):
        return None
    end = start + length * stride
    for place in shape.fixed:
        column = bytes(body[start + place : end : stride])
        if column.count(column[0]) != length:
            length -= len(column.lstrip(column[:1]))
            if length < SHORTEST_RUN:
                return None
            end = start + length * stride
    place = start + shape.offset
    low = _LOW_BYTES if wide else _ONE_BYTE_OFFSETS
    if bytes(body[place:end:stride]) != low[index : index + length] or (
        wide and bytes(body[place + 1 : end : stride]) != _HIGH_BYTES[index : index + length]
    ):
        return None
    columns = [bytes(body[start + place : end : stride]) for place in range(shape.timestamp, shape.offset)]
    timestamps = _timestamps(columns, index, length)
    return None if timestamps is None else Run(length, end, timestamps, shape.null_key)


def _shape_of(body: Buffer, start: int) -> _Shape | None:
    """None if a field is wider than two bytes or the record has headers; the walk takes those."""
    width = 1 if body[start] < 0x80 else 2
    size = body[start] if width == 1 else body[start] + (body[start + 1] << 7) - 0x80
    stride = width + (size >> 1)
    timestamp = width + 1  # behind the attributes, which mean nothing
    offset = timestamp + (1 if body[start + timestamp] < 0x80 else 2)
    key_size = offset + (1 if body[start + offset] < 0x80 else 2)
    key = body[start + key_size]
    value_size = key_size + 1 + (0 if key & 1 else key >> 1)
    value = body[start + value_size]
    fixed: tuple[int, ...] = (*range(width), key_size, value_size, stride - 1)
    end = value_size + 1
    if value >= 0x80:
        fixed += (end,)
        value += (body[start + end] << 7) - 0x80
        end += 1
    end += 0 if value & 1 else value >> 1
    if size & 1 or size >= 0x4000 or key >= 0x80 or value >= 0x4000 or body[start + end] != 0 or end + 1 != stride:
        return None
    return _Shape(stride, fixed, timestamp, offset, key_size, bool(key & 1))


def _timestamps(columns: list[bytes], index: int, length: int) -> list[tuple[int, int]] | None:
    """As a run has them; None if they are not all as wide as the first."""
    if not columns[-1].isascii():
        return None
    if len(columns) == 1:
        (column,) = columns
        return [(column[0], 2 * index)] if column.count(column[0]) == length else _extremes(column, index)
    low, high = columns
    if low.translate(None, _CONTINUED):
        return None
    pairs = bytearray(2 * length)
    pairs[::2] = low
    pairs[1::2] = high
    return _extremes([(pair >> 8 << 7) + (pair & 0x7F) for pair in unpack(f"<{length}H", pairs)], index)


def _extremes(deltas: Sequence[int], index: int) -> list[tuple[int, int]]:
    by_value = {raw >> 1 ^ -(raw & 1): raw for raw in set(deltas)}
    if len(by_value) == 1:
        return [(deltas[0], 2 * index)]
    places = (0, deltas.index(by_value[max(by_value)]), deltas.index(by_value[min(by_value)]))
    return [(deltas[place], 2 * (index + place)) for place in sorted(places)]
