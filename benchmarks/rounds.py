"""Interleaved rounds: each round runs every contender once, in turn, so that a slow moment hits all alike."""

from collections.abc import Callable, Mapping
from statistics import median
from typing import NamedTuple


class Figure(NamedTuple):
    """One measured quantity: the median of each contender, and ours as a ratio to each of the others."""

    name: str
    unit: str
    higher_is_better: bool
    medians: Mapping[str, float]
    ratios: Mapping[str, float]

    def line(self) -> str:
        """One line for a person."""
        measured = ", ".join(f"{name} {value:.4g}" for name, value in self.medians.items())
        compared = ", ".join(f"{value:.2f} of {name}" for name, value in self.ratios.items())
        return f"{self.name} [{self.unit}]: {measured}" + (f"  ->  ours is {compared}" if compared else "")


def figure(
    name: str, unit: str, medians: Mapping[str, float], *, ours: str = "reference", higher_is_better: bool = True
) -> Figure:
    """Set `ours` in relation to the others."""
    ratios = {other: medians[ours] / value for other, value in medians.items() if other != ours and value}
    return Figure(name, unit, higher_is_better, medians, ratios)


def compare(
    name: str,
    unit: str,
    contenders: Mapping[str, Callable[[], float]],
    *,
    rounds: int,
    ours: str = "reference",
    higher_is_better: bool = True,
) -> Figure:
    """Measure each contender once in every round."""
    measured: dict[str, list[float]] = {contender: [] for contender in contenders}
    for _ in range(rounds):
        for contender, measure in contenders.items():
            measured[contender].append(measure())
    medians = {contender: median(values) for contender, values in measured.items()}
    return figure(name, unit, medians, ours=ours, higher_is_better=higher_is_better)
