from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.harness.errors import ExitStatus
from kafka_conformance.harness.events import CaseFinished, Event, Footer, Outcome
from kafka_conformance.harness.verdicts import exit_status, fold
from kafka_conformance.reports.junit import render_junit
from tests.harness import event_streams
from tests.reports import samples
from tests.reports.hostile import hostile_run

END = Footer({}, 0, "now")


def parse(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text.encode())


def classes_with(root: ElementTree.Element, tag: str) -> list[str]:
    return [test.attrib["classname"] for test in root.iter("testcase") if test.find(tag) is not None]


@given(st.text(st.characters(codec=None), max_size=20))
def test_hostile_text_leaves_the_xml_well_formed(text: str) -> None:
    root = parse(render_junit(hostile_run(text)))

    assert {suite.tag for suite in root} == {"testsuite"}
    assert {child.tag for suite in root for child in suite} == {"properties", "testcase"}


@given(event_streams.streams())
def test_a_server_that_reads_only_this_file_is_green_when_the_run_is(events: list[Event]) -> None:
    run = fold(events)

    root = parse(render_junit(run))

    red = int(root.attrib["failures"]) + int(root.attrib["errors"])
    assert (red == 0) == (exit_status(run) is ExitStatus.HELD)


@given(event_streams.streams())
def test_the_counts_are_those_of_the_elements(events: list[Event]) -> None:
    root = parse(render_junit(fold(events)))

    for element in (root, *root):
        assert int(element.attrib["tests"]) == len(list(element.iter("testcase")))
        assert int(element.attrib["failures"]) == len(list(element.iter("failure")))
        assert int(element.attrib["skipped"]) == len(list(element.iter("skipped")))


def test_a_suite_is_an_area_and_a_test_case_a_requirement_with_a_case() -> None:
    root = parse(render_junit(samples.run()))

    areas = [suite.attrib["name"] for suite in root]
    assert areas == ["fetch", "groups", "offsets", "produce", "protocol", "replication", "run"]
    assert classes_with(root, "failure") == ["groups.classic.static-rejoin", "produce.idempotence.duplicate-sequence"]
    assert classes_with(root, "error") == ["offsets.commit.survives-coordinator", "run"]
    assert classes_with(root, "skipped") == ["replication.failover.keeps-acknowledged"]


def test_a_failure_carries_what_a_reader_needs() -> None:
    root = parse(render_junit(samples.run()))

    text = next(failure.text or "" for failure in root.iter("failure") if "retried" in failure.attrib["message"])

    for part in ("acknowledged with its first offset", "base offset 5", "base offset 10", "drop answer", "replay out/"):
        assert part in text


@pytest.mark.parametrize(
    ("known", "outcome", "tag"),
    [
        (None, Outcome.VIOLATED, "failure"),
        ("issue 17", Outcome.VIOLATED, "skipped"),
        ("issue 17", Outcome.HELD, "failure"),
        (None, Outcome.SKIPPED, "skipped"),
        (None, Outcome.ERROR, "error"),
    ],
)
def test_a_test_case_fails_as_the_run_does(known: str | None, outcome: Outcome, tag: str) -> None:
    declared = replace(samples.COMMITS, known_deviation=known)
    case = CaseFinished("case", (declared.id,), outcome)

    root = parse(render_junit(fold([samples.HEADER, declared, case, END])))

    assert "offsets.commit.survives-coordinator" in classes_with(root, tag)


def test_an_incomplete_run_is_an_error() -> None:
    assert "run" in classes_with(parse(render_junit(samples.run(complete=False))), "error")


def test_a_must_that_no_case_checked_is_an_error_and_a_should_is_skipped() -> None:
    held = CaseFinished("case", (samples.REJOIN.id,), Outcome.HELD)

    root = parse(render_junit(fold([samples.HEADER, samples.REJOIN, samples.COMMITS, samples.LONG_POLL, held, END])))

    assert classes_with(root, "error") == ["offsets.commit.survives-coordinator", "run"]
    assert classes_with(root, "skipped") == ["fetch.long-poll.answers-early"]
