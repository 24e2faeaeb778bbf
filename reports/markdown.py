"""A summary in GitHub's Markdown, for a pull request's comment or a job's summary page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from kafka_conformance.harness.events import Verdict
from kafka_conformance.harness.verdicts import RequirementRun, Run
from kafka_conformance.reports.printable import one_line
from kafka_conformance.reports.wording import VERDICT_WORDS, by_area, failing, failure_text, headline, verdict_words

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~&!@])")
_COLUMNS = (Verdict.HELD, Verdict.VIOLATED, Verdict.UNKNOWN, Verdict.NOT_RUN, Verdict.NOT_APPLICABLE)


def render_markdown(run: Run) -> str:
    """Headline, what kept the run from being green, a table by area, and each failed requirement folded up."""
    return "\n".join([*_top(run), *_table(run), *_failures(run)]).rstrip() + "\n"


def _top(run: Run) -> Iterator[str]:
    yield f"## {_escape(headline(run))}"
    yield ""
    header = run.header
    if header is not None:
        facts = [f"target {header.target.name}", f"client {header.client}", f"profile {header.profile}"]
        yield _escape(", ".join([*facts, f"seed {header.seed}", f"started {header.started_at}"]))
        yield ""
    for reason in run.unjudged():
        yield f"- not green: {_escape(reason)}"
    yield ""


def _table(run: Run) -> Iterator[str]:
    yield "| area | " + " | ".join(VERDICT_WORDS[verdict] for verdict in _COLUMNS) + " |"
    yield "|---|" + "--:|" * len(_COLUMNS)
    for area, entries in by_area(run).items():
        yield _row(_escape(area), Counter(entry.verdict for entry in entries))
    yield _row("**all**", Counter(entry.verdict for entry in run.selected))
    yield ""


def _row(name: str, counts: Counter[Verdict]) -> str:
    return f"| {name} | " + " | ".join(str(counts[verdict] or "") for verdict in _COLUMNS) + " |"


def _failures(run: Run) -> Iterator[str]:
    for entry in failing(run):
        yield from _failure(entry)


def _failure(entry: RequirementRun) -> Iterator[str]:
    declared = entry.declared
    yield f"### {_escape(entry.id)}: {verdict_words(entry)}"
    yield ""
    yield f"{declared.level.value}: {_escape(declared.text)} ({_escape('; '.join(map(str, declared.sources)))})"
    if declared.known_deviation is not None:
        yield f"Known deviation: {_escape(declared.known_deviation)}"
    yield ""
    for case in entry.failures[:3]:
        yield "<details><summary>Expected, actual, history, replay</summary>"
        yield ""
        yield from (f"    {line}" for line in failure_text(case))
        yield ""
        yield "</details>"
        yield ""
    if len(entry.failures) > 3:
        yield f"and {len(entry.failures) - 3} more cases"
        yield ""


def _escape(text: str) -> str:
    return _MARKS.sub(r"\\\1", one_line(text))
