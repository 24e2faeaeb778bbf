"""Versions of Apache Kafka and ranges of them, as a requirement's `holds` gives them: ">=1.0", ">=2.4,<4.0"."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

from typing_extensions import override

from kafka_conformance.harness.errors import UsageError

Version = tuple[int, ...]

_COMPARE: dict[str, Callable[[Version, Version], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
_BOUND = re.compile(r"(>=|<=|==|!=|>|<)\s*(\d+(?:\.\d+)*)")
_LEADING_NUMBERS = re.compile(r"\d+(?:\.\d+)*")


def parse_version(text: str) -> Version:
    """ "4.3.1" as numbers without trailing zeros, so that 1.0 equals 1; a suffix such as -rc0 is left out."""
    match = _LEADING_NUMBERS.match(text)
    if match is None:
        raise UsageError("expected a Kafka version", value=text, allowed="numbers and dots, such as 4.3.1")
    numbers = [int(part) for part in match.group().split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


@dataclass(frozen=True, slots=True)
class VersionRange:
    """Bounds that all have to hold; no bounds at all is every version."""

    text: str = ""
    bounds: tuple[tuple[str, Version], ...] = ()

    def __contains__(self, version: str) -> bool:
        actual = parse_version(version)
        return all(_COMPARE[comparison](actual, bound) for comparison, bound in self.bounds)

    @override
    def __str__(self) -> str:
        return self.text or "every version"


def parse_range(text: str) -> VersionRange:
    """Bounds between commas; raises UsageError for anything else."""
    bounds = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = _BOUND.fullmatch(part)
        if match is None:
            raise UsageError(
                "expected a range of Kafka versions", value=text, allowed='such as ">=1.0" or ">=2.4,<4.0"'
            )
        bounds.append((match[1], parse_version(match[2])))
    return VersionRange(text, tuple(bounds))
