from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.reports.printable import one_line, printable

ANY = st.text(st.characters(codec=None))  # surrogates too


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\x00b", "a\\x00b"),
        ("\u202eevil", "\\u202eevil"),
        ("\ud800", "\\ud800"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("Größe 数 🙂", "Größe 数 🙂"),
    ],
)
def test_what_would_steer_a_terminal_is_spelled_out(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(ANY)
def test_printable_text_can_be_encoded_and_stays_as_it_is(text: str) -> None:
    once = printable(text)

    assert once.encode("utf-8").decode("utf-8") == once
    assert printable(once) == once
    assert all(character.isprintable() or character in "\n\t" or ord(character) > 0x7F for character in once)


@given(ANY)
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1
