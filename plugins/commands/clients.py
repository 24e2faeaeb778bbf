"""`kafka-conformance clients`: which client libraries can be judged."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace

from kafka_conformance.harness.command import Command


def configure(parser: ArgumentParser) -> None:
    """Only --json."""
    parser.add_argument("--json", action="store_true", help="Print JSON.")


def run(options: Namespace) -> int:
    """Prints the clients that are known, and whether their library is installed."""
    from kafka_conformance.plugins.builtin import make_registry

    data = [
        {
            "kind": kind.kind,
            "summary": kind.summary,
            "installed": kind.installed,
            "runs_in_virtual_time": kind.runs_in_virtual_time,
        }
        for kind in make_registry().clients.values()
    ]
    if options.json:
        sys.stdout.write(json.dumps(data, indent=2) + "\n")
        return 0
    for entry in data:
        notes = [] if entry["installed"] else ["not installed"]
        notes += ["also in virtual time"] if entry["runs_in_virtual_time"] else []
        sys.stdout.write(f"{entry['kind']:14} {entry['summary']}{' (' + ', '.join(notes) + ')' if notes else ''}\n")
    return 0


COMMAND = Command("clients", "List the client libraries that can be driven.", configure, run)
