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
        # The last one shows what was found: it runs however late it is.
        is_final = current_build_context().is_final
        late = "s" in failed_at and time.monotonic() - failed_at["s"] > SHRINK_WITHIN_S
        if late and not is_final:
            hypothesis.reject()
        try:
            with cluster.case():
                return test(*args, **kwargs)
        except Exception:
            failed_at.setdefault("s", time.monotonic())
            raise
        finally:
            if is_final:
                failed_at.clear()

    example.framed = True  # type: ignore[attr-defined]
    return example
