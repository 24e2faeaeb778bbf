from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from kafka_conformance.harness.events import Event
from kafka_conformance.reports.terminal import TerminalReport, print_run
from tests.harness import event_streams
from tests.reports import samples
from tests.reports.hostile import hostile_run


def shown(events: list[Event], *, terminal: bool = False) -> str:
    file = io.StringIO()
    console = Console(
        file=file, force_terminal=terminal, width=80, highlight=False, color_system="standard" if terminal else None
    )
    report = TerminalReport(console)
    for event in events:
        report.handle(event)
    report.close()
    return file.getvalue()


def test_a_failed_requirement_is_printed_in_full_and_its_replay_command_on_one_line() -> None:
    lines = shown(samples.events()).splitlines()

    assert f"  MUST  {samples.DUPLICATES.text}" in lines
    replay = "kafka-conformance replay out/replays/produce-idempotence-duplicate-sequence.json"
    assert f"  replay    {replay}" in lines
    assert any("KIP-98; apache/kafka@1eb7644" in line for line in lines)
    assert any("! network" in line and "drop answer" in line for line in lines)


def test_the_last_line_is_the_headline() -> None:
    assert shown(samples.events()).splitlines()[-1] == "tcp:broker-1:9092 violates 2 of 11 MUST requirements"


def test_a_log_has_a_line_for_each_case_that_did_not_hold_and_no_escape() -> None:
    text = shown(samples.events())

    assert text.count("\nviolated: ") == 2
    assert text.count("\nerror: ") == 1
    assert "\x1b" not in text


def test_a_terminal_shows_progress_while_the_run_goes_on() -> None:
    text = shown(samples.events(complete=False), terminal=True)

    assert "held" in text
    assert "\x1b[" in text


def test_why_a_run_is_not_green_is_said() -> None:
    text = shown(samples.events(lost=True))

    assert "not green: the target was lost: broker-1:9092 refused the connection for 30 s" in text
    assert "not green: offsets/commit/survives-coordinator: unknown" in text
    assert "not applicable: replication/failover/keeps-acknowledged (needs min.insync" in text


@given(st.text(st.characters(codec=None), max_size=20))
def test_no_text_of_others_steers_the_terminal(text: str) -> None:
    file = io.StringIO()

    print_run(hostile_run(text), Console(file=file, width=80, highlight=False))

    assert all(character.isprintable() or character == "\n" or ord(character) > 0x9F for character in file.getvalue())


@given(event_streams.streams())
def test_any_stream_can_be_shown(events: list[Event]) -> None:
    assert shown(events)
