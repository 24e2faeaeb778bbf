from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.harness.errors import UsageError
from kafka_conformance.harness.versions import parse_range, parse_version


@pytest.mark.parametrize(
    ("version", "bounds", "inside"),
    [
        ("1.0", ">=1.0", True),
        ("1", ">=1.0.0", True),
        ("0.11.0.3", ">=1.0", False),
        ("10.0", ">=4.3", True),
        ("4.3.1", ">=2.4,<4.0", False),
        ("3.9.1", ">=2.4, <4.0", True),
        ("4.3.1", "", True),
        ("4.3.0-rc0", "==4.3", True),
        ("4.3.1", "!=4.3.1", False),
        ("4.3.1", ">4.3", True),
        ("4.3", "<=4.2.9", False),
    ],
)
def test_a_range_takes_versions_by_number(version: str, bounds: str, inside: bool) -> None:
    assert (version in parse_range(bounds)) is inside


@pytest.mark.parametrize("text", ["1.0", ">=", ">= x", ">=1.0 <2", "~=1.0", ">=.", ">=1."])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_range(text)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=4), st.lists(st.integers(0, 50), min_size=1, max_size=4))
def test_a_version_is_below_at_or_above_another(left: list[int], right: list[int]) -> None:
    one, other = ".".join(map(str, left)), ".".join(map(str, right))

    held = [one in parse_range(f"{comparison}{other}") for comparison in ("<", "==", ">")]

    assert held.count(True) == 1


def test_a_word_is_no_version() -> None:
    with pytest.raises(UsageError, match="trunk"):
        parse_version("trunk")
