"""A failed requirement in full: the sentence, its sources, expected and actual, the history, the way to replay it."""

from __future__ import annotations

from collections.abc import Iterator

from kafka_conformance.harness.events import CaseFinished, Failure
from kafka_conformance.harness.requirements import Source
from kafka_conformance.harness.verdicts import RequirementRun
from kafka_conformance.reports.html.markup import Markup, element
from kafka_conformance.reports.html.timeline import timeline
from kafka_conformance.reports.wording import verdict_words

_MOST_CASES = 5


def failure_card(entry: RequirementRun) -> Markup:
    """The requirement and its failed cases, the first of them open."""
    declared = entry.declared
    cases = entry.failures
    return element(
        "article",
        element(
            "header",
            element("p", chip(entry), element("span", declared.level.value, class_="level"), class_="marks"),
            element("h3", declared.text),
            element("p", element("code", declared.id), class_="id"),
            element("p", sources(declared.sources), class_="sources") if declared.sources else None,
            _deviation(entry),
        ),
        [_case(case, opened=number == 0) for number, case in enumerate(cases[:_MOST_CASES])],
        element("p", f"and {len(cases) - _MOST_CASES} more cases", class_="more") if len(cases) > _MOST_CASES else None,
        id=anchor(entry),
        class_=f"failure {entry.verdict.value}",
    )


def anchor(entry: RequirementRun) -> str:
    """The fragment of a requirement's card."""
    return f"failed-{entry.id}"


def chip(entry: RequirementRun) -> Markup:
    """The verdict as a coloured word."""
    style = "stale" if entry.is_stale else entry.verdict.value
    return element("span", verdict_words(entry), class_=f"chip {style}")


def sources(found: tuple[Source, ...]) -> Iterator[Markup]:
    """Each source, with a link where it is a page of Apache Kafka's documentation."""
    for source in found:
        link = element("a", str(source), href=source.url, rel="noreferrer") if source.url else str(source)
        yield element("span", link, class_="source")


def _deviation(entry: RequirementRun) -> Markup | None:
    reason = entry.declared.known_deviation
    if reason is None:
        return None
    advice = " It held: take the entry off the list." if entry.is_stale else ""
    return element("p", "Known deviation: ", reason, advice, class_="deviation")


def _case(case: CaseFinished, *, opened: bool) -> Markup:
    axes = [element("span", f"{name} {value}", class_="axis") for name, value in sorted(case.axes.items())]
    summary = element("summary", element("code", case.case.rpartition("/")[2]), axes)
    reason = element("p", case.reason, class_="message") if case.reason else None
    body = list(_failure(case.failure)) if case.failure is not None else None
    return element("details", summary, reason, body, open=opened)


def _failure(failure: Failure) -> Iterator[Markup]:
    yield element("p", failure.message, class_="message")
    if failure.expected or failure.actual:
        yield element(
            "div",
            element("section", element("h4", "Expected"), element("pre", failure.expected)),
            element("section", element("h4", "Actual"), element("pre", failure.actual)),
            class_="compared",
        )
    if failure.history:
        yield element("h4", "What happened")
        yield timeline(failure.history)
    if failure.replay:
        yield element("h4", "Replay")
        yield element("pre", failure.replay, class_="command")
    if failure.replay_file:
        yield element("p", "Recorded in ", element("code", failure.replay_file), class_="recorded")
