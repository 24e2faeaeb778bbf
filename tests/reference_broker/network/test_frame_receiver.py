"""Frames come out whole, however their bytes arrive."""

from __future__ import annotations

import mmap
from errno import ENOMEM

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.protocol.layout import Buffer
from kafka_conformance.reference_broker.network.frame_receiver import (
    POPULATED_BYTES,
    SCRATCH_BYTES,
    WHOLE_BYTES,
    FrameReceiver,
    new_scratch,
)

LIMIT = 100 * 1024 * 1024


def received(receiver: FrameReceiver, data: bytes, pieces: list[int]) -> list[Buffer]:
    frames: list[Buffer] = []
    position = 0
    turn = 0
    while position < len(data) and receiver.error is None:
        buffer = receiver.buffer()
        piece = min(pieces[turn % len(pieces)], len(buffer), len(data) - position)
        turn += 1
        buffer[:piece] = data[position : position + piece]
        position += piece
        frames += receiver.received(piece)
    return frames


def fed(receiver: FrameReceiver, data: bytes, pieces: list[int]) -> list[bytes]:
    return [bytes(frame) for frame in received(receiver, data, pieces)]


@given(
    bodies=st.lists(st.binary(min_size=1, max_size=40), max_size=8),
    pieces=st.lists(st.integers(1, 60), min_size=1, max_size=5),
)
def test_frames_are_cut_where_their_sizes_say(bodies: list[bytes], pieces: list[int]) -> None:
    data = b"".join(len(body).to_bytes(4) + body for body in bodies)

    assert fed(FrameReceiver(new_scratch(), LIMIT), data, pieces) == bodies


@given(
    sizes=st.lists(
        st.sampled_from((1, POPULATED_BYTES - 1, POPULATED_BYTES, SCRATCH_BYTES - 4, SCRATCH_BYTES, SCRATCH_BYTES + 1)),
        min_size=1,
        max_size=5,
    ),
    piece=st.sampled_from((5000, POPULATED_BYTES, SCRATCH_BYTES)),
    produce=st.booleans(),
)
def test_frames_of_all_sizes_are_writable_if_they_are_produces_and_nobody_elses(
    sizes: list[int], piece: int, produce: bool
) -> None:
    head = b"\0\0" if produce else b"\0\1"
    bodies = [(head + bytes((number, 255)) * size)[:size] for number, size in enumerate(sizes)]
    receiver = FrameReceiver(new_scratch(), LIMIT)

    frames = received(receiver, b"".join(len(body).to_bytes(4) + body for body in bodies), [piece])

    for frame in frames:
        if produce and len(frame) > 1:
            assert isinstance(frame, memoryview)
            frame[-1:] = b"!"
    changed = [body[:-1] + b"!" if produce and len(body) > 1 else body for body in bodies]
    assert [bytes(frame) for frame in frames] == changed


def refuse(*_arguments: object, **_keywords: object) -> None:
    raise OSError(ENOMEM, "Cannot allocate memory")


@pytest.mark.parametrize("lacking", ["mappings", "pages at once"])
def test_large_frames_are_kept_where_the_system_gives_no_mapping(monkeypatch: pytest.MonkeyPatch, lacking: str) -> None:
    if lacking == "mappings":
        monkeypatch.setattr(mmap, "mmap", refuse)
    else:
        monkeypatch.delattr(mmap, "MAP_POPULATE")
    body = b"\0\0" + bytes(WHOLE_BYTES)

    assert fed(FrameReceiver(new_scratch(), LIMIT), len(body).to_bytes(4) + body, [SCRATCH_BYTES]) == [body]


def test_receivers_that_share_a_scratch_buffer_do_not_mix_their_frames() -> None:
    scratch = new_scratch()
    first, second = FrameReceiver(scratch, LIMIT), FrameReceiver(scratch, LIMIT)

    assert fed(first, b"\0\0\0\4ab", [2]) == []
    assert fed(second, b"\0\0", [2]) == []
    assert fed(first, b"cd\0\0", [9]) == [b"abcd"]
    assert fed(second, b"\0\2xy", [9]) == [b"xy"]
    assert fed(first, b"\0\1z", [9]) == [b"z"]


def test_a_frame_larger_than_any_buffer_grows_as_its_bytes_come() -> None:
    body = bytes(range(256)) * (3 * WHOLE_BYTES // 256 + 1)
    receiver = FrameReceiver(new_scratch(), LIMIT)

    assert fed(receiver, len(body).to_bytes(4) + body, [SCRATCH_BYTES]) == [body]


def test_an_announcement_alone_takes_little_memory() -> None:
    receiver = FrameReceiver(new_scratch(), LIMIT)

    fed(receiver, LIMIT.to_bytes(4) + b"x", [5])

    assert receiver.held_bytes <= WHOLE_BYTES


def test_a_large_frame_is_writable_and_nobody_elses() -> None:
    receiver = FrameReceiver(new_scratch(), LIMIT)
    data = (2 * SCRATCH_BYTES).to_bytes(4) + bytes(2 * SCRATCH_BYTES)

    (frame,) = received(receiver, data, [len(data)])

    assert isinstance(frame, memoryview)
    assert not frame.readonly
    assert len(frame) == 2 * SCRATCH_BYTES


def test_frames_before_a_size_that_cannot_be_are_still_given() -> None:
    receiver = FrameReceiver(new_scratch(), LIMIT)

    assert fed(receiver, b"\0\0\0\2ab\xff\xff\xff\xff", [100]) == [b"ab"]
    assert receiver.error is not None
