"""The page: headline, what kept the run from being green, numbers, failures in full, every requirement by area."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

from kafka_conformance.harness.errors import ExitStatus
from kafka_conformance.harness.events import Header, Verdict
from kafka_conformance.harness.verdicts import Run, exit_status
from kafka_conformance.reports.html.catalogue import catalogue
from kafka_conformance.reports.html.failures import failure_card
from kafka_conformance.reports.html.markup import Markup, element, join
from kafka_conformance.reports.html.timeline import lane_rules, lanes_of
from kafka_conformance.reports.wording import VERDICT_WORDS, failing, headline

_FOLDER = Path(__file__).parent
_STATUS_CLASSES = {ExitStatus.HELD: "held", ExitStatus.VIOLATED: "violated"}


def render_html(run: Run) -> str:
    """The whole document."""
    status = _STATUS_CLASSES.get(exit_status(run), "unknown")
    body = element(
        "body",
        element("main", _top(run, status), _banner(run), _numbers(run), _failures(run), catalogue(run)),
        _script(),
        class_=status,
    )
    return f"<!DOCTYPE html>\n{element('html', _head(run), body, lang='en')}\n"


def _head(run: Run) -> Markup:
    style = (_FOLDER / "style.css").read_text(encoding="utf-8") + lane_rules(_most_lanes(run))
    # Nothing but this style and this script may run: not even what somebody smuggles past the escaping.
    policy = f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(_script_text())}'"
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", headline(run)),
        element("style", Markup(style)),
    )


def _script() -> Markup:
    return element("script", Markup(_script_text()))


def _script_text() -> str:
    return (_FOLDER / "script.js").read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _most_lanes(run: Run) -> int:
    histories = (case.failure.history for case in run.cases if case.failure is not None)
    return max((len(lanes_of(history)) for history in histories), default=0)


def _top(run: Run, status: str) -> Markup:
    header = run.header
    facts = list(_facts(header, run)) if header is not None else None
    words = [element("p", "kafka-conformance", class_="tool"), element("h1", headline(run), class_=status)]
    described = element("p", header.target.description) if header is not None and header.target.description else None
    return element("header", words, described, element("dl", facts, class_="facts"), class_="top")


def _facts(header: Header, run: Run) -> Iterator[Markup]:
    rows = {
        "Target": " ".join(filter(None, [header.target.name, header.target.version])),
        "Client": header.client,
        "Profile": header.profile,
        "Seed": str(header.seed),
        "Started": header.started_at,
        "Ended": run.footer.ended_at if run.footer is not None else "",
        "Run": header.run_id,
        "Version": header.tool_version,
        "Capabilities": ", ".join(header.target.capabilities),
    }
    for name, value in rows.items():
        if value:
            yield element("div", element("dt", name), element("dd", value))
    if header.command:
        yield element("div", element("dt", "Command"), element("dd", element("code", header.command)), class_="wide")


def _banner(run: Run) -> Markup | None:
    reasons = run.unjudged()
    if not reasons:
        return None
    title = "This report is incomplete" if not run.complete else "Not everything could be judged"
    shown = [element("li", reason) for reason in reasons[:10]]
    rest = element("li", f"and {len(reasons) - 10} more") if len(reasons) > 10 else None
    return element("aside", element("h2", title), element("ul", shown, rest), class_="banner", role="alert")


def _numbers(run: Run) -> Markup:
    tiles = [
        element("li", element("strong", str(count)), element("span", VERDICT_WORDS[verdict]), class_=verdict.value)
        for verdict, count in run.counts.items()
        if count or verdict in (Verdict.HELD, Verdict.VIOLATED)
    ]
    return element("ul", tiles, class_="numbers", aria_label="Requirements by verdict")


def _failures(run: Run) -> Markup | None:
    entries = failing(run)
    if not entries:
        return None
    return element("section", element("h2", "Failures"), join(map(failure_card, entries)), id="failures")
