"""How answers are cut into what the transport gets at once."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.reference_broker.network.unsent import PIECE_BYTES, Unsent

sizes = st.lists(st.sampled_from([1, 100, PIECE_BYTES // 2, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 700_000]))


def _pieces(unsent: Unsent) -> list[bytes]:
    found = []
    while unsent:
        found.append(bytes(unsent.next_piece()))
    return found


@given(sizes=sizes)
def test_pieces_are_bounded_and_together_are_what_was_added(sizes: list[int]) -> None:
    buffers = [bytes([number % 256]) * size for number, size in enumerate(sizes)]
    unsent = Unsent()
    unsent.add(list(buffers))
    pieces = _pieces(unsent)
    assert b"".join(pieces) == b"".join(buffers)
    assert all(0 < len(piece) <= PIECE_BYTES for piece in pieces)


def test_small_buffers_are_sent_together() -> None:
    unsent = Unsent()
    unsent.add([b"header", memoryview(b"batch"), b"tail"])
    assert _pieces(unsent) == [b"headerbatchtail"]


def test_answers_leave_in_the_order_in_which_they_were_added() -> None:
    unsent = Unsent()
    unsent.add([bytes(PIECE_BYTES)])
    unsent.add([b"second"])
    assert _pieces(unsent) == [bytes(PIECE_BYTES), b"second"]
