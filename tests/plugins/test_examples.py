"""Each example is a case of its own; making counterexamples small ends, and what is shown was really run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from kafka_conformance.harness.profiles import apply_once, profile_settings
from kafka_conformance.harness.violation import NotApplicable
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
    examples.wrap_examples(test, Frames(), shrink_within_s=-1.0)  # type: ignore[arg-type]
    with pytest.raises(AssertionError):
        test()
    assert [number for number in seen if number >= 5], "the next run begins anew"


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


def test_what_was_found_is_kept_where_the_target_is_another_the_second_time() -> None:
    ran: list[int] = []

    @given(data=st.data())
    def fails_once(data: st.DataObject) -> None:
        ran.append(data.draw(st.just(1) if not ran else st.integers(0, 9)))
        if len(ran) == 1:
            raise AssertionError("the first time")

    apply_once(profile_settings("quick"), fails_once)
    for _ in range(2):
        ran.clear()
        examples.wrap_examples(fails_once, Frames(), shrink_within_s=-1.0)  # type: ignore[arg-type]
        with pytest.raises((Flaky, AssertionError)):
            fails_once()
        assert str(examples.first_found(fails_once)) == "the first time"


def test_an_example_that_does_not_count_is_no_finding_however_long_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "SLOW_S", -1.0)

    @given(number=st.integers(0, 1))
    def holds(number: int) -> None:
        assume(number == 0)

    @given(number=st.integers())
    def does_not_apply(number: int) -> None:
        raise NotApplicable("no such thing")

    for test in (holds, does_not_apply):
        apply_once(profile_settings("quick"), test)
        examples.wrap_examples(test, Frames(), shrink_within_s=30.0)  # type: ignore[arg-type]
    holds()
    with pytest.raises(NotApplicable):
        does_not_apply()
