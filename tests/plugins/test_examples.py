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
from kafka_conformance.plugins.suite.verdict import example_of


class Frames:
    """Counts frames in the place of a cluster."""

    def __init__(self) -> None:
        self.opened = 0

    @contextmanager
    def case(self) -> Iterator[None]:
        self.opened += 1
        yield


def fails_from_5(frames: Any, shrink_within_s: float = 30.0) -> tuple[Any, list[int]]:
    seen: list[int] = []

    @given(number=st.integers(0, 10_000))
    def test(number: int) -> None:
        seen.append(number)
        assert number < 5

    apply_once(profile_settings("thorough"), test)
    apply_once(profile_settings("quick"), test)  # the first ones stay
    examples.wrap_examples(test, frames, shrink_within_s=shrink_within_s)
    examples.wrap_examples(test, frames, shrink_within_s=shrink_within_s)
    return test, seen


def test_every_example_has_one_frame_and_the_smallest_is_found() -> None:
    frames = Frames()
    test, seen = fails_from_5(frames)
    with pytest.raises(AssertionError):
        test()
    assert frames.opened == len(seen)
    assert seen[-1] == 5


def test_once_it_took_too_long_only_what_failed_runs_again() -> None:
    test, seen = fails_from_5(Frames(), shrink_within_s=-1.0)
    with pytest.raises(AssertionError):
        test()
    failed = [number for number in seen if number >= 5]
    assert set(failed) == {failed[0]}

    seen.clear()
    with pytest.raises(AssertionError):
        test()
    assert seen, "the next run begins anew"


def test_an_example_that_takes_long_to_fail_is_not_run_again_and_is_shown_as_it_was_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(examples, "SLOW_S", -1.0)
    ran: list[int] = []

    @given(word=st.just("x"), data=st.data())
    def fails(word: str, data: st.DataObject) -> None:
        ran.append(data.draw(st.just(7), "number"))
        raise AssertionError(word)

    apply_once(profile_settings("quick"), fails)
    examples.wrap_examples(fails, Frames(), shrink_within_s=30.0)  # type: ignore[arg-type]
    with pytest.raises(examples.FoundSlowly) as caught:
        fails()

    assert ran == [7]
    assert example_of(caught.value.found).splitlines() == [
        "Failing test case: fails(",
        "    word='x',",
        ")",
        "Draw 1 (number): 7",
    ]
