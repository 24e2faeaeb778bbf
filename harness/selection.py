"""Which requirements a run judges: EXPR, terms between commas.

    produce                           an area, or any first parts of an id: produce/idempotence
    produce/idempotence/fencing       one id
    */fencing*                        a glob over the whole id, where * also crosses a slash
    level:MUST                        a level
    -TERM                             leaves out what TERM names

A requirement is selected when some name takes it (no name takes all), some level does (no level takes all) and no
`-TERM` does: `produce,fetch,level:MUST,-produce/acks` is the MUSTs of produce and fetch without those about acks.
"""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase

from kafka_conformance.harness.errors import UsageError, did_you_mean
from kafka_conformance.harness.requirements import Catalogue, Level, Requirement

Takes = Callable[[Requirement], bool]


def select(catalogue: Catalogue, expression: str = "", *, where: str = "--select") -> tuple[Requirement, ...]:
    """The selected entries in catalogue order, without the excluded; UsageError for a term that names nothing."""
    names: list[Takes] = []
    levels: list[Takes] = []
    without: list[Takes] = []
    for term in filter(None, (term.strip() for term in expression.split(","))):
        takes = _term(term.removeprefix("-"), catalogue, where)
        (without if term.startswith("-") else levels if term.startswith("level:") else names).append(takes)

    def selected(entry: Requirement) -> bool:
        named = not names or any(takes(entry) for takes in names)
        levelled = not levels or any(takes(entry) for takes in levels)
        return named and levelled and not any(takes(entry) for takes in without)

    return tuple(entry for entry in catalogue.values() if entry.excluded is None and selected(entry))


def _term(term: str, catalogue: Catalogue, where: str) -> Takes:
    if term.startswith("level:"):
        return _level(term.removeprefix("level:"), where)
    takes = _glob(term) if set(term) & set("*?[") else _path(term)
    if not any(takes(entry) for entry in catalogue.values()):
        hint = did_you_mean(term, [*catalogue.areas(), *catalogue])
        raise UsageError(f"{term!r} names no requirement.{hint}", where=where)
    return takes


def _level(name: str, where: str) -> Takes:
    if name.upper() not in Level.__members__:
        raise UsageError("expected a level", key="level", value=name, allowed=", ".join(Level), where=where)
    level = Level(name.upper())
    return lambda entry: entry.level is level


def _glob(pattern: str) -> Takes:
    return lambda entry: fnmatchcase(entry.id, pattern)


def _path(path: str) -> Takes:
    path = path.rstrip("/")
    return lambda entry: entry.id == path or entry.id.startswith(f"{path}/")
