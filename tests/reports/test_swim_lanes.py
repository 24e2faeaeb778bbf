"""Histories as swim lanes in plain text."""

from __future__ import annotations

from kafka_conformance.harness.events import LaneKind, Moment
from kafka_conformance.reports.swim_lanes import swim_lanes

HISTORY = (
    Moment(0.0, "producer", "send x", "[0:a] ok"),
    Moment(1.5, "faults", "kill", "node 1", LaneKind.FAULT),
    Moment(2.0, "consumer", "poll x", "[] ok"),
    Moment(2.25, "x", "HW 1", "", LaneKind.PARTITION),
)


def test_each_lane_has_a_column_clients_first_and_faults_last() -> None:
    lines = list(swim_lanes(HISTORY, 77))
    assert lines == [
        "             |producer       |consumer       |x              |faults",
        "    0.000 ms |send x [0:a] ok|               |               |",
        "    1.500 ms |               |               |               |kill node 1",
        "    2.000 ms |               |poll x [] ok   |               |",
        "    2.250 ms |               |               |HW 1           |",
    ]


def test_what_is_too_long_for_its_column_goes_on_below() -> None:
    lines = list(swim_lanes([Moment(0.0, "p", "send", "x " * 20), *HISTORY], 94))
    assert lines[1:3] == [
        "    0.000 ms |send x x x x x |               |               |               |",
        "             |x x x x x x x x|               |               |               |",
    ]
    assert max(map(len, lines)) <= 94


def test_lanes_without_room_are_named_on_each_line() -> None:
    lines = list(swim_lanes(HISTORY, 50))
    assert len(lines) == len(HISTORY)
    assert "producer" in lines[0]


def test_nothing_of_a_history_reaches_the_terminal_unprintable() -> None:
    text = "\n".join(swim_lanes([Moment(0.0, "p\x1b[2J", "send", "\x1b]0;x\x07")], 100))
    assert "\x1b" not in text
    assert "\x07" not in text
