"""Which broker configurations stand for the same thing, and in which order they are looked at.

Source: DynamicBrokerConfig.brokerConfigSynonyms.
"""

from __future__ import annotations

_FAMILIES = (
    ("log.roll.ms", "log.roll.hours"),
    ("log.roll.jitter.ms", "log.roll.jitter.hours"),
    ("log.retention.ms", "log.retention.minutes", "log.retention.hours"),
)
_BY_NAME = {name: family for family in _FAMILIES for name in family}
_BY_NAME["log.flush.interval.ms"] = ("log.flush.interval.ms", "log.flush.scheduler.interval.ms")


def broker_synonyms(name: str) -> tuple[str, ...]:
    """Return the names that can set `name`, the strongest first; `name` itself is one of them."""
    return _BY_NAME.get(name, (name,))
