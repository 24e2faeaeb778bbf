"""The catalogue of named defects: what a suite that judges the reference broker must be able to notice.

One module for each area of requirements, imported by the first one who asks; a broker without a defect never does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from typing_extensions import override

from kafka_conformance.reference_broker.mutants.registry import Mutant, mutant, parts_with, registered

__all__ = ["MUTANTS", "Mutant", "find_mutant", "mutant", "parts_with"]


@cache
def _load_all() -> Mapping[str, Mutant]:
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return registered


class _Mutants(Mapping[str, Mutant]):
    """All mutants by name; their modules are imported at the first look."""

    @override
    def __getitem__(self, name: str) -> Mutant:
        return _load_all()[name]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(sorted(_load_all()))

    @override
    def __len__(self) -> int:
        return len(_load_all())


MUTANTS: Mapping[str, Mutant] = _Mutants()


def find_mutant(name: str) -> Mutant:
    """The mutant of that name. Raises KeyError."""
    return MUTANTS[name]
