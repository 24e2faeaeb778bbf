"""Every requirement of the run, a table for each area, with filters where scripts run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kafka_conformance.harness.events import Verdict
from kafka_conformance.harness.requirements import Level
from kafka_conformance.harness.verdicts import RequirementRun, Run
from kafka_conformance.reports.html.failures import anchor, chip, sources
from kafka_conformance.reports.html.markup import Markup, element
from kafka_conformance.reports.wording import VERDICT_WORDS, by_area, failing, outcome_counts


def catalogue(run: Run) -> Markup:
    """The filters and the tables."""
    shown_in_full = {entry.id for entry in failing(run)}
    areas = [_area(area, entries, shown_in_full) for area, entries in by_area(run).items()]
    return element("section", element("h2", "Requirements"), _filters(run), areas, id="requirements")


def _filters(run: Run) -> Markup:
    search = element("input", type="search", id="search", placeholder="Search id or sentence", aria_label="Search")
    verdicts = [
        element(
            "label",
            element("input", type="checkbox", name="verdict", value=verdict.value, checked=True),
            element("span", f"{VERDICT_WORDS[verdict]} {count}", class_=f"chip {verdict.value}"),
        )
        for verdict, count in run.counts.items()
        if count
    ]
    levels = [element("option", "Every level", value=""), *(element("option", level, value=level) for level in Level)]
    level = element("select", levels, id="level", aria_label="Level")
    shown = element("output", id="shown")
    return element("form", search, level, element("div", verdicts, class_="verdicts"), shown, id="filters", hidden=True)


def _area(area: str, entries: Sequence[RequirementRun], shown_in_full: set[str]) -> Markup:
    found = Counter(entry.verdict for entry in entries)
    counts = ", ".join(f"{found[verdict]} {VERDICT_WORDS[verdict]}" for verdict in Verdict if found[verdict])
    heading = element("h3", area, " ", element("small", counts))
    head = element(
        "thead",
        element("tr", [element("th", name, scope="col") for name in ("Verdict", "Requirement", "Level", "Cases")]),
    )
    rows = [_row(entry, entry.id in shown_in_full) for entry in entries]
    return element("section", heading, element("table", head, element("tbody", rows)), class_="area")


def _row(entry: RequirementRun, in_full: bool) -> Markup:
    declared = entry.declared
    more = element("p", element("a", "Expected, actual and history", href=f"#{anchor(entry)}")) if in_full else None
    reason = element("p", f"Not applicable: {declared.not_applicable}") if declared.not_applicable else None
    details = element(
        "details",
        element("summary", declared.text, element("code", declared.id)),
        element("p", sources(declared.sources), class_="sources"),
        reason,
        more,
    )
    return element(
        "tr",
        element("td", chip(entry)),
        element("td", details),
        element("td", declared.level.value, class_="level"),
        element("td", outcome_counts(entry), class_="cases"),
        data_verdict=entry.verdict.value,
        data_level=declared.level.value,
        data_text=f"{declared.id} {declared.text}".lower(),
    )
