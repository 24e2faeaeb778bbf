"""A report that cannot be written ends the run, says so, and is never green; violations that were seen still count."""

from __future__ import annotations

import errno
import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kafka_conformance.harness.events import Event
from kafka_conformance.harness.target import TargetKind
from kafka_conformance.plugins.commands import main
from kafka_conformance.plugins.targets.embedded import Options
from kafka_conformance.plugins.targets.sim import SimulatedTarget
from kafka_conformance.reports.ndjson import NdjsonWriter, read_run
from tests.plugins.sample import Sample

pytestmark = pytest.mark.slow

FULL = "report: cannot be written: File too large"
BEFORE_THE_FIRST_LINE, BEFORE_THE_FIRST_VERDICT, WITHIN_A_FAILURE, BEHIND_THE_FOOTER = 0, 1_450, 2_000, 6_000


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Bytes; what a file would grow beyond is refused as where a disk is full, with another error's name."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("size", [BEFORE_THE_FIRST_LINE, BEFORE_THE_FIRST_VERDICT])
def test_a_run_ends_where_its_report_does(tmp_path: Path, size: int) -> None:
    stopped: list[str] = []

    class Watched(SimulatedTarget):
        def stop(self) -> None:
            stopped.append(self.name)
            super().stop()

    kind = TargetKind("watched", "watched", "tells when it is stopped", lambda argument, name: Watched(name, Options()))
    sample, report = Sample(tmp_path), tmp_path / "report"
    with files_of_at_most(size):
        status, run, _ = sample.run(kind, target="watched", select="sample/held,sample/versions", report=report)

    assert status == 3
    assert run.problems == [f"{report}: {FULL}"]
    assert run.footer is None
    assert stopped == ["watched"]
    assert len(run.cases) < 3, "the cases behind it were still asked"
    assert [path.name for path in report.iterdir()] == ["report.ndjson"]


def test_a_report_that_ends_early_is_read_as_incomplete(tmp_path: Path) -> None:
    sample, report = Sample(tmp_path), tmp_path / "report"
    with files_of_at_most(BEFORE_THE_FIRST_VERDICT):
        sample.run(select="sample/held", report=report)

    assert not read_run(report / "report.ndjson").complete


def test_a_page_that_cannot_be_written_is_not_there_and_the_run_not_green(tmp_path: Path) -> None:
    sample, report = Sample(tmp_path), tmp_path / "report"
    with files_of_at_most(BEHIND_THE_FOOTER):
        status, run, _ = sample.run(select="sample/held", report=report)

    assert status == 3
    assert run.problems == [f"{report}: {FULL}"]
    assert read_run(report / "report.ndjson").complete
    assert not (report / "report.html").exists()


def test_a_violation_that_was_seen_outranks_it(tmp_path: Path) -> None:
    sample, report = Sample(tmp_path), tmp_path / "report"
    with files_of_at_most(WITHIN_A_FAILURE):
        status, run, _ = sample.run(select="sample/violated", report=report)

    assert status == 1
    assert run.problems == [f"{report}: {FULL}"]


def refuse(self: NdjsonWriter, event: Event) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_the_command_says_what_ended_the_run(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: list[str]
) -> None:
    sample = Sample(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("kafka_conformance.plugins.builtin.make_registry", sample.registry)
    monkeypatch.setattr(NdjsonWriter, "handle", refuse)
    assert main(["run", "--target", "sim", "--select", "sample/held", "--workers", "1", *words]) == 3

    out, err = capfd.readouterr()
    assert "kafka-conformance-report: report: cannot be written: No space left on device" in (err if words else out)
    if words:
        assert "footer" not in {json.loads(line)["event"] for line in out.splitlines()}
    else:
        assert "sim could not be judged" in out


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_a_standard_output_that_cannot_be_written_is_never_green(tmp_path: Path, words: list[str]) -> None:
    command = [sys.executable, "-m", "kafka_conformance", "run", "--target", "sim", "--select", "produce/acks", *words]
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path, check=False)

    assert ended.returncode == 3
    assert "standard output: cannot be written: No space left on device" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("place", ["file", "file/below", "taken"])
def test_a_place_where_no_report_can_be_is_wrong_usage_before_anything_starts(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, place: str
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "taken" / "report.ndjson").mkdir(parents=True)
    assert main(["run", "--target", "sim", "--report", str(tmp_path / place)]) == 2
    assert f"{tmp_path / place}: report: cannot be written" in capfd.readouterr().err
