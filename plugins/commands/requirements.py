"""`kafka-conformance requirements`: what is asked of a Kafka."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from typing import Any

from kafka_conformance.harness.command import Command
from kafka_conformance.harness.requirements import Catalogue, Requirement
from kafka_conformance.harness.selection import select


def configure(parser: ArgumentParser) -> None:
    """`list` with a selection, `show` with ids."""
    parser.add_argument("action", nargs="?", choices=("list", "show"), default="list", help="Default: list.")
    parser.add_argument("ids", nargs="*", metavar="ID", help="With show: which.")
    parser.add_argument("--select", metavar="EXPR", default="", help="With list: which; all unless told.")
    parser.add_argument("--json", action="store_true", help="Print JSON.")


def run(options: Namespace) -> int:
    """Prints them. Raises UsageError for an unknown id or term."""
    from kafka_conformance.plugins.builtin import make_registry

    entries = chosen(make_registry().catalogue, options)
    if options.json:
        json.dump([as_data(entry) for entry in entries], sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        sys.stdout.writelines(_lines(entries, in_full=options.action == "show"))
    return 0


def chosen(catalogue: Catalogue, options: Namespace) -> list[Requirement]:
    """Those that are to be shown: named, or selected, the excluded among them if nothing was selected."""
    if options.action == "show" or options.ids:
        return [catalogue.find(name) for name in options.ids]
    if options.select:
        return list(select(catalogue, options.select))
    return list(catalogue.values())


def as_data(entry: Requirement) -> dict[str, Any]:
    """An entry as its file has it."""
    data = {
        "id": entry.id,
        "level": entry.level.value,
        "text": entry.text,
        "holds": str(entry.holds),
        "needs": sorted(entry.needs),
        "sources": [str(source) for source in entry.sources],
        "excluded": entry.excluded,
    }
    return {key: value for key, value in data.items() if value is not None}


def _lines(entries: Iterable[Requirement], *, in_full: bool) -> Iterable[str]:
    for entry in entries:
        mark = " (excluded)" if entry.excluded else ""
        yield f"{entry.id}  {entry.level.value}{mark}\n    {entry.text}\n"
        if not in_full:
            continue
        yield f"    holds for {entry.holds}\n"
        if entry.needs:
            yield f"    needs {', '.join(sorted(entry.needs))}\n"
        for source in entry.sources:
            yield f"    source: {source}\n"
        if entry.excluded:
            yield f"    excluded: {entry.excluded}\n"


COMMAND = Command("requirements", "List the requirements, or show some in full.", configure, run)
