"""A history in memory: rows of numbers, the names of those numbers, and faults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kafka_conformance.harness.histories.schema import TABLES, Column

Row = tuple[int, ...]


class Fault(NamedTuple):
    """Something that was done to the cluster: only the timeline shows it. A `stop_ns` of -1: to the end."""

    kind: str
    target: str
    start_ns: int
    stop_ns: int = -1
    detail: str = ""


class Names:
    """Numbers for texts, counted from 0 for each kind: proc, tp, val, grp, key."""

    def __init__(self) -> None:
        self._numbers: dict[str, dict[str, int]] = {}
        self._texts: dict[str, list[str]] = {}

    def number(self, kind: str, text: str) -> int:
        """The number of a text, a new one where it has none."""
        numbers = self._numbers.setdefault(kind, {})
        found = numbers.get(text)
        if found is None:
            found = numbers[text] = len(numbers)
            self._texts.setdefault(kind, []).append(text)
        return found

    def known(self, kind: str, text: str) -> int:
        """The number of a text; -1 where it has none."""
        return self._numbers.get(kind, {}).get(text, -1)

    def text(self, kind: str, number: int) -> str:
        """The text of a number; the number where it has no text."""
        texts = self._texts.get(kind, [])
        return texts[number] if 0 <= number < len(texts) else str(number)

    def texts(self, kind: str) -> Sequence[str]:
        """All of a kind, in the order of their numbers."""
        return self._texts.get(kind, [])

    @property
    def kinds(self) -> Iterable[str]:
        """The kinds that have a name."""
        return self._texts.keys()


@dataclass(slots=True)
class History:
    """The rows of each table, in any order. `complete`: whoever recorded it came to its end."""

    tables: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in TABLES})
    names: Names = field(default_factory=Names)
    faults: list[Fault] = field(default_factory=list)
    complete: bool = True

    def add(self, table: str, **cells: int) -> None:
        """Adds a row; a column that is not named gets its default. Raises TypeError where it has none."""
        self.tables[table].append(row_of(table, cells))

    @property
    def records(self) -> list[Row]:
        """Records sent and seen."""
        return self.tables["records"]


def row_of(table: str, cells: Mapping[str, int]) -> Row:
    """The cells in the order of the columns. Raises TypeError for a column that is missing or unknown."""
    columns = TABLES[table]
    unknown = cells.keys() - {column.name for column in columns}
    if unknown:
        raise TypeError(f"{table} has no column {', '.join(sorted(unknown))}")
    return tuple(_cell(table, column, cells) for column in columns)


def _cell(table: str, column: Column, cells: Mapping[str, int]) -> int:
    value = cells.get(column.name, column.default)
    if value is None:
        raise TypeError(f"a row of {table} says its {column.name}")
    return int(value)
