"""Produce with acks=all to three brokers in one process, which keep each record three times, against one broker.

What is compared is bytes kept a second: the leader's and those that its followers have copied before a record is
acknowledged.
"""

import contextlib
from collections.abc import Iterator
from statistics import median

from benchmarks.peers import running
from benchmarks.rounds import Figure, figure
from benchmarks.throughput import LOADS, new_log, produce

REPLICAS = {"three brokers": ("reference:brokers=3", 3), "one broker": ("reference", 1)}


def run(rounds: int, scale: float) -> list[Figure]:
    """Measure both; `scale` shrinks the counts."""
    with contextlib.ExitStack() as stack:
        addresses = {name: stack.enter_context(running(command)) for name, (command, _) in REPLICAS.items()}
        return list(_figures(addresses, rounds, scale))


def _figures(addresses: dict[str, str], rounds: int, scale: float) -> Iterator[Figure]:
    for label, (size, records) in LOADS.items():
        kept: dict[str, list[float]] = {name: [] for name in addresses}
        for _ in range(rounds):
            for name, address in addresses.items():
                rate = produce(address, new_log(address), int(records * scale), size)
                kept[name].append(rate * size * REPLICAS[name][1] / 1e6)
        medians = {name: median(all_) for name, all_ in kept.items()}
        yield figure(f"produce {label}, all copies", "MB/s", medians, ours="three brokers")
