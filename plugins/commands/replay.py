"""`kafka-conformance replay FILE`: a recorded counterexample again, byte for byte."""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kafka_conformance.harness.command import Command
from kafka_conformance.harness.errors import ExitStatus, UsageError

if TYPE_CHECKING:
    from kafka_conformance.harness.replay.player import Deviation
    from kafka_conformance.harness.replay.recording import Recording


def configure(parser: ArgumentParser) -> None:
    """The file, and another target."""
    parser.add_argument("file", metavar="FILE", type=Path, help="What a failed case left in replays/ of the report.")
    parser.add_argument("--target", metavar="T", help="Send it there, not to the kind of target it was recorded on.")
    parser.add_argument(
        "--attempts",
        metavar="N",
        type=int,
        default=1,
        help="Up to N times from the start: a target may leave it to chance.",
    )
    parser.add_argument("--json", action="store_true", help="Print JSON.")


def run(options: Namespace) -> int:
    """Plays the file. VIOLATED: all answers are as recorded, so is the finding; HELD: some answer differs now."""
    from kafka_conformance.harness.replay.recording import read_recording

    recording = read_recording(options.file)
    if not recording.complete:
        raise UsageError("its beginning was too long to be kept, so it cannot be played", where=str(options.file))
    if options.attempts < 1:
        raise UsageError("expected a number", key="attempts", value=options.attempts, allowed="1 or more")
    earlier: list[Deviation] = []
    for left in reversed(range(options.attempts)):
        deviations = play(recording, options.target or recording.target, to_the_end=not left)
        if not deviations:
            break
        earlier += deviations[:1]
    status = ExitStatus.HELD if deviations else ExitStatus.VIOLATED
    if options.json:
        sys.stdout.write(json.dumps(as_data(recording, deviations, status), indent=2) + "\n")
    else:
        sys.stdout.writelines(_lines(recording, deviations, earlier))
    return int(status)


def play(recording: Recording, target_text: str, *, to_the_end: bool = True) -> Sequence[Deviation]:
    """Starts the target, plays (see `Player.play`), stops it. Raises UsageError, TargetError."""
    from kafka_conformance.harness.replay.player import Player
    from kafka_conformance.harness.subject.cluster import Cluster
    from kafka_conformance.plugins.builtin import make_registry

    target = make_registry().target(target_text)
    target.seed = recording.seed
    try:
        target.start()
        cluster = Cluster(target, f"replay-{os.getpid()}")
        try:
            with cluster.case():
                return Player(cluster, recording).play(to_the_end=to_the_end)
        finally:
            cluster.close()
    finally:
        target.stop()
        target.close_loop()


def as_data(recording: Recording, deviations: Sequence[Deviation], status: ExitStatus) -> dict[str, object]:
    """The result as plain data."""
    return {
        "case": recording.case,
        "requirements": [name for name, _, _ in recording.requirements],
        "finding": {"message": recording.message, "expected": recording.expected, "actual": recording.actual},
        "reproduced": status is ExitStatus.VIOLATED,
        "deviations": [str(deviation) for deviation in deviations],
    }


def _lines(recording: Recording, deviations: Sequence[Deviation], earlier: Sequence[Deviation]) -> list[str]:
    lines = [f"{name} ({level})\n    {text}\n" for name, level, text in recording.requirements]
    lines.append(f"recorded in {recording.case} on {recording.target}: {recording.message}\n")
    lines += [f"    expected: {recording.expected}\n"] if recording.expected else []
    lines += [f"    actual:   {recording.actual}\n"] if recording.actual else []
    if not deviations:
        again = f"the same again: all {len(recording.steps)} steps ended as they were recorded\n"
        return [*lines, again, *(f"    not so in attempt {n}: {what}\n" for n, what in enumerate(earlier, 1))]
    return [
        *lines,
        "not the same: the target answers otherwise now\n",
        *(f"    {deviation}\n" for deviation in deviations[:10]),
    ]


COMMAND = Command("replay", "Run a recorded counterexample again, byte for byte.", configure, run)
