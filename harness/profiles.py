"""How many examples a property gets: `quick`, `default`, `thorough`, times what the target's kind is worth.

The settings are put on each property when it is about to run, so that Hypothesis's own profiles, which a user's other
tests may have, stay as they are. Properties state none of their own; where one does, its word counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, settings

EXAMPLES_SHARE = "kafka_conformance_examples_share"
"""The attribute of a property that gets but a share of the examples."""
A_FEW = 0.1
HALF = 0.5

EXAMPLES = {"quick": 5, "default": 20, "thorough": 200}
SHRINK_WITHIN_S = {"quick": 4.0, "default": 10.0, "thorough": 60.0}
"""How long a counterexample may be made small: a broker may violate a hundred properties."""


def profile_settings(profile: str, examples_factor: float = 1.0, *, shrinking: bool = True) -> settings:
    """No deadline (a broker decides how long it takes) and no database (a seed decides what is drawn).

    `shrinking` False: counterexamples are not made small, for those who only ask whether there is one.
    """
    return settings(
        max_examples=max(2, round(EXAMPLES[profile] * examples_factor)),
        deadline=None,
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
        phases=(Phase.explicit, Phase.generate, *((Phase.shrink,) if shrinking else ())),
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example),
    )


def apply_once(chosen: settings, test: Callable[..., Any]) -> None:
    """Puts them on a property that has none of its own; the parameters of a test share its function."""
    if not getattr(test, "_hypothesis_internal_settings_applied", False):
        share = getattr(test, EXAMPLES_SHARE, 1)
        settings(chosen, max_examples=max(2, int(chosen.max_examples * share)))(test)
