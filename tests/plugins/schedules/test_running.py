"""Results that are kept: a run goes on behind them, and is never mixed with another one."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kafka_conformance.harness.errors import UsageError
from kafka_conformance.harness.histories import ndjson
from kafka_conformance.plugins.commands import main
from kafka_conformance.plugins.schedules.playing import play
from kafka_conformance.plugins.schedules.running import RESULTS, Kept, Result, play_all, write_finding
from kafka_conformance.plugins.schedules.schedule import draw, from_data
from kafka_conformance.plugins.schedules.shrinking import kinds_of, shrink
from kafka_conformance.reference_broker.mutants import MUTANTS

BROKEN = "transactions/commits-half"
FOUND_BY = 1
"""A seed whose schedule finds it."""


def result(seed: int) -> Result:
    return Result(seed, (), f"{seed}", 1.5)


def test_what_was_kept_is_there_again(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.keep(result(3))
    kept.keep(Result(4, ("lost_write: op 1",), "4", 2.0))
    assert Kept(tmp_path).results == kept.results


def test_a_line_that_was_cut_is_played_again(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.keep(result(3))
    kept.keep(result(4))
    file = tmp_path / RESULTS
    file.write_bytes(file.read_bytes()[:-9])
    again = Kept(tmp_path)
    assert list(again.results) == [3]
    again.keep(result(4))
    assert list(Kept(tmp_path).results) == [3, 4]


def test_results_of_another_mutant_or_of_other_code_are_not_mixed(tmp_path: Path) -> None:
    Kept(tmp_path).keep(result(1))
    with pytest.raises(UsageError, match="give another folder"):
        Kept(tmp_path, BROKEN)
    file = tmp_path / RESULTS
    header, *lines = file.read_text().splitlines()
    file.write_text("\n".join([json.dumps(json.loads(header) | {"code": "other"}), *lines]) + "\n")
    with pytest.raises(UsageError, match="give another folder"):
        Kept(tmp_path)


def test_only_seeds_without_a_result_are_played(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.keep(result(2))
    played = sorted(each.seed for each in play_all([1, 2, 3], kept, None, workers=2))
    assert played == [1, 3]
    assert sorted(Kept(tmp_path).results) == [1, 2, 3]
    assert kept.results[1].transcript == play(draw(1)).transcript


def test_a_process_that_dies_takes_no_other_seed_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(seed: int, *_: object) -> Result:
        if seed == 2:
            raise SystemExit
        return result(seed)

    monkeypatch.setattr("kafka_conformance.plugins.schedules.running._play_one", dies)
    found = {each.seed: each.findings for each in play_all([1, 2, 3], Kept(tmp_path), None, workers=2)}
    assert found == {1: (), 2: ("its process: SystemExit",), 3: ()}


@pytest.fixture
def finding(tmp_path: Path) -> Path:
    parts = MUTANTS[BROKEN].parts()
    whole = play(draw(FOUND_BY), parts)
    assert whole.findings
    small = shrink(whole.schedule, parts, whole)
    assert len(small.schedule.actors) + len(small.schedule.faults) < len(whole.schedule.actors + whole.schedule.faults)
    assert kinds_of(small) & kinds_of(whole)
    write_finding(small, whole, tmp_path)
    return tmp_path / f"seed-{FOUND_BY}.json"


def test_a_finding_is_made_small_and_played_again(finding: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = json.loads(finding.read_text())
    assert from_data(data["drawn"]) == draw(FOUND_BY)
    assert ndjson.read(finding.with_suffix(".history.ndjson")).records

    assert main(["schedules", "--replay", str(finding), "--mutant", BROKEN, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"] == data["findings"]
    assert main(["schedules", "--replay", str(finding)]) == 0
    assert "transcript " in capsys.readouterr().out


def test_the_command_plays_keeps_and_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "report"
    assert main(["schedules", "--count", "2", "--report", str(folder)]) == 0
    first = capsys.readouterr().out
    assert first.startswith("2 schedules, 0.0 hours of virtual time, transcripts ")
    assert first.endswith("0 with findings\n")
    assert main(["schedules", "--count", "3", "--report", str(folder), "--json"]) == 0
    assert [json.loads(line)["seed"] for line in capsys.readouterr().out.splitlines()] == [3]


def test_a_finding_is_status_1_and_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--count", "1", "--seed", str(FOUND_BY), "--mutant", BROKEN, "--report", str(tmp_path)]
    assert main(["schedules", *words]) == 1
    out = capsys.readouterr().out
    assert f"seed {FOUND_BY}: " in out
    assert "1 with findings" in out
    assert main(["schedules", *words]) == 1


@pytest.mark.slow
def test_a_run_that_is_ended_leaves_no_process_and_goes_on(tmp_path: Path) -> None:
    words = [
        sys.executable,
        "-m",
        "kafka_conformance",
        "schedules",
        "--count",
        "500",
        "--report",
        str(tmp_path),
        "--json",
    ]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert json.loads(run.stdout.readline())["seed"] >= 1
        children = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()
        run.terminate()
        run.stdout.read()
        assert run.wait() == 128 + signal.SIGTERM
    assert len(children) == 2
    assert not [child for child in children if Path(f"/proc/{child}").exists()]
    assert len(Kept(tmp_path).results) >= 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--count", "0"], "count: expected a positive number, not 0"),
        (["--workers", "-1"], "workers: expected a positive number, not -1"),
        (["--mutant", "transactions/commits-hall"], "Did you mean 'transactions/commits-half'?"),
        (["--replay", "nowhere.json"], "nowhere.json: cannot be read"),
        (["--replay", __file__], "is no finding of this command"),
    ],
)
def test_what_cannot_be_is_status_2(
    words: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schedules", "--report", str(tmp_path), *words]) == 2
    assert told in capsys.readouterr().err
