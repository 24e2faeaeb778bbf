"""A history as swim lanes: time runs down, each client, connection and fault has a lane.

The lanes are a CSS grid, so the text stays text: it wraps, is found, copied and printed. Where the page is narrow or
the lanes are many, a lane shrinks to a line with dots, and the text stands beside it with the lane's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kafka_conformance.harness.events import LaneKind, Moment
from kafka_conformance.reports.html.markup import Markup, element
from kafka_conformance.reports.wording import shortened

_FEW_LANES = 5
_PAUSE_MS = 1000.0
_KINDS = list(LaneKind)

Lane = tuple[LaneKind, str]


def timeline(history: Sequence[Moment]) -> Markup:
    """The history with a heading for each lane; a long one without its middle."""
    first, left_out, last = shortened(history)
    lanes = lanes_of(first + last)
    few = "few" if len(lanes) <= _FEW_LANES else "many"
    rows = [*_rows(first, lanes)]
    if left_out:
        rows += [element("li", f"{left_out} more in the NDJSON report", class_="pause"), *_rows(last, lanes)]
    return element("ol", _heading(lanes), rows, class_=f"timeline lanes-{len(lanes)} {few}")


def lanes_of(moments: Sequence[Moment]) -> list[Lane]:
    """Clients, then connections, then faults, each in the order in which they first did something."""
    found = dict.fromkeys((moment.kind, moment.lane) for moment in moments)
    return sorted(found, key=lambda lane: _KINDS.index(lane[0]))


def lane_rules(most_lanes: int) -> str:
    """The style rules that say which column is which, for pages with up to so many lanes."""
    return "".join(f".lanes-{n}{{--lanes:{n}}}.lane-{n}{{--lane:{n}}}" for n in range(1, most_lanes + 1))


def duration(t_ms: float) -> str:
    """A time of a history or a pause in it, short and still in order: 0.4 ms, 123 ms, 3004 ms, 12.345 s."""
    if t_ms >= 10_000:
        return f"{t_ms / 1000:.3f} s"
    return f"{t_ms:.0f} ms" if t_ms >= 100 else f"{t_ms:.1f} ms"


def _heading(lanes: Sequence[Lane]) -> Markup:
    names = [
        element("span", element("i", class_="dot"), name or "(no name)", class_=f"lane-name lane-{n} {kind}")
        for n, (kind, name) in enumerate(lanes, 1)
    ]
    return element("li", names, class_="lanes", aria_hidden="true")


def _rows(moments: Sequence[Moment], lanes: Sequence[Lane]) -> Iterator[Markup]:
    before = None
    for moment in moments:
        if before is not None and moment.t_ms - before >= _PAUSE_MS:
            yield element("li", f"{duration(moment.t_ms - before)} later", class_="pause")
        yield _row(moment, lanes.index((moment.kind, moment.lane)) + 1)
        before = moment.t_ms


def _row(moment: Moment, lane: int) -> Markup:
    what = element(
        "span",
        element("b", moment.lane, class_="who"),
        " ",
        element("span", moment.event, class_="event"),
        " ",
        element("span", moment.detail, class_="detail") if moment.detail else None,
        class_="what",
    )
    time = element("time", duration(moment.t_ms))
    return element("li", time, element("i", class_="dot"), what, class_=f"moment lane-{lane} {moment.kind}")
