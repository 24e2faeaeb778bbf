"""A recording is read back as it was written; anything else is refused with what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kafka_conformance.harness.errors import UsageError
from kafka_conformance.harness.events import LaneKind
from kafka_conformance.harness.replay.recording import (
    Recording,
    Step,
    closed_in,
    last_attempts,
    read_recording,
    steps_of,
)
from kafka_conformance.harness.wire.history import CLOSED_BY_BROKER, History


def recording(**changes: object) -> Recording:
    fields: dict[str, object] = {
        "case": "c.py::test",
        "requirements": (("a/b", "MUST", "X."),),
        "target": "reference",
        "seed": 7,
        "message": "m",
        "expected": "e",
        "actual": "a",
        "steps": (
            Step(0.0, "node 1", 1, b"\0\1\2", b"\3", 1.5, poll=2, attempt=3),
            Step(2.0, "c", None, b"x", awaited=False),
            Step(3.0, node=1, fault="kill"),
        ),
        "closed": ("c",),
    }
    return Recording(**{**fields, **changes})  # type: ignore[arg-type]


def test_it_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "replays" / "x.json"
    recording().write(path)
    assert read_recording(path) == recording()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda d: d.update(format=99), "no recording that this version knows"),
        (lambda d: d.pop("steps"), "no whole recording"),
        (lambda d: d.update(more=1), "no whole recording"),
        (lambda d: d["steps"][0].update(request="%%"), "request is not base64"),
        (lambda d: d.update(requirements=[["a"]]), "no whole recording"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, change: object, expected: str) -> None:
    path = tmp_path / "x.json"
    recording().write(path)
    document = json.loads(path.read_text())
    change(document)  # type: ignore[operator]
    path.write_text(json.dumps(document))
    with pytest.raises(UsageError, match=expected):
        read_recording(path)


@pytest.mark.parametrize("text", ["", "[]", "{", "\0"])
def test_garbage_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(UsageError):
        read_recording(path)


def test_of_a_question_that_was_asked_until_it_was_true_only_the_last_attempt_counts() -> None:
    once, again = Step(0.0), Step(9.0)
    attempts = [Step(float(n), request=b"%d" % n, poll=1, attempt=n) for n in (1, 2, 3)]
    assert last_attempts([once, *attempts, again]) == [once, attempts[-1], again]


def test_frames_faults_and_closed_connections_are_taken_from_a_history() -> None:
    history = History(lambda: 0.0)
    with history.polling() as attempt:
        attempt()
        exchange = history.sent("node 1", "h:1", b"asked")
    history.answered(exchange, b"answered", 0)
    history.note("faults", "kill", "node 1", LaneKind.FAULT)
    history.sent("c", "h:2", b"shouted", awaited=False)
    history.note("c", CLOSED_BY_BROKER)

    assert steps_of(history, {"h:1": 1}) == (
        Step(0.0, "node 1", 1, b"asked", b"answered", 0.0, poll=1, attempt=1),
        Step(0.0, fault="kill", node=1),
        Step(0.0, "c", None, b"shouted", awaited=False),
    )
    assert closed_in(history) == ("c",)
