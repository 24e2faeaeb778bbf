"""The features that a reference cluster finalises, and what its brokers support. Source: observed on Kafka 4.3.1."""

from __future__ import annotations

from typing import NamedTuple


class Feature(NamedTuple):
    """A feature with its finalised level and the levels that brokers support."""

    name: str
    level: int
    first: int
    last: int


FEATURES = (
    Feature("metadata.version", 30, 7, 30),
    Feature("eligible.leader.replicas.version", 1, 0, 1),
    Feature("transaction.version", 2, 0, 2),
)
"""Others, such as group.version, promise protocols that this broker does not serve."""
