"""Each example of a property as a case of its own, and an end to making counterexamples small."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import hypothesis
from hypothesis.control import current_build_context

from kafka_conformance.harness.subject.cluster import Cluster

SHRINK_WITHIN_S = 30.0
"""Of real time since the first failure. An example that fails by waiting for an answer costs half a minute each."""


def wrap_examples(property_test: Any, cluster: Cluster) -> None:
    """Puts a frame around each example, once for each function."""
    handle = property_test.hypothesis
    if not hasattr(handle.inner_test, "framed"):
        handle.inner_test = _framed(handle.inner_test, cluster)


def _framed(test: Callable[..., Any], cluster: Cluster) -> Callable[..., Any]:
    failed_at: dict[str, float] = {}

    @wraps(test)
    def example(*args: Any, **kwargs: Any) -> Any:
        is_final = current_build_context().is_final
        drawn = repr({name: value for name, value in kwargs.items() if value is not cluster})
        if _is_late(failed_at, drawn) and not is_final:
            hypothesis.reject()
        try:
            with cluster.case():
                return test(*args, **kwargs)
        except Exception:
            failed_at.setdefault(drawn, time.monotonic())
            raise
        finally:
            if is_final:  # it shows what was found
                failed_at.clear()

    example.framed = True  # type: ignore[attr-defined]
    return example


def _is_late(failed_at: dict[str, float], drawn: str) -> bool:
    """Whether time is over for yet another example. What has failed may run again: Hypothesis makes sure of it."""
    if not failed_at or drawn in failed_at:
        return False
    return time.monotonic() - min(failed_at.values()) > SHRINK_WITHIN_S
