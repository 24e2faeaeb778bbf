"""The format of java.util.Properties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.reference_broker.config.errors import ConfigError
from kafka_conformance.reference_broker.config.properties import Property, read_properties


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("a=1", [("a", "1")]),
        ("a = 1 ", [("a", "1 ")]),
        ("a:1\nb 2", [("a", "1"), ("b", "2")]),
        ("  # comment\n! comment\n\n \t\na=#1", [("a", "#1")]),
        ("a=1,\\\n   2,\\\r\n\t3", [("a", "1,2,3")]),
        ("a=1\\\\\nb=2", [("a", "1\\"), ("b", "2")]),
        ("a\\=b\\ c=d\\te", [("a=b c", "d\te")]),
        ("a=\\u0041\\x", [("a", "Ax")]),
        ("a", [("a", "")]),
        ("a==b", [("a", "=b")]),
        ("a=\\\n# no comment", [("a", "# no comment")]),
        ("a=b\\", [("a", "b")]),
    ],
)
def test_entries_are_read_as_java_reads_them(text: str, entries: list[tuple[str, str]]) -> None:
    assert [(each.name, each.value) for each in read_properties(text.encode())] == entries


def test_an_entry_knows_the_line_on_which_it_starts() -> None:
    entries = read_properties(b"# one\na=1,\\\n  2\n\nb=3\n")

    assert entries == [Property("a", "1,2", 2), Property("b", "3", 5)]


def test_bytes_are_latin_1() -> None:
    assert read_properties("a=é".encode("iso-8859-1")) == [Property("a", "é", 1)]


def test_a_broken_escape_is_refused_with_its_line() -> None:
    with pytest.raises(ConfigError, match=r"^line 2: malformed"):
        read_properties(b"a=1\nb=\\u12")


@given(
    st.dictionaries(st.text(st.characters(max_codepoint=255), min_size=1), st.text(st.characters(max_codepoint=255)))
)
def test_what_is_escaped_reads_back(settings: dict[str, str]) -> None:
    def escaped(text: str) -> str:
        return "".join(f"\\u{ord(character):04x}" for character in text)

    text = "\n".join(f"{escaped(name)}={escaped(value)}" for name, value in settings.items())

    assert {each.name: each.value for each in read_properties(text.encode())} == settings


@given(st.binary())
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        entries = read_properties(data)
    except ConfigError:
        return
    assert all(1 <= entry.line <= len(data) + 1 for entry in entries)
