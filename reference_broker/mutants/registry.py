"""The registry of named defects: each a subclass of one part of a cluster that overrides one of its methods.

A defect that nobody notices says that the suite is blind; one whose method was never called says nothing at all, so
calls are counted. Nothing of a broker is patched: a cluster with a defect is built from other `Parts`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from inspect import getdoc
from types import FunctionType
from typing import Any, TypeVar

from kafka_conformance.reference_broker.parts import Parts

C = TypeVar("C", bound=type)


@dataclass(eq=False)
class Mutant:
    """One named defect. `reached` counts the calls of its method, of all clusters of this process."""

    name: str
    violates: str
    """The id of the requirement whose cases must notice it."""
    part: type[Any]
    method: str
    reached: int = field(default=0, init=False)

    @property
    def defect(self) -> str:
        """What is wrong with it, in one sentence."""
        return (getdoc(self.part) or "").partition("\n\n")[0].replace("\n", " ")

    def parts(self) -> Parts:
        """What a cluster with this defect, and no other, is built from."""
        return parts_with(self)


registered: dict[str, Mutant] = {}


def mutant(name: str, *, violates: str) -> Callable[[C], C]:
    """Register the class below as a defect that breaks the requirement with the id `violates`.

    The class extends a part and overrides exactly one of its methods; anything else is a TypeError. Its docstring is
    the sentence that says what is wrong.
    """

    def register(part: C) -> C:
        if name in registered:
            raise ValueError(f"two mutants have the name {name}: {registered[name].part.__name__}, {part.__name__}")
        found = Mutant(name, violates, part, overridden_method(part))
        if not found.defect.endswith("."):
            raise TypeError(f"{part.__name__} does not say in a sentence what is wrong with it")
        _count_calls(found)
        registered[name] = found
        return part

    return register


def overridden_method(part: type[Any]) -> str:
    """The one method that a mutant overrides; raises TypeError if it is not one, or does more than that."""
    kinds = (FunctionType, property, staticmethod)
    own: list[str] = [name for name, value in vars(part).items() if isinstance(value, kinds)]
    new = [name for name in own if not any(hasattr(base, name) for base in part.__bases__)]
    if len(own) != 1 or new:
        raise TypeError(f"{part.__name__} overrides {', '.join(own) or 'nothing'}; a mutant overrides one method")
    return own[0]


def _count_calls(found: Mutant) -> None:
    original = vars(found.part)[found.method]
    function: Callable[..., Any] = original
    if isinstance(original, property):
        function = original.__get__
    elif isinstance(original, staticmethod):
        function = original.__func__

    @wraps(function)
    def counted(*args: Any, **kwargs: Any) -> Any:
        found.reached += 1
        return function(*args, **kwargs)

    setattr(found.part, found.method, counted if isinstance(original, FunctionType) else type(original)(counted))


def parts_with(found: Mutant) -> Parts:
    """Kafka's parts but for the one that the mutant takes the place of."""
    return Parts().with_part(found.part)
