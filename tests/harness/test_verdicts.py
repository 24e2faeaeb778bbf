from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.harness.errors import ExitStatus
from kafka_conformance.harness.events import (
    CaseFinished,
    CaseStarted,
    Event,
    Footer,
    Outcome,
    RequirementDeclared,
    RequirementResult,
    TargetLost,
    Verdict,
)
from kafka_conformance.harness.requirements import Level
from kafka_conformance.harness.verdicts import Run, conclude, exit_status, fold, verdict_of
from tests.harness import event_streams

MUST = RequirementDeclared("produce/acks/all", Level.MUST, "Sentence.")
SHOULD = RequirementDeclared("fetch/long-poll", Level.SHOULD, "Sentence.")
END = Footer({}, 0, "2026-01-01T00:00:00Z")
WORST_LAST = [Outcome.SKIPPED, Outcome.NOT_APPLICABLE, Outcome.HELD, Outcome.ERROR, Outcome.VIOLATED]
VERDICTS = [Verdict.NOT_RUN, Verdict.NOT_APPLICABLE, Verdict.HELD, Verdict.UNKNOWN, Verdict.VIOLATED]


def case(outcome: Outcome, *requirements: RequirementDeclared, name: str = "case") -> CaseFinished:
    return CaseFinished(name, tuple(entry.id for entry in requirements or (MUST,)), outcome)


def status(*events: Event) -> ExitStatus:
    return exit_status(fold([*events, END]))


@given(st.lists(st.sampled_from(Outcome)))
def test_the_verdict_is_that_of_the_worst_case(outcomes: list[Outcome]) -> None:
    worst = max((WORST_LAST.index(outcome) for outcome in outcomes), default=0)

    assert verdict_of(outcomes) is VERDICTS[worst]


@given(event_streams.streams(), st.randoms(use_true_random=False))
def test_verdicts_do_not_depend_on_the_order_of_the_cases(events: list[Event], random: object) -> None:
    finished = [event for event in events if isinstance(event, CaseFinished)]
    others = [event for event in events if isinstance(event, RequirementDeclared)]
    shuffled = finished.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    before, after = fold([*others, *finished, END]), fold([*others, *shuffled, END])

    assert {entry.id: entry.verdict for entry in before.selected} == {
        entry.id: entry.verdict for entry in after.selected
    }
    assert exit_status(before) is exit_status(after)


@given(event_streams.streams())
def test_green_means_that_every_selected_must_held_and_something_did(events: list[Event]) -> None:
    run = fold(events)

    if exit_status(run) is ExitStatus.HELD:
        assert run.complete
        assert run.target_lost is None
        assert all(entry.verdict is not Verdict.UNKNOWN for entry in run.selected)
        musts = [entry for entry in run.selected if entry.declared.level is Level.MUST]
        good = {Verdict.HELD, Verdict.NOT_APPLICABLE}
        assert all(entry.verdict in good or entry.declared.known_deviation is not None for entry in musts)
        assert any(entry.verdict in (Verdict.HELD, Verdict.VIOLATED) for entry in run.selected)


@given(event_streams.streams())
def test_an_incomplete_run_is_never_green(events: list[Event]) -> None:
    cut = [event for event in events if not isinstance(event, Footer)]

    assert exit_status(fold(cut)) is not ExitStatus.HELD


@given(event_streams.streams())
def test_what_concludes_a_run_says_what_a_reader_of_it_computes(events: list[Event]) -> None:
    cut = [event for event in events if not isinstance(event, Footer)]
    ending = list(conclude(fold(cut), ended_at="now"))

    run = fold([*cut, *ending])

    footer = ending[-1]
    assert isinstance(footer, Footer)
    assert footer.exit_status == exit_status(run)
    said = {result.id: result.verdict for result in ending if isinstance(result, RequirementResult)}
    assert said == {entry.id: entry.verdict for entry in run.selected}
    assert sum(footer.counts.values()) == len(run.selected)


def test_a_run_in_which_all_musts_held_is_green() -> None:
    assert status(MUST, case(Outcome.HELD)) is ExitStatus.HELD


def test_a_violated_must_fails_the_run_even_when_others_could_not_be_judged() -> None:
    assert status(MUST, case(Outcome.VIOLATED), case(Outcome.ERROR)) is ExitStatus.VIOLATED


def test_a_violated_should_is_reported_and_does_not_fail_the_run() -> None:
    run = fold([SHOULD, case(Outcome.VIOLATED, SHOULD), END])

    assert run.counts[Verdict.VIOLATED] == 1
    assert exit_status(run) is ExitStatus.HELD


def test_a_case_that_violates_two_requirements_counts_for_both() -> None:
    run = fold([MUST, SHOULD, case(Outcome.VIOLATED, MUST, SHOULD), END])

    assert run.counts[Verdict.VIOLATED] == 2


@pytest.mark.parametrize(
    "events",
    [
        pytest.param([], id="nothing declared"),
        pytest.param([MUST], id="no case of a MUST"),
        pytest.param([MUST, case(Outcome.SKIPPED)], id="all skipped"),
        pytest.param([MUST, case(Outcome.NOT_APPLICABLE)], id="nothing applies"),
        pytest.param([MUST, case(Outcome.HELD), case(Outcome.ERROR)], id="one case in error"),
        pytest.param([MUST, case(Outcome.HELD), TargetLost("gone")], id="target lost"),
        pytest.param([MUST, case(Outcome.HELD), CaseStarted("b", (MUST.id,))], id="a case never finished"),
        pytest.param([MUST, case(Outcome.HELD), case(Outcome.HELD, SHOULD)], id="a requirement nobody declared"),
        pytest.param(
            [MUST, case(Outcome.HELD), CaseFinished("orphan", (), Outcome.ERROR)], id="a failure without requirement"
        ),
    ],
)
def test_what_could_not_be_judged_is_never_green(events: list[Event]) -> None:
    run = fold([*events, END])

    assert exit_status(run) is ExitStatus.UNJUDGED
    assert run.unjudged()


def test_a_finished_case_is_no_longer_running() -> None:
    assert status(MUST, CaseStarted("case", (MUST.id,)), case(Outcome.HELD)) is ExitStatus.HELD


def test_a_requirement_that_was_not_selected_is_not_judged() -> None:
    unselected = RequirementDeclared("fetch/long-poll", Level.MUST, "Sentence.", selected=False)

    assert status(MUST, unselected, case(Outcome.HELD), case(Outcome.VIOLATED, unselected)) is ExitStatus.HELD


def test_a_requirement_that_the_target_cannot_be_asked_does_not_fail_the_run() -> None:
    declared = RequirementDeclared("fetch/long-poll", Level.MUST, "Sentence.", not_applicable="needs kill")
    run = fold([MUST, declared, case(Outcome.HELD), END])

    assert run.requirements[declared.id].verdict is Verdict.NOT_APPLICABLE
    assert exit_status(run) is ExitStatus.HELD


def test_a_violation_counts_even_where_the_requirement_was_said_not_to_apply() -> None:
    declared = RequirementDeclared("fetch/long-poll", Level.MUST, "Sentence.", not_applicable="needs kill")

    assert status(declared, case(Outcome.VIOLATED, declared)) is ExitStatus.VIOLATED


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome.VIOLATED, ExitStatus.HELD),
        (Outcome.HELD, ExitStatus.VIOLATED),
        (Outcome.ERROR, ExitStatus.UNJUDGED),
        (Outcome.SKIPPED, ExitStatus.UNJUDGED),
    ],
)
def test_a_known_deviation_excuses_a_violation_and_is_stale_when_the_requirement_holds(
    outcome: Outcome, expected: ExitStatus
) -> None:
    known = RequirementDeclared("fetch/long-poll", Level.MUST, "Sentence.", known_deviation="issue 17")

    assert status(MUST, known, case(Outcome.HELD), case(outcome, known)) is expected


def test_a_run_can_be_read_while_it_runs() -> None:
    run = Run()
    for event in (MUST, CaseStarted("a", (MUST.id,)), case(Outcome.HELD, name="b")):
        run.add(event)

    assert list(run.running) == ["a"]
    assert run.requirements[MUST.id].verdict is Verdict.HELD
