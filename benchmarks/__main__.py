"""Runs the benchmarks and prints one line for each figure."""

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path

from benchmarks.rounds import Figure

ALL = ("codec", "startup", "simulation", "history_checks", "throughput", "replication", "failover")


def measure(name: str, options: argparse.Namespace) -> list[Figure]:
    """Run one module's benchmarks."""
    module = import_module(f"benchmarks.{name}")
    rounds, scale = (1, 0.1) if options.smoke else (options.rounds, 1.0)
    figures: list[Figure]
    if name == "throughput":
        figures = module.run(rounds, scale, options.kafka)
    elif name == "replication":
        figures = module.run(rounds, scale)
    elif name == "failover":
        figures = module.run(rounds, options.kafka, smoke=options.smoke)
    else:
        figures = module.run(rounds)
    return figures


def main() -> int:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", default=",".join(ALL), help="which, comma separated: " + ", ".join(ALL))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--smoke", action="store_true", help="one small round of each: do they run?")
    parser.add_argument("--kafka", metavar="VERSION", help="measure Apache Kafka too, where Java is installed")
    parser.add_argument("--json", metavar="FILE", help="write the figures as JSON")
    options = parser.parse_args()
    wanted = options.only.split(",")
    if unknown := set(wanted) - set(ALL):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(ALL)}")
    figures = []
    for name in wanted:
        for figure in measure(name, options):
            print(figure.line(), flush=True)
            figures.append(figure)
    if options.json:
        Path(options.json).write_text(json.dumps([figure._asdict() for figure in figures], indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
