"""`kafka-conformance mutants`: which named defects the suite kills."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from kafka_conformance.harness.command import Command
from kafka_conformance.harness.configuration import PROFILES, Configuration, configure
from kafka_conformance.harness.errors import ExitStatus, UsageError, did_you_mean

if TYPE_CHECKING:
    from kafka_conformance.harness.registry import Registry
    from kafka_conformance.plugins.mutation.trial import Result
    from kafka_conformance.reference_broker.mutants import Mutant

WITHIN_S = 120.0
PROCESSES = 2
EMBEDDED = ("sim", "reference")
SEVERAL_BROKERS = "brokers=3,"
"""What stands in a target's options where a requirement cannot be judged on one broker."""


def configure_parser(parser: ArgumentParser) -> None:
    """Which mutants, and how hard to try."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="Which mutants; all unless told.")
    parser.add_argument("--select", metavar="EXPR", default="", help="Those that violate these requirements.")
    parser.add_argument("--target", choices=EMBEDDED, default="sim", help="Where they run. Default: sim.")
    parser.add_argument("--profile", choices=PROFILES, default="default", help="Default: default.")
    parser.add_argument("--seed", metavar="N", default="1", help="Default: 1.")
    parser.add_argument("--workers", metavar="N", type=int, default=PROCESSES, help=f"Default: {PROCESSES}.")
    parser.add_argument("--list", action="store_true", help="List them and try none.")
    parser.add_argument("--whole-suite", action="store_true", help="Run all cases, to see what else each one breaks.")
    parser.add_argument("--json", action="store_true", help="Print JSON.")


def run(options: Namespace) -> int:
    """Tries them. VIOLATED where one survived or was not reached, UNJUDGED where one could not be judged."""
    from kafka_conformance.plugins.builtin import make_registry

    if options.workers < 1:
        raise UsageError("expected a positive number", key="workers", value=options.workers)
    registry = make_registry()
    chosen = choose(registry, options.names, options.select)
    if options.list:
        sys.stdout.writelines(_listed(chosen, as_json=options.json))
        return int(ExitStatus.HELD)
    given = {"profile": options.profile, "seed": options.seed, "target": options.target}
    results = []
    for result in try_all(chosen, configure(given, {}, None), registry, options):
        results.append(result)
        if not options.json:
            sys.stdout.writelines(_lines(result))
            sys.stdout.flush()
    if options.json:
        sys.stdout.write(json.dumps([asdict(result) for result in results], indent=2) + "\n")
    else:
        sys.stdout.write(_summary(results))
    return int(status_of(results))


def choose(registry: Registry, names: Sequence[str], expression: str) -> list[Mutant]:
    """Those that are named, of those whose requirement is selected. Raises UsageError."""
    from kafka_conformance.harness.selection import select
    from kafka_conformance.reference_broker.mutants import MUTANTS

    for name in names:
        if name not in MUTANTS:
            raise UsageError(f"no mutant {name!r}.{did_you_mean(name, MUTANTS)}")
    chosen = [MUTANTS[name] for name in dict.fromkeys(names or MUTANTS)]
    for mutant in chosen:
        registry.catalogue.find(mutant.violates, where=f"mutant {mutant.name}")
    selected = {entry.id for entry in select(registry.catalogue, expression)}
    return [mutant for mutant in chosen if mutant.violates in selected]


def try_all(
    mutants: Sequence[Mutant], configuration: Configuration, registry: Registry, options: Namespace
) -> Iterator[Result]:
    """The result of each, as they come."""
    from kafka_conformance.plugins.mutation.forked import map_forked
    from kafka_conformance.plugins.mutation.trial import CaseList, result_of, try_mutant
    from kafka_conformance.plugins.suite.run import SuiteRun

    cases = CaseList()
    SuiteRun(configuration, registry, plugins=[cases], exhaustive=False).execute()
    everything = sorted({case for listed in cases.by_requirement.values() for case in listed})
    began: dict[str, float] = {}

    def work(mutant: Mutant) -> object:
        node_ids = everything if options.whole_suite else cases.by_requirement.get(mutant.violates, [])
        if not node_ids:
            return {"error": f"no case judges {mutant.violates}"}
        needs = registry.catalogue.find(mutant.violates, where=f"mutant {mutant.name}").needs
        brokers = SEVERAL_BROKERS if "three-nodes" in needs else ""
        target = f"{options.target}:{brokers}mutant={mutant.name}"
        on_mutant = replace(configuration, target=target)
        return try_mutant(mutant, on_mutant, registry, node_ids, exhaustive=options.whole_suite)

    def noting(items: Iterable[Mutant]) -> Iterator[Mutant]:
        for mutant in items:
            began[mutant.name] = time.monotonic()
            yield mutant

    for mutant, data in map_forked(noting(mutants), work, processes=options.workers, within_s=WITHIN_S):
        yield result_of(mutant, data, round(time.monotonic() - began[mutant.name], 3))


def status_of(results: Sequence[Result]) -> ExitStatus:
    """No results are not green either."""
    fates = {result.fate.value for result in results}
    if fates & {"survived", "unreached"}:
        return ExitStatus.VIOLATED
    return ExitStatus.HELD if fates == {"killed"} else ExitStatus.UNJUDGED


def _listed(mutants: Sequence[Mutant], *, as_json: bool) -> list[str]:
    if as_json:
        data = [{"name": mutant.name, "violates": mutant.violates, "defect": mutant.defect} for mutant in mutants]
        return [json.dumps(data, indent=2) + "\n"]
    return [f"{mutant.name}  violates {mutant.violates}\n    {mutant.defect}\n" for mutant in mutants]


def _lines(result: Result) -> list[str]:
    lines = [f"{result.fate.value:9}  {result.mutant}  ({result.duration_s:.1f} s)\n"]
    if result.fate.value != "killed":
        lines.append(f"           violates {result.violates}{': ' + result.reason if result.reason else ''}\n")
    if result.also_broke:
        lines.append(f"           also broke {', '.join(result.also_broke)}\n")
    return lines


def _summary(results: Sequence[Result]) -> str:
    found = Counter(result.fate.value for result in results)
    counts = {fate: found[fate] for fate in ("killed", "survived", "unreached", "unjudged")}
    return ", ".join(f"{count} {fate}" for fate, count in counts.items() if count) + f" of {len(results)} mutants\n"


COMMAND = Command("mutants", "Run the suite on named defects: which does it kill?", configure_parser, run)
