"""Each example of a property as a case of its own, and an end to making counterexamples small.

Hypothesis runs a failing example at least three times, and hundreds of times to make it small. That is cheap where a
broker answers. One that fails by waiting for an answer takes half a minute each time: such an example is shown as it
was found, and nothing is run again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import hypothesis
from hypothesis.control import current_build_context
from hypothesis.errors import UnsatisfiedAssumption
from hypothesis.strategies import DataObject

from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.violation import NotApplicable

SLOW_S = 4.0
"""An example that took longer until it failed is not run again. Real time, like all of these."""


class FoundSlowly(BaseException):
    """Ends a property at once, past Hypothesis, which would run the example again; its cause is what was found."""

    def __init__(self, found: Exception) -> None:
        super().__init__(found)
        self.found = found


def wrap_examples(property_test: Any, cluster: Cluster, *, shrink_within_s: float) -> None:
    """Puts a frame around each example, once for each function; called before each run of the property.

    Counterexamples are made small for `shrink_within_s` seconds since the first failure.
    """
    handle = property_test.hypothesis
    if not hasattr(handle.inner_test, "shrinking"):
        handle.inner_test = _framed(handle.inner_test, cluster, shrink_within_s)
    handle.inner_test.shrinking.forget()


def first_found(property_test: Any) -> Exception | None:
    """What the first example that failed raised, in the last run of a property that ended without showing one.

    Hypothesis gives up where an example draws otherwise when it is repeated: the target was another the second time.
    """
    shrinking: _Shrinking = property_test.hypothesis.inner_test.shrinking
    return shrinking.found


class _Shrinking:
    """When making a counterexample small began, and when it is over."""

    def __init__(self, within_s: float) -> None:
        self._within_s = within_s
        self.forget()

    def forget(self) -> None:
        """The property begins anew."""
        self.found: Exception | None = None
        self._began_s: float | None = None
        self._ran_again = False

    def failed(self, error: Exception) -> None:
        """An example failed."""
        self.found = self.found or error
        self._began_s = time.monotonic() if self._began_s is None else self._began_s

    def is_over(self) -> bool:
        """Asked before each example. What failed first is run once more however late: Hypothesis makes sure of it."""
        if self._began_s is None or not self._ran_again:
            self._ran_again = self._began_s is not None
            return False
        return time.monotonic() - self._began_s > self._within_s


def _framed(test: Callable[..., Any], cluster: Cluster, shrink_within_s: float) -> Callable[..., Any]:
    shrinking = _Shrinking(shrink_within_s)

    @wraps(test)
    def example(*args: Any, **kwargs: Any) -> Any:
        is_final = current_build_context().is_final
        began = time.monotonic()
        if not is_final and shrinking.is_over():
            hypothesis.reject()
        shown = {name: _Draws(value) if isinstance(value, DataObject) else value for name, value in kwargs.items()}
        try:
            with cluster.case():
                return test(*args, **shown)
        except (NotApplicable, UnsatisfiedAssumption):
            raise  # nothing was found, however long it took
        except Exception as error:
            if time.monotonic() - began > SLOW_S:
                _note(error, test.__name__, {name: value for name, value in shown.items() if value is not cluster})
                raise FoundSlowly(error) from error
            shrinking.failed(error)
            raise

    example.shrinking = shrinking  # type: ignore[attr-defined]
    return example


class _Draws:
    """What `data()` gives to an example, with what was drawn from it."""

    def __init__(self, data: DataObject) -> None:
        self._data = data
        self.drawn: list[str] = []

    def draw(self, strategy: Any, label: Any = None) -> Any:
        """As Hypothesis's own."""
        value = self._data.draw(strategy, label)
        name = f"Draw {len(self.drawn) + 1}" if label is None else f"Draw {len(self.drawn) + 1} ({label})"
        self.drawn.append(f"{name}: {value!r}")
        return value


def _note(error: Exception, name: str, arguments: Mapping[str, Any]) -> None:
    """Notes the example on what it raised, as Hypothesis does when it shows one."""
    drawn = [line for value in arguments.values() if isinstance(value, _Draws) for line in value.drawn]
    plain = [f"    {key}={value!r}," for key, value in arguments.items() if not isinstance(value, _Draws)]
    error.add_note("\n".join([f"Failing test case: {name}(", *plain, ")", *drawn]))
