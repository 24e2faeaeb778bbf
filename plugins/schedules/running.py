"""Many schedules, in several processes, with what was played kept in a file, so that a run goes on where it ended."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import kafka_conformance
from kafka_conformance.harness.errors import UsageError
from kafka_conformance.harness.histories import ndjson
from kafka_conformance.plugins.mutation.forked import map_forked
from kafka_conformance.plugins.schedules.playing import Played, play, warm_up
from kafka_conformance.plugins.schedules.schedule import draw
from kafka_conformance.plugins.schedules.shrinking import shrink
from kafka_conformance.reference_broker.parts import Parts

VERSION = 1
RESULTS = "schedules.ndjson"
AT_A_TIME = 10
"""Schedules that one process plays before its results are kept."""
WITHIN_S = 3_600.0
REPEATED = 50
"""Of so many seeds one is played twice, and must do the same both times."""
_CODE = ("protocol", "reference_broker", "harness", "plugins/schedules")


@dataclass(frozen=True, slots=True)
class Result:
    """What is kept of one schedule: a line of the file."""

    seed: int
    findings: tuple[str, ...]
    transcript: str
    virtual_s: float

    def as_data(self) -> dict[str, Any]:
        """The line's object."""
        return {
            "row": "schedule",
            "seed": self.seed,
            "findings": list(self.findings),
            "transcript": self.transcript,
            "virtual_s": self.virtual_s,
        }


@dataclass
class Kept:
    """The file of results in a folder. Raises UsageError where it is of another run, or of other code."""

    folder: Path
    mutant: str | None = None
    results: dict[int, Result] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._path = self.folder / RESULTS
        header = {"row": "schedules", "version": VERSION, "code": digest_of_code(), "mutant": self.mutant}
        if self._path.exists() and (text := self._path.read_text(encoding="ascii")):
            self._read(text, header)
        else:
            self._append(header)

    def keep(self, result: Result) -> None:
        """One more."""
        self.results[result.seed] = result
        self._append(result.as_data())

    def _append(self, data: dict[str, Any]) -> None:
        with self._path.open("a", encoding="ascii") as file:
            file.write(json.dumps(data) + "\n")

    def _read(self, text: str, header: dict[str, Any]) -> None:
        whole = text[: text.rfind("\n") + 1]
        if whole != text:  # the last line was cut when the run was interrupted
            self._path.write_text(whole, encoding="ascii")
        lines = [json.loads(line) for line in whole.splitlines()]
        if not lines or lines[0] != header:
            raise UsageError(
                "has schedules of another version of this code, or of another mutant: give another folder",
                key="report",
                value=str(self.folder),
            )
        for line in lines[1:]:
            result = Result(line["seed"], tuple(line["findings"]), line["transcript"], line["virtual_s"])
            self.results[result.seed] = result


def digest_of_code() -> str:
    """Of all modules that a run depends on."""
    root = Path(kafka_conformance.__file__).parent
    digest = hashlib.sha256()
    for package in _CODE:
        for path in sorted((root / package).resolve().rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def play_all(seeds: Sequence[int], kept: Kept, parts: Parts | None, *, workers: int) -> Iterator[Result]:
    """The result of each seed that has none yet, kept as it comes."""
    waiting = [seed for seed in seeds if seed not in kept.results]
    if waiting:
        warm_up()
    chunks = [waiting[start : start + AT_A_TIME] for start in range(0, len(waiting), AT_A_TIME)]
    alone: list[list[int]] = []
    for chunk, data in _forked(chunks, kept.folder, parts, workers):
        if isinstance(data, dict):
            alone += [[seed] for seed in chunk]
        else:
            yield from _keep(data, kept)
    for (seed,), data in _forked(alone, kept.folder, parts, workers):
        yield from _keep([_died(seed, data["error"])] if isinstance(data, dict) else data, kept)


def _forked(
    chunks: Iterable[list[int]], folder: Path, parts: Parts | None, workers: int
) -> Iterator[tuple[list[int], Any]]:
    def work(chunk: list[int]) -> object:
        return [_play_one(seed, folder, parts).as_data() for seed in chunk]

    return map_forked(chunks, work, processes=workers, within_s=WITHIN_S)


def _died(seed: int, reason: str) -> dict[str, Any]:
    return Result(seed, (f"its process: {reason}",), "", 0.0).as_data()


def _keep(lines: Iterable[dict[str, Any]], kept: Kept) -> Iterator[Result]:
    for line in lines:
        result = Result(line["seed"], tuple(line["findings"]), line["transcript"], line["virtual_s"])
        kept.keep(result)
        yield result


def _play_one(seed: int, folder: Path, parts: Parts | None) -> Result:
    schedule = draw(seed)
    played = play(schedule, parts)
    findings = list(played.findings)
    if findings:
        write_finding(shrink(schedule, parts, played), played, folder)
    if seed % REPEATED == 0 and (again := play(schedule, parts)).transcript != played.transcript:
        findings.append(f"the same seed did something else: {played.transcript}, then {again.transcript}")
    return Result(seed, tuple(findings), played.transcript, played.virtual_s)


def write_finding(small: Played, whole: Played, folder: Path) -> None:
    """What `--replay` plays again, and the history of the smallest schedule that shows it, which `check` draws."""
    seed = whole.schedule.seed
    data = {
        "schedule": small.schedule.as_data(),
        "findings": list(small.findings),
        "drawn": whole.schedule.as_data(),
        "findings_as_drawn": list(whole.findings),
    }
    (folder / f"seed-{seed}.json").write_text(json.dumps(data, indent=2) + "\n", encoding="ascii")
    ndjson.write(small.history, folder / f"seed-{seed}.history.ndjson")


def default_workers() -> int:
    """How many processes play unless told."""
    return min(2, os.cpu_count() or 1)
