"""How many examples a property gets: `quick`, `default`, `thorough`, times what the target's kind is worth.

Hypothesis reads its settings when a test is decorated, so a suite's conftest loads a profile before its modules are
imported. Properties state no number of their own.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

EXAMPLES_FACTOR: pytest.StashKey[Callable[[], float]] = pytest.StashKey()
"""Tells what the chosen target is worth; put there by whoever knows the targets."""
SHRINKING: pytest.StashKey[bool] = pytest.StashKey()
"""Whether counterexamples are made small; not where all that matters is that there is one."""

EXAMPLES = {"quick": 5, "default": 20, "thorough": 200}


def load_profile(profile: str, examples_factor: float = 1.0, *, shrinking: bool = True) -> None:
    """Makes it Hypothesis's current profile: no deadline (a broker decides how long it takes), no database.

    Seeds are set for each case from the run's, so a profile need not be derandomised.
    """
    from hypothesis import HealthCheck, Phase, settings  # for a session with cases only

    name = f"kafka-conformance-{profile}-{examples_factor:g}-{shrinking}"
    settings.register_profile(
        name,
        max_examples=max(2, round(EXAMPLES[profile] * examples_factor)),
        deadline=None,
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
        phases=(Phase.explicit, Phase.generate, *((Phase.shrink,) if shrinking else ())),
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example),
    )
    settings.load_profile(name)
