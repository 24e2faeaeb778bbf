"""Frames come out whole, however their bytes arrive."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.reference_broker.network.frame_receiver import (
    SCRATCH_BYTES,
    WHOLE_BYTES,
    FrameReceiver,
    new_scratch,
)

LIMIT = 100 * 1024 * 1024


def fed(receiver: FrameReceiver, data: bytes, pieces: list[int]) -> list[bytes]:
    frames: list[bytes] = []
    position = 0
    turn = 0
    while position < len(data) and receiver.error is None:
        buffer = receiver.buffer()
        piece = min(pieces[turn % len(pieces)], len(buffer), len(data) - position)
        turn += 1
        buffer[:piece] = data[position : position + piece]
        position += piece
        frames += [bytes(frame) for frame in receiver.received(piece)]
    return frames


@given(
    bodies=st.lists(st.binary(min_size=1, max_size=40), max_size=8),
    pieces=st.lists(st.integers(1, 60), min_size=1, max_size=5),
)
def test_frames_are_cut_where_their_sizes_say(bodies: list[bytes], pieces: list[int]) -> None:
    data = b"".join(len(body).to_bytes(4) + body for body in bodies)

    assert fed(FrameReceiver(new_scratch(), LIMIT), data, pieces) == bodies


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
    frames: list[object] = []
    position = 0
    while position < len(data):
        buffer = receiver.buffer()
        piece = min(len(buffer), len(data) - position)
        buffer[:piece] = data[position : position + piece]
        position += piece
        frames += receiver.received(piece)

    (frame,) = frames
    assert isinstance(frame, memoryview)
    assert not frame.readonly
    assert len(frame) == 2 * SCRATCH_BYTES


def test_frames_before_a_size_that_cannot_be_are_still_given() -> None:
    receiver = FrameReceiver(new_scratch(), LIMIT)

    assert fed(receiver, b"\0\0\0\2ab\xff\xff\xff\xff", [100]) == [b"ab"]
    assert receiver.error is not None
