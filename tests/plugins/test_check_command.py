"""`kafka-conformance check`: verdicts, witnesses, exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kafka_conformance.harness.histories import ndjson, parquet
from kafka_conformance.harness.histories.history import History
from kafka_conformance.plugins.commands import main
from tests.harness.checkers.jepsen import jepsen_history
from tests.harness.checkers.model import played
from tests.harness.checkers.planting import planted, script_of

OK = [(0, "ok", "send", [("send", "x", (0, "a"))]), (1, "ok", "poll", [("poll", {"x": [(0, "a")]})])]
SENT_AGAIN = [*OK, (1, "ok", "poll", [("poll", {"x": [(1, "a")]})])]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "history.ndjson"


def check(history: History, file: Path, *words: str) -> int:
    ndjson.write(history, file)
    return main(["check", str(file), *words])


def test_a_history_without_anomaly_is_0(capfd: pytest.CaptureFixture[str], file: Path) -> None:
    assert check(jepsen_history(OK), file) == 0
    assert capfd.readouterr().out.endswith("verdict: ok\n")


def test_a_violation_is_1_with_its_witness_and_its_timeline(capfd: pytest.CaptureFixture[str], file: Path) -> None:
    assert check(jepsen_history(SENT_AGAIN), file) == 1
    out = capfd.readouterr().out
    assert "duplicate  violation\n  A value at more than one offset.\n" in out
    assert "  witness  val x a, tp x, off 0, other_tp x, other_off 1\n" in out
    assert "send x [0:x a] ok" in out
    assert out.endswith("verdict: violation\n")


def test_what_is_allowed_is_no_violation(capfd: pytest.CaptureFixture[str], file: Path) -> None:
    assert check(jepsen_history(SENT_AGAIN), file, "--allow", "duplicate") == 0
    assert "duplicate  violation" not in capfd.readouterr().out


def test_a_history_that_shows_nothing_is_3(capfd: pytest.CaptureFixture[str], file: Path) -> None:
    assert check(History(), file) == 3
    out = capfd.readouterr().out
    assert "not ok: the history is empty: nothing was sent\n" in out
    assert out.endswith("verdict: unknown\n")


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ('{"row": "history"', [], "history.ndjson:1:18: is not JSON"),
        ("", [], "history.ndjson:0:1: holds no history: it is empty"),
        ('{"row": "history", "version": 1}\n', ["--allow", "duplicates"], "Did you mean 'duplicate'?"),
        ('{"row": "history", "version": 1}\n', ["--memory-limit", "1GB"], "sqlite takes no limit of memory"),
        ('{"row": "history", "version": 1}\n', ["--engine", "duckdb", "--memory-limit", "much"], "refused by DuckDB"),
        ('{"row": "history", "version": 1}\n', ["--engine", "duckdb", "--memory-limit", "1KB"], "is too little for"),
    ],
)
def test_what_cannot_be_read_is_2_and_says_where(
    capfd: pytest.CaptureFixture[str], file: Path, text: str, words: list[str], expected: str
) -> None:
    file.write_text(text + ("\n" if text and not words else ""))
    assert main(["check", str(file), *words]) == 2
    assert expected in capfd.readouterr().err


def test_the_verdict_for_machines_has_all_witnesses(capfd: pytest.CaptureFixture[str], file: Path) -> None:
    assert check(jepsen_history(SENT_AGAIN), file, "--json") == 1
    data = json.loads(capfd.readouterr().out)
    assert data["verdict"] == "violation"
    found = {finding["check"]: finding["witnesses"] for finding in data["findings"]}
    assert found["duplicate"] == [{"val": "x a", "tp": "x", "off": 0, "other_tp": "x", "other_off": 1}]


def test_every_engine_and_form_gives_the_same_verdict(capfd: pytest.CaptureFixture[str], file: Path) -> None:
    history = planted("torn_transaction")
    ndjson.write(history, file)
    parquet.write(history, file.with_suffix(".parquet"), buckets=2)
    verdicts = []
    for path in (file, file.with_suffix(".parquet")):
        for engine in ("sqlite", "duckdb"):
            assert main(["check", str(path), "--engine", engine, "--json"]) == 1
            verdicts.append(json.loads(capfd.readouterr().out))
    assert [list(map(str, verdict["findings"])) for verdict in verdicts[::2]] == [
        list(map(str, verdict["findings"])) for verdict in verdicts[1::2]
    ]


def test_a_large_legal_history_of_the_model_is_no_violation(capfd: pytest.CaptureFixture[str], file: Path) -> None:
    assert check(played(script_of(5, 300)), file) in (0, 3)
    assert "verdict: violation" not in capfd.readouterr().out
