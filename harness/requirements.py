"""The catalogue of requirements: TOML files of one directory tree, read once into frozen entries.

[[requirement]]
id      = "produce/idempotence/duplicate-sequence"    # area/.../name; never changes
level   = "MUST"                                      # MUST, SHOULD, INFO
text    = "A retry of any of a producer's last five batches is acknowledged with its first offset."
holds   = ">=1.0"                                     # versions of Apache Kafka; left out: all
needs   = ["idempotence"]                             # capabilities
sources = [{ kip = 98 }, { file = "...", symbol = "..." }, { observed = "4.3.1", seeds = 20 }]
excluded = "not observable on the wire"               # instead of a case
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from typing_extensions import override

from kafka_conformance.harness.errors import UsageError, did_you_mean
from kafka_conformance.harness.versions import VersionRange, parse_range

_KEYS = ("id", "level", "text", "holds", "needs", "sources", "excluded")
_SOURCE_KEYS = ({"kip"}, {"documentation"}, {"file", "symbol"}, {"observed", "seeds"})
_SOURCES_ALLOWED = "{kip}, {documentation}, {file, symbol} or {observed, seeds}"
_SEGMENT = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
_ID = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})+")


class Level(StrEnum):
    """What a violation means: MUST fails a run, SHOULD is reported, INFO is only observed."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    INFO = "INFO"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a requirement comes from: exactly one of a KIP, a page, a symbol of a file, or an observation."""

    kip: int | None = None
    documentation: str | None = None
    file: str | None = None
    symbol: str | None = None
    observed: str | None = None
    seeds: int | None = None

    @override
    def __str__(self) -> str:
        if self.kip is not None:
            return f"KIP-{self.kip}"
        if self.documentation is not None:
            return self.documentation
        if self.file is not None:
            return f"{self.file} {self.symbol}"
        return f"observed on Apache Kafka {self.observed} ({self.seeds} seeds)"

    @property
    def url(self) -> str | None:
        """A page of kafka.apache.org that a documentation source names, else None."""
        page = self.documentation or ""
        return page if re.match(r"https://kafka\.apache\.org(/|$)", page) else None


@dataclass(frozen=True, slots=True)
class Requirement:
    """One sentence that a Kafka, or a client of it, keeps."""

    id: str
    level: Level
    text: str
    sources: tuple[Source, ...]
    holds: VersionRange = field(default_factory=VersionRange)
    needs: frozenset[str] = frozenset()
    excluded: str | None = None

    @property
    def area(self) -> str:
        """The first part of the id."""
        return self.id.partition("/")[0]

    def holds_for(self, kafka_version: str | None) -> bool:
        """Whether the requirement applies to that version; an unknown version is held to all of them."""
        return kafka_version is None or kafka_version in self.holds


class Catalogue(Mapping[str, Requirement]):
    """Requirements by id, in the order of their ids."""

    def __init__(self, requirements: Iterable[Requirement] = ()) -> None:
        self._by_id = {entry.id: entry for entry in sorted(requirements, key=lambda entry: entry.id)}

    @override
    def __getitem__(self, requirement_id: str) -> Requirement:
        return self._by_id[requirement_id]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    @override
    def __len__(self) -> int:
        return len(self._by_id)

    def find(self, requirement_id: str, *, where: str = "") -> Requirement:
        """The entry with this id; raises UsageError that names the nearest known id."""
        if requirement_id not in self._by_id:
            hint = did_you_mean(requirement_id, self._by_id)
            raise UsageError(f"no requirement has the id {requirement_id!r}.{hint}", where=where)
        return self._by_id[requirement_id]

    def areas(self) -> tuple[str, ...]:
        """The first parts of all ids, each once, in order."""
        return tuple(dict.fromkeys(entry.area for entry in self.values()))


def load_catalogue(*directories: Path) -> Catalogue:
    """Reads every *.toml below the directories; raises UsageError with file, id and key for the first fault."""
    found: dict[str, tuple[Requirement, Path]] = {}
    for directory in directories:
        if not directory.is_dir():
            raise UsageError("no such directory of requirements", where=str(directory))
        for path in sorted(directory.rglob("*.toml")):
            for entry in load_requirements(path):
                if entry.id in found:
                    raise UsageError(f"{entry.id} is already in {found[entry.id][1]}", key="id", where=str(path))
                found[entry.id] = entry, path
    return Catalogue(entry for entry, _ in found.values())


def load_requirements(path: Path) -> tuple[Requirement, ...]:
    """The entries of one file in its order; raises UsageError as `load_catalogue` does."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"cannot be read: {error}", where=str(path)) from error
    entries = document.pop("requirement", [])
    if document or not isinstance(entries, list):
        raise UsageError("expected [[requirement]] tables and nothing else", where=str(path))
    return tuple(_requirement(entry, f"{path}: requirement {n}") for n, entry in enumerate(entries, 1))


def _requirement(entry: Any, where: str) -> Requirement:
    if not isinstance(entry, dict):
        raise UsageError("expected a table", value=entry, where=where)
    requirement_id = _text(entry, "id", where)
    if not _ID.fullmatch(requirement_id):
        raise UsageError(
            "expected a path of words", key="id", value=requirement_id, allowed="area/name in a-z, 0-9, -", where=where
        )
    where = f"{where.rpartition(': ')[0]}: {requirement_id}"
    for key in entry.keys() - set(_KEYS):
        raise UsageError(f"unknown key.{did_you_mean(key, _KEYS)}", key=key, allowed=", ".join(_KEYS), where=where)
    excluded = _text(entry, "excluded", where) if "excluded" in entry else None
    try:
        holds = parse_range(_text(entry, "holds", where)) if "holds" in entry else VersionRange()
    except UsageError as error:
        raise UsageError(error.message, key="holds", value=error.value, allowed=error.allowed, where=where) from error
    return Requirement(
        id=requirement_id,
        level=_level(entry, where),
        text=_sentence(entry, where),
        sources=_sources(entry, where),
        holds=holds,
        needs=_needs(entry, where),
        excluded=excluded,
    )


def _text(entry: Mapping[str, Any], key: str, where: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise UsageError("expected some text" if key in entry else "is missing", key=key, value=value, where=where)
    return value


def _sentence(entry: Mapping[str, Any], where: str) -> str:
    text = _text(entry, "text", where)
    if not text.endswith("."):
        raise UsageError("expected a sentence that ends with a full stop", key="text", value=text, where=where)
    return text


def _level(entry: Mapping[str, Any], where: str) -> Level:
    level = _text(entry, "level", where)
    if level not in Level.__members__:
        raise UsageError("expected a level", key="level", value=level, allowed=", ".join(Level), where=where)
    return Level(level)


def _needs(entry: Mapping[str, Any], where: str) -> frozenset[str]:
    needs = entry.get("needs", [])
    if not isinstance(needs, list) or not all(isinstance(need, str) and need for need in needs):
        raise UsageError("expected a list of capabilities", key="needs", value=needs, where=where)
    return frozenset(needs)


def _sources(entry: Mapping[str, Any], where: str) -> tuple[Source, ...]:
    sources = entry.get("sources", [])
    if not isinstance(sources, list) or not sources:
        raise UsageError("expected at least one source", key="sources", allowed=_SOURCES_ALLOWED, where=where)
    return tuple(_source(source, where) for source in sources)


def _source(source: Any, where: str) -> Source:
    if not isinstance(source, dict) or source.keys() not in _SOURCE_KEYS:
        raise UsageError("expected a source", key="sources", value=source, allowed=_SOURCES_ALLOWED, where=where)
    for key, value in source.items():
        good = _positive(value) if key in ("kip", "seeds") else isinstance(value, str) and value.strip()
        if not good:
            expected = "a positive number" if key in ("kip", "seeds") else "some text"
            raise UsageError(f"expected {expected}", key=f"sources.{key}", value=value, where=where)
    return Source(**source)


def _positive(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
