"""Each example is a case of its own; making counterexamples small ends, and what is shown was really run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.harness.profiles import apply_once, profile_settings
from kafka_conformance.plugins.suite import examples


class Frames:
    """Counts frames in the place of a cluster."""

    def __init__(self) -> None:
        self.opened = 0

    @contextmanager
    def case(self) -> Iterator[None]:
        self.opened += 1
        yield


def fails_from_5(frames: Any) -> tuple[Any, list[int]]:
    seen: list[int] = []

    @given(number=st.integers(0, 10_000))
    def test(number: int) -> None:
        seen.append(number)
        assert number < 5

    apply_once(profile_settings("thorough"), test)
    apply_once(profile_settings("quick"), test)  # the first ones stay
    examples.wrap_examples(test, frames)
    examples.wrap_examples(test, frames)
    return test, seen


def test_every_example_has_one_frame_and_the_smallest_is_found() -> None:
    frames = Frames()
    test, seen = fails_from_5(frames)
    with pytest.raises(AssertionError):
        test()
    assert frames.opened == len(seen)
    assert seen[-1] == 5


def test_once_it_took_too_long_only_the_last_example_runs_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "SHRINK_WITHIN_S", -1.0)
    test, seen = fails_from_5(Frames())
    with pytest.raises(AssertionError):
        test()
    failed = [number for number in seen if number >= 5]
    assert set(failed) == {failed[0]}
    assert len(failed) > 1

    seen.clear()
    with pytest.raises(AssertionError):
        test()
    assert seen, "the next run begins anew"
