"""Histories of the model in which an anomaly really occurs."""

from __future__ import annotations

from random import Random

from kafka_conformance.harness.histories.history import History
from kafka_conformance.harness.histories.schema import TABLES
from tests.harness.checkers.judging import judged
from tests.harness.checkers.model import DEFECTS, Step, played

EXAMPLES = 40
APART = {"op", "proc", "tp", "val", "txn", "compacted_key", "source", "grp", "account"}


def script_of(seed: int, length: int = 90) -> list[Step]:
    """What clients do, of that seed."""
    random = Random(seed)
    return [(random.randrange(12), random.randrange(8), random.randrange(8)) for _ in range(length)]


def planted(defect: str) -> History:
    """A history in which the check of that name finds something."""
    return next(history for seed in range(EXAMPLES) if judged(history := played(script_of(seed), defect)).found(defect))


def together(above: int = 0) -> History:
    """All anomalies in one history, each among clients, partitions and values of its own, numbered from `above`."""
    history = History()
    for number, defect in enumerate(DEFECTS):
        part = planted(defect)
        for table, columns in TABLES.items():
            apart = [above + 10_000 * number if column.name in APART else 0 for column in columns]
            for row in part.tables[table]:
                cells = (cell + by if cell >= 0 else cell for cell, by in zip(row, apart, strict=True))
                history.tables[table].append(tuple(cells))
    return history
