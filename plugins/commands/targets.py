"""`kafka-conformance targets`: what can be judged."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace

from kafka_conformance.harness.command import Command


def configure(parser: ArgumentParser) -> None:
    """Only --json."""
    parser.add_argument("--json", action="store_true", help="Print JSON.")


def run(options: Namespace) -> int:
    """Prints the kinds of target that are installed."""
    from kafka_conformance.plugins.builtin import make_registry

    kinds = make_registry().targets.values()
    if options.json:
        data = [
            {
                "kind": kind.kind,
                "usage": kind.usage,
                "summary": kind.summary,
                "capabilities": list(kind.capabilities),
            }
            for kind in kinds
        ]
        sys.stdout.write(json.dumps(data, indent=2) + "\n")
        return 0
    for kind in kinds:
        sys.stdout.write(f"{kind.usage}\n    {kind.summary}\n")
        if kind.capabilities:
            sys.stdout.write(f"    can: {', '.join(kind.capabilities)}\n")
    return 0


COMMAND = Command("targets", "List the kinds of target that are installed.", configure, run)
