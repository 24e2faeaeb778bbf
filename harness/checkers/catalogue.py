"""The checks, as their SQL files have them, and the views that they share.

A file begins with its comment: what it finds, then labelled paragraphs (Sound, Blind, Source, Says, Reads). `Reads`
names tables and columns without which there is nothing to judge. The text keeps to what sqlite3, DuckDB and Spark all
take: window functions, common table expressions and joins, no division, no nulls to order by, no engine's own words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Says(StrEnum):
    """What a row of a check means."""

    VIOLATION = "violation"
    UNKNOWN = "unknown"
    MEASURE = "measure"


class Check(NamedTuple):
    """One anomaly. `reads`: tables, and columns as table.column."""

    name: str
    finds: str
    sound: str
    blind: str
    source: str
    says: Says
    reads: tuple[str, ...]
    sql: str


VIEWS = (
    "evidence",
    "hidden",
    "sent",
    "log",
    "chain",
    "steps",
    "send_steps",
    "spans",
    "unread",
    "missing",
    "mixed",
    "edges",
    "islands",
)
"""Each is made of those before it and of the tables of a history."""

CYCLES = "circular_reads"
"""The check whose rows are edges: what it finds are the circles in them."""

_LABEL = re.compile(r"^(Sound|Blind|Source|Says|Reads): ", re.MULTILINE)


@cache
def checks() -> Mapping[str, Check]:
    """All checks by name."""
    found = (entry.name for entry in files(__package__).joinpath("sql").iterdir() if entry.name.endswith(".sql"))
    return {name: _check(name) for name in sorted(file.removesuffix(".sql") for file in found)}


@cache
def view(name: str) -> str:
    """The query of a shared view."""
    return split_comment(_text("views", name))[1]


@cache
def views_of(sql: str) -> tuple[str, ...]:
    """The views that a query needs, in the order in which they are to be made."""
    needed = {name for name in VIEWS if re.search(rf"\b{name}\b", sql)}
    for name in reversed(VIEWS):
        if name in needed:
            needed |= {other for other in VIEWS if other != name and re.search(rf"\b{other}\b", view(name))}
    return tuple(name for name in VIEWS if name in needed)


def split_comment(text: str) -> tuple[str, str]:
    """The comment at the top without its dashes, and the query."""
    lines = text.splitlines()
    end = next(number for number, line in enumerate(lines) if not line.startswith("--"))
    return "\n".join(line.removeprefix("--").strip() for line in lines[:end]), "\n".join(lines[end:])


def _check(name: str) -> Check:
    comment, sql = split_comment(_text("sql", name))
    finds, *labelled = _LABEL.split(comment)
    says = dict(zip(labelled[::2], map(_joined, labelled[1::2]), strict=True))
    reads = tuple(filter(None, says.get("Reads", "").split(", ")))
    return Check(
        name, _joined(finds), says["Sound"], says["Blind"], says["Source"], Says(says["Says"]), ("records", *reads), sql
    )


def _joined(lines: str) -> str:
    return " ".join(lines.split())


def _text(folder: str, name: str) -> str:
    return files(__package__).joinpath(folder, f"{name}.sql").read_text(encoding="utf-8")
