"""JUnit XML for build servers: a test suite for each area, a test case for each requirement and case.

What fails here is what fails the run. A violated SHOULD and a known deviation are skipped with their reason, a run that
could not be judged is an error in a suite of its own, so that a server that reads only this file is not green either.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from kafka_conformance.harness.events import CaseFinished, Outcome
from kafka_conformance.harness.verdicts import RequirementRun, Run
from kafka_conformance.reports.printable import printable
from kafka_conformance.reports.wording import VERDICT_WORDS, by_area, failure_text

Element = ElementTree.Element


def render_junit(run: Run) -> str:
    """The document, with its XML declaration."""
    root = Element("testsuites", name="kafka-conformance")
    for area, entries in by_area(run).items():
        suite = _suite(root, area, run)
        for entry in entries:
            suite.extend(_test_cases(entry))
    _run_suite(root, run)
    _count(root, root.iter("testcase"))
    for suite in root:
        _count(suite, suite.iter("testcase"))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _suite(root: Element, name: str, run: Run) -> Element:
    suite = _child(root, "testsuite", name=name)
    header = run.header
    if header is not None:
        suite.set("timestamp", printable(header.started_at))
        facts = {
            "target": header.target.name,
            "target.version": header.target.version or "",
            "client": header.client,
            "profile": header.profile,
            "seed": str(header.seed),
            "run": header.run_id,
            "tool.version": header.tool_version,
        }
        _properties(suite, facts)
    return suite


def _test_cases(entry: RequirementRun) -> Iterator[Element]:
    if not entry.cases:
        yield _without_cases(entry)
    for case in entry.cases:
        name = case.case.rpartition("/")[2]
        test = _test(entry, name, case.duration_s)
        _judge(test, entry, case)
        yield test
    if entry.is_stale:
        stale = _test(entry, "the known deviation is still there")
        _text(stale, "failure", "held, although a violation was expected", entry.declared.known_deviation or "")
        yield stale


def _without_cases(entry: RequirementRun) -> Element:
    test = _test(entry, VERDICT_WORDS[entry.verdict])
    reason = entry.declared.not_applicable or "no case checked it"
    _text(test, "error" if entry.is_unjudged else "skipped", reason)
    return test


def _test(entry: RequirementRun, name: str, duration_s: float = 0.0) -> Element:
    test = Element("testcase", classname=printable(entry.id.replace("/", ".")), name=printable(name))
    test.set("time", f"{duration_s:.3f}")
    declared = entry.declared
    facts = {
        "requirement": entry.id,
        "level": declared.level.value,
        "verdict": entry.verdict.value,
        "text": declared.text,
        "sources": "; ".join(map(str, declared.sources)),
    }
    _properties(test, facts)
    return test


def _judge(test: Element, entry: RequirementRun, case: CaseFinished) -> None:
    text = "\n".join(failure_text(case))
    message = case.failure.message if case.failure is not None else case.reason
    match case.outcome:
        case Outcome.HELD:
            return
        case Outcome.SKIPPED | Outcome.NOT_APPLICABLE:
            _text(test, "skipped", case.reason or case.outcome.value.replace("_", " "))
        case Outcome.ERROR:
            _text(test, "error", message, text)
        case Outcome.VIOLATED if entry.fails_the_run:
            _text(test, "failure", message, f"{entry.declared.text}\n\n{text}")
        case Outcome.VIOLATED:
            known = entry.declared.known_deviation
            _text(test, "skipped", f"known deviation: {known}" if known else f"a violated {entry.declared.level.value}")
            _child(test, "system-out").text = printable(text)


def _run_suite(root: Element, run: Run) -> None:
    suite = _suite(root, "run", run)
    test = _child(suite, "testcase", classname="run", name="the run judged all that it was asked")
    test.set("time", "0.000")
    reasons = run.unjudged()
    if reasons:
        _text(test, "error", reasons[0], "\n".join(reasons))


def _properties(parent: Element, facts: dict[str, str]) -> None:
    properties = _child(parent, "properties")
    for name, value in facts.items():
        _child(properties, "property", name=name, value=value)


def _text(parent: Element, tag: str, message: str, text: str = "") -> None:
    _child(parent, tag, message=message).text = printable(text) or None


def _child(parent: Element, tag: str, **attributes: str) -> Element:
    return ElementTree.SubElement(parent, tag, {name: printable(value) for name, value in attributes.items()})


def _count(element: Element, tests: Iterator[Element]) -> None:
    found = list(tests)
    element.set("tests", str(len(found)))
    for tag, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        element.set(attribute, str(sum(test.find(tag) is not None for test in found)))
    element.set("time", f"{sum(float(test.get('time', '0')) for test in found):.3f}")
