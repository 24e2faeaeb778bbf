"""Files in the format of java.util.Properties, such as Kafka's server.properties.

Source: the documentation of java.util.Properties.load: comments, continuation lines, separators, escapes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kafka_conformance.reference_broker.config.errors import ConfigError

_BLANK = " \t\f"
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


class Property(NamedTuple):
    """One entry and the line, from 1, on which it starts."""

    name: str
    value: str
    line: int


def read_properties(data: bytes) -> list[Property]:
    """Read a file's entries in order; where a name comes twice, Java takes the last.

    Java reads the bytes as ISO 8859-1. Raises ConfigError with the line for a broken escape.
    """
    return [_entry(text, line) for text, line in _logical_lines(data.decode("iso-8859-1"))]


def _logical_lines(text: str) -> Iterator[tuple[str, int]]:
    """Join continuation lines; leave out comments and blank lines."""
    joined, start = "", 0
    for number, natural in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        line = natural.lstrip(_BLANK)
        if not joined and (not line or line[0] in "#!"):
            continue
        start = start or number
        if _continues(line):
            joined += line[:-1]
            # A continuation may follow an empty start; the marker keeps a comment sign in it from being one
            joined = joined or _BLANK[0]
            continue
        yield (joined + line).lstrip(_BLANK), start
        joined, start = "", 0
    if joined.strip(_BLANK):
        yield joined.lstrip(_BLANK), start


def _continues(line: str) -> bool:
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _entry(text: str, line: int) -> Property:
    end = _end_of_name(text)
    rest = text[end:].lstrip(_BLANK)
    if rest and rest[0] in "=:":
        rest = rest[1:].lstrip(_BLANK)
    return Property(_unescaped(text[:end], line), _unescaped(rest, line), line)


def _end_of_name(text: str) -> int:
    position = 0
    while position < len(text):
        if text[position] == "\\":
            position += 1
        elif text[position] in "=:" or text[position] in _BLANK:
            break
        position += 1
    return min(position, len(text))


def _unescaped(text: str, line: int) -> str:
    if "\\" not in text:
        return text
    out: list[str] = []
    characters = iter(text)
    for character in characters:
        if character != "\\":
            out.append(character)
            continue
        escaped = next(characters, "")
        out.append(_unicode(characters, line) if escaped == "u" else _ESCAPES.get(escaped, escaped))
    return "".join(out)


def _unicode(characters: Iterator[str], line: int) -> str:
    digits = "".join(next(characters, "") for _ in range(4))
    try:
        if len(digits) == 4 and digits.isalnum():
            return chr(int(digits, 16))
    except ValueError:
        pass
    raise ConfigError(f"line {line}: malformed \\uxxxx encoding: \\u{digits}")
