"""`kafka-conformance schedules`: fault schedules on the reference broker in virtual time."""

from __future__ import annotations

import hashlib
import json
import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kafka_conformance.harness.command import Command
from kafka_conformance.harness.configuration import PROFILES
from kafka_conformance.harness.errors import ExitStatus, UsageError, did_you_mean
from kafka_conformance.reports import printable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from kafka_conformance.plugins.schedules.playing import Played
    from kafka_conformance.plugins.schedules.running import Result
    from kafka_conformance.reference_broker.parts import Parts

COUNTS = {"quick": 20, "default": 200, "thorough": 10_000}
"""Profile -> how many schedules are played."""
DEFAULT_REPORT = Path("kafka-conformance-schedules")
MOST_SHOWN = 3
"""Findings of a schedule, in words; its file has all."""


def configure(parser: ArgumentParser) -> None:
    """Which schedules, on which broker, and where results are kept."""
    counts = ", ".join(f"{name} {count}" for name, count in COUNTS.items())
    parser.add_argument("--profile", choices=PROFILES, default="default", help=f"How many: {counts}. Default: default.")
    parser.add_argument("--count", metavar="N", type=int, help="How many, whatever the profile.")
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="The first of them. Default: 1.")
    parser.add_argument("--workers", metavar="N", type=int, help="How many processes. Default: 2.")
    parser.add_argument(
        "--report",
        metavar="DIR",
        type=Path,
        default=DEFAULT_REPORT,
        help=f"Where results are kept; a run that finds some there goes on behind them. Default: {DEFAULT_REPORT}.",
    )
    parser.add_argument("--mutant", metavar="NAME", help="A named defect that the brokers have.")
    parser.add_argument(
        "--replay", metavar="FILE", type=Path, help="Play the schedule of a finding again, and no other."
    )
    parser.add_argument("--json", action="store_true", help="Print each result as a line of JSON.")


def run(options: Namespace) -> int:
    """Plays them. VIOLATED where one has a finding. Raises UsageError."""
    if options.replay is not None:
        return _replay(options.replay, _parts(options.mutant), as_json=options.json)
    from kafka_conformance.plugins.schedules.running import Kept, default_workers, play_all

    count = COUNTS[options.profile] if options.count is None else options.count
    workers = default_workers() if options.workers is None else options.workers
    for key, value in (("count", count), ("workers", workers)):
        if value < 1:
            raise UsageError("expected a positive number", key=key, value=value)
    seeds = range(options.seed, options.seed + count)
    kept = Kept(options.report, options.mutant)
    shown = _Lines() if options.json else _Bar(len(seeds), [kept.results[s] for s in seeds if s in kept.results])
    try:
        with _ended_in_order():
            for result in play_all(seeds, kept, _parts(options.mutant), workers=workers):
                shown.show(result)
    finally:
        shown.close()
    results = [kept.results[seed] for seed in seeds]
    if not options.json:
        sys.stdout.write(_summary(results, options.report))
    return int(ExitStatus.VIOLATED if any(result.findings for result in results) else ExitStatus.HELD)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Lets SIGTERM end the workers, too; what they have not handed over is played again by the next run."""

    def end(number: int, _frame: object) -> None:
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _parts(mutant: str | None) -> Parts | None:
    if mutant is None:
        return None
    from kafka_conformance.reference_broker.mutants import MUTANTS

    if mutant not in MUTANTS:
        raise UsageError(f"no mutant {mutant!r}.{did_you_mean(mutant, MUTANTS)}", key="mutant")
    return MUTANTS[mutant].parts()


def _replay(path: Path, parts: Parts | None, *, as_json: bool) -> int:
    from kafka_conformance.plugins.schedules.playing import play
    from kafka_conformance.plugins.schedules.schedule import from_data

    try:
        schedule = from_data(json.loads(path.read_text(encoding="utf-8"))["schedule"])
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"is no finding of this command: {error!r}", where=str(path)) from error
    played = play(schedule, parts)
    sys.stdout.writelines(f"{line}\n" for line in ([json.dumps(_as_data(played))] if as_json else _words(played)))
    return int(ExitStatus.VIOLATED if played.findings else ExitStatus.HELD)


def _as_data(played: Played) -> dict[str, Any]:
    return {"findings": list(played.findings), "transcript": played.transcript, "virtual_s": played.virtual_s}


def _words(played: Played) -> Iterable[str]:
    for actor in played.schedule.actors:
        yield f"{actor.starts_s:8.3f} s  {actor.name}"
    for fault in played.schedule.faults:
        yield f"{fault.at_s:8.3f} s  {fault.kind} node {fault.node} for {fault.lasts_s} s"
    yield from map(printable.one_line, played.findings)
    yield f"transcript {played.transcript}"


def _summary(results: Sequence[Result], folder: Path) -> str:
    bad = [result for result in results if result.findings]
    together = hashlib.sha256("".join(result.transcript for result in results).encode()).hexdigest()
    hours = sum(result.virtual_s for result in results) / 3600
    where = f": {folder}/seed-N.json, and --replay plays one again" if bad else ""
    return (
        f"{len(results)} schedules, {hours:.1f} hours of virtual time, transcripts {together[:16]}\n"
        f"{len(bad)} with findings{where}\n"
    )


class _Lines:
    """Each result as JSON."""

    def show(self, result: Result) -> None:
        """One line."""
        sys.stdout.write(json.dumps(result.as_data()) + "\n")
        sys.stdout.flush()

    def close(self) -> None:
        """Nothing is held."""


class _Bar:
    """A bar where somebody watches, and a line for each finding."""

    def __init__(self, total: int, played: Sequence[Result]) -> None:
        from rich.console import Console

        self._console = Console(highlight=False, markup=False)
        self._played = len(played)
        self._bad = 0
        self._progress, self._task = self._started(total)
        for result in played:
            self._note(result)

    def _started(self, total: int) -> tuple[Progress | None, TaskID | None]:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        if not self._console.is_terminal:
            return None, None
        columns = TextColumn("schedules"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        found = TextColumn("{task.fields[bad]} with findings")
        # No thread refreshes it: the workers are forked.
        progress = Progress(*columns, found, console=self._console, auto_refresh=False)
        progress.start()
        return progress, progress.add_task("schedules", total=total, completed=self._played, bad=0)

    def show(self, result: Result) -> None:
        """One more."""
        self._played += 1
        self._note(result)
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=self._played, bad=self._bad, refresh=True)

    def _note(self, result: Result) -> None:
        if not result.findings:
            return
        self._bad += 1
        self._console.print(f"seed {result.seed}: {len(result.findings)} findings")
        for finding in result.findings[:MOST_SHOWN]:
            self._console.print(f"  {printable.one_line(finding)}", soft_wrap=True)

    def close(self) -> None:
        """Takes the bar off the screen."""
        if self._progress is not None:
            self._progress.stop()


COMMAND = Command("schedules", "Play fault schedules on the reference broker in virtual time.", configure, run)
