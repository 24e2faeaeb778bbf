from __future__ import annotations

import json
from pathlib import Path

import fastjsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.harness.errors import ExitStatus, UsageError
from kafka_conformance.harness.events import CaseFinished, Event, Outcome
from kafka_conformance.harness.verdicts import exit_status, fold
from kafka_conformance.reports.ndjson import NdjsonWriter, decode_lines, encode_line, read_events, read_run
from kafka_conformance.reports.schema import PATH, as_text, event_schema
from tests.harness import event_streams
from tests.reports import samples

VALIDATE = fastjsonschema.compile(event_schema())


def lines_of(events: list[Event]) -> list[bytes]:
    return [encode_line(event).encode() for event in events]


@given(event_streams.streams())
def test_a_report_reads_back_as_the_events_that_were_written(events: list[Event]) -> None:
    assert list(decode_lines(lines_of(events), where="report")) == events


@given(event_streams.events)
def test_every_event_is_one_line_that_the_published_schema_takes(event: Event) -> None:
    line = encode_line(event)

    assert line.isascii()
    assert line.count("\n") == 1
    VALIDATE(json.loads(line))


def test_the_published_schema_is_that_of_the_event_classes() -> None:
    assert PATH.read_text() == as_text(event_schema())


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"event": "footer"},
        {"event": "target_lost", "message": 3},
        {"event": "target_lost", "message": "", "more": 1},
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(document: dict[str, object]) -> None:
    with pytest.raises(fastjsonschema.JsonSchemaException):
        VALIDATE(document)
    with pytest.raises(UsageError):
        list(decode_lines([*lines_of([samples.HEADER]), json.dumps(document).encode() + b"\n"], where="report"))


def test_a_line_is_in_the_file_before_the_next_event(tmp_path: Path) -> None:
    path = tmp_path / "report.ndjson"
    with NdjsonWriter(path) as writer:
        for number, event in enumerate(samples.events(), 1):
            writer.handle(event)

            assert len(list(read_events(path))) == number


def test_a_new_report_replaces_an_old_one(tmp_path: Path) -> None:
    for _ in range(2):
        with NdjsonWriter(tmp_path / "report.ndjson") as writer:
            for event in samples.events():
                writer.handle(event)

    assert read_run(tmp_path / "report.ndjson").complete


@given(st.integers(0, 10**6))
def test_a_report_that_was_cut_anywhere_is_read_and_never_green(where: int) -> None:
    whole = b"".join(lines_of(samples.events()))
    cut = whole[: where % len(whole)]

    run = fold(decode_lines(cut.splitlines(keepends=True), where="report"))

    assert not run.complete
    assert exit_status(run) is not ExitStatus.HELD


@pytest.mark.parametrize(
    "line",
    [b"{", b"[]", b"nonsense", b"\xff\xfe", b'{"event": "target_lost", "message": NaN}', b"[" * 100_000, b"1" * 5000],
)
def test_a_broken_line_is_named_by_its_number(line: bytes) -> None:
    lines = [*lines_of([samples.HEADER]), line + b"\n", *lines_of(samples.events()[1:])]

    with pytest.raises(UsageError, match=r"^report\.ndjson:2: "):
        list(decode_lines(lines, where="report.ndjson"))


def test_a_report_begins_with_a_header_and_has_one() -> None:
    with pytest.raises(UsageError, match=r":1: a report begins with its header"):
        list(decode_lines(lines_of(samples.events()[1:]), where="report"))
    with pytest.raises(UsageError, match=r":2: a second header"):
        list(decode_lines(lines_of([samples.HEADER, samples.HEADER]), where="report"))


def test_nothing_follows_a_footer() -> None:
    events = samples.events()

    with pytest.raises(UsageError, match="nothing follows a footer"):
        list(decode_lines(lines_of([*events, events[-2]]), where="report"))


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_run(tmp_path / "missing.ndjson")


def test_a_number_that_json_cannot_hold_is_not_written() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode_line(CaseFinished("case", (), Outcome.HELD, duration_s=float("nan")))
