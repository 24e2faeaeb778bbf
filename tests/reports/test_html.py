from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from kafka_conformance.harness.events import LaneKind, Moment
from kafka_conformance.reports.html import render_html
from kafka_conformance.reports.html.markup import Markup, element
from kafka_conformance.reports.html.timeline import lanes_of, timeline
from tests.reports import samples
from tests.reports.hostile import hostile_run

VOID = {"meta", "input"}
ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style></script></pre><h1>",
    "javascript:alert(1)",
    "<!--",
    "&lt;b&gt;",
    "\x00\x1b[31m\u202e\ud800",
]


class Page(HTMLParser):
    """The elements of a page, their text, and whether they are nested as they should."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    @override
    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["style"], ["script"]):
            self.text += data

    def shape(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(tag, tuple(sorted(attributes))) for tag, attributes in self.tags]


PLAIN = Page(render_html(hostile_run("plain"))).shape()


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_text(attack: str) -> None:
    page = Page(render_html(hostile_run(attack)))

    assert page.shape() == PLAIN
    assert page.open == []
    assert all(not (attributes.get("href") or "").startswith("javascript") for _, attributes in page.tags)


@given(st.text(st.characters(codec=None), min_size=1, max_size=20))
def test_no_text_changes_the_elements_of_the_page(text: str) -> None:
    page = Page(render_html(hostile_run(text)))

    assert page.open == []
    assert {tag for tag, _ in page.tags} == {tag for tag, _ in PLAIN}
    assert [tag for tag, _ in page.tags].count("script") == 1


def test_the_page_needs_nothing_else_and_runs_only_its_own_script() -> None:
    text = render_html(samples.run())

    page = Page(text)
    policy = next(a["content"] or "" for tag, a in page.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")
    for kind in ("style", "script"):
        inner = re.search(rf"<{kind}>(.*?)</{kind}>", text, re.DOTALL)
        assert inner is not None
        digest = base64.b64encode(hashlib.sha256(inner[1].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert not any({"src", "style", "onclick"} & attributes.keys() for _, attributes in page.tags)
    assert "url(" not in text
    assert "@import" not in text


def test_a_failed_requirement_is_shown_in_full() -> None:
    text = Page(render_html(samples.run())).text

    for part in (
        "tcp:broker-1:9092 violates 2 of 11 MUST requirements",
        samples.DUPLICATES.text,
        "KIP-98",
        "NUM_BATCHES_TO_RETAIN",
        "base offset 5, and 10 records in the partition",
        "values 5 to 9 twice",
        "drop answer",
        "3002 ms later",
        "kafka-conformance replay out/replays/produce-idempotence-duplicate-sequence.json",
    ):
        assert part in text


def test_every_selected_requirement_is_in_the_table() -> None:
    page = Page(render_html(samples.run()))

    rows = [attributes for tag, attributes in page.tags if tag == "tr" and "data-verdict" in attributes]
    assert len(rows) == len(samples.run().selected)
    targets = {attributes.get("id") for _, attributes in page.tags}
    links = [a["href"] or "" for tag, a in page.tags if tag == "a" and (a["href"] or "").startswith("#")]
    assert len(links) == 3
    assert {link.removeprefix("#") for link in links} <= targets


def test_an_incomplete_report_says_so_at_its_top() -> None:
    page = Page(render_html(samples.run(lost=True, complete=False)))

    assert "This report is incomplete" in page.text
    assert "the target was lost: broker-1:9092 refused" in page.text
    assert "This report is incomplete" not in Page(render_html(samples.run())).text


def test_a_green_run_has_no_banner_and_no_failures() -> None:
    page = Page(render_html(samples.green_run()))

    assert "keeps 1 of 1 MUST requirement" in page.text
    assert not any(
        attributes.get("role") == "alert" or attributes.get("id") == "failures" for _, attributes in page.tags
    )


def test_lanes_are_clients_then_connections_then_faults() -> None:
    moments = [
        Moment(0, "network", "cut", kind=LaneKind.FAULT),
        Moment(1, "b:9092", "closed", kind=LaneKind.CONNECTION),
        Moment(2, "producer", "send"),
        Moment(3, "reader", "fetch"),
        Moment(4, "producer", "send"),
    ]

    assert [name for _, name in lanes_of(moments)] == ["producer", "reader", "b:9092", "network"]


@pytest.mark.parametrize("count", [1, 200, 201, 5000])
def test_a_long_history_keeps_its_beginning_and_its_end(count: int) -> None:
    text = Page(timeline([Moment(n, "p", f"event-{n}.") for n in range(count)])).text

    assert "event-0." in text
    assert f"event-{count - 1}." in text
    assert ("more in the NDJSON report" in text) == (count > 200)


def test_children_are_escaped_unless_they_are_markup() -> None:
    assert element("p", "<b>", Markup("<i>")) == "<p>&lt;b&gt;<i></p>"
    assert element("input", checked=True, hidden=False, data_x='"') == '<input checked data-x="&quot;">'
