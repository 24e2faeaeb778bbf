"""Every configuration that Kafka 4.3.1 defines, read from a table that was written from Kafka's own definitions.

The table is read once, and a line of it is parsed when its name is first asked for: a broker needs a few dozen of
four hundred to answer its first request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import IntEnum
from functools import cache
from os.path import dirname, join  # pathlib costs a starting broker 5 ms
from typing import NamedTuple

TABLE = join(dirname(__file__), "kafka-4.3.1.tsv")


class ConfigType(IntEnum):
    """The types of values, numbered as DescribeConfigs shows them from version 3 on."""

    UNKNOWN = 0
    BOOLEAN = 1
    STRING = 2
    INT = 3
    SHORT = 4
    LONG = 5
    DOUBLE = 6
    LIST = 7
    CLASS = 8
    PASSWORD = 9


class Synonym(NamedTuple):
    """A broker configuration that stands in for a topic's or group's; its value times `factor`."""

    name: str
    factor: int = 1


class Definition(NamedTuple):
    """One configuration. `default` is text, None where Kafka's default is null; `valid` is in the table's notation."""

    name: str
    type: ConfigType
    default: str | None
    required: bool
    valid: str
    internal: bool
    note: str
    """How a broker's can be updated ("", "cluster-wide", "per-broker"); the broker synonyms of the others."""

    @property
    def synonyms(self) -> tuple[Synonym, ...]:
        """The broker configurations that a topic or group falls back on, first one first."""
        found = []
        for part in self.note.split(",") if self.note else ():
            name, _, factor = part.partition("*")
            found.append(Synonym(name, int(factor or 1)))
        return tuple(found)

    @property
    def is_sensitive(self) -> bool:
        """Whether the value is never shown."""
        return self.type is ConfigType.PASSWORD


class Definitions(Mapping[str, Definition]):
    """The definitions for one kind of resource, by name."""

    def __init__(self, lines: Mapping[str, str]) -> None:
        self._lines = lines
        self._parsed: dict[str, Definition] = {}

    def __getitem__(self, name: str) -> Definition:
        """Return one definition. Raises KeyError for a name that Kafka does not define."""
        found = self._parsed.get(name)
        if found is None:
            found = self._parsed[name] = _parse_line(name, self._lines[name])
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._lines

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)


def _parse_line(name: str, line: str) -> Definition:
    kind, default, valid, internal, note = line.split("\t")
    return Definition(
        name=name,
        type=ConfigType[kind.upper()],
        default=None if default in ("<null>", "<required>") else default,
        required=default == "<required>",
        valid=valid,
        internal=internal == "internal",
        note=note,
    )


@cache
def _tables() -> Mapping[str, Definitions]:
    lines: dict[str, dict[str, str]] = {}
    with open(TABLE, encoding="utf-8") as table:
        next(table)
        for line in table:
            resource, name, rest = line.rstrip("\n").split("\t", 2)
            lines.setdefault(resource, {})[name] = rest
    return {resource: Definitions(by_name) for resource, by_name in lines.items()}


def definitions(resource: str) -> Definitions:
    """Return the definitions for "broker", "quota" (dynamic for brokers only), "topic", "group", "client-metrics"."""
    return _tables()[resource]
