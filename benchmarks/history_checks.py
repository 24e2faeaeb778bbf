"""How fast histories are checked, every anomaly planted and found: `python -m benchmarks.history_checks --help`.

CPU seconds are those of all threads, from opening the Parquet files to the verdict.
"""

import argparse
import resource
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.harness.checkers.model import Model
from tests.harness.checkers.planting import script_of, together

from benchmarks.rounds import Figure, figure
from kafka_conformance.harness.checkers.catalogue import Says, checks
from kafka_conformance.harness.checkers.checking import Verdict, judge
from kafka_conformance.harness.checkers.duckdb_engine import DuckdbEngine
from kafka_conformance.harness.checkers.sqlite_engine import SqliteEngine
from kafka_conformance.harness.histories import parquet
from kafka_conformance.harness.histories.schema import column_names

SMALL_ROWS = 300
BATCH = 5

GENERATED = """
COPY (
  WITH written AS (SELECT range AS n, range // {batch} AS b, range % {batch} AS seq FROM range({first}, {last})),
  placed AS (SELECT n, b, seq, b % {partitions} AS tp, (b // {partitions}) * ({batch} + 1) + seq AS off FROM written),
  rows_of AS (
    SELECT 2 * b AS op, seq, 0 AS kind, b % 16 AS proc, 0 AS asg, tp, off, n AS val, 0 AS outcome, 2 * b AS txn,
           1 AS isolated, -1 AS compacted_key, -1 AS source, -1 AS epoch
    FROM placed
    UNION ALL
    SELECT 2 * (b + {later}) + 1, seq, 1, 1000 + tp, 0, tp, off, n, 0, 2 * (b + {later}), 1, -1, -1, 3
    FROM placed
  )
  SELECT {columns}{bucket} FROM (SELECT *, op * 1000 AS began_ns, op * 1000 + 500 AS ended_ns FROM rows_of) {order}
) TO '{to}' (FORMAT parquet, COMPRESSION zstd{partition_by})
"""
"""Transactions of one batch each, which also poll a batch that another one sent a little earlier: the most edges that
there can be, a marker behind every batch, and every record is read."""

POSITIONS = """
COPY (
  SELECT op, CAST(1 AS BIGINT) AS kind, proc, asg, tp, MAX(off) + 1 AS off, CAST(-1 AS BIGINT) AS hw,
         CAST(-1 AS BIGINT) AS lso, MIN(began_ns) AS began_ns, MAX(ended_ns) AS ended_ns
  FROM ({records}) WHERE kind = 1 AND proc >= 1000 AND proc < 10000
  GROUP BY op, proc, asg, tp
) TO '{to}/generated.parquet' (FORMAT parquet)
"""


def generate(folder: Path, rows: int, *, partitions: int, buckets: int = 0) -> None:
    """Writes a history of so many rows, with the anomalies of the tests among them."""
    parquet.write(together(10**12), folder, buckets=buckets)
    with TemporaryDirectory() as spill:
        database = parquet.connect(Path(spill), "2GB")
        step = 2_500_000 * 2
        for part, first in enumerate(range(0, rows // 2, step)):
            to = folder / "records"
            sql = GENERATED.format(
                columns=", ".join(f"CAST({name} AS BIGINT) AS {name}" for name in column_names("records")),
                batch=BATCH,
                first=first,
                last=min(first + step, rows // 2),
                partitions=partitions,
                later=3 * partitions + 1,
                bucket=f", tp % {buckets} AS bucket" if buckets else "",
                order="" if buckets else "ORDER BY op",
                to=to if buckets else to / f"generated-{part}.parquet",
                partition_by=f", PARTITION_BY (bucket), OVERWRITE_OR_IGNORE, FILENAME_PATTERN 'part-{part}-{{i}}'"
                if buckets
                else "",
            )
            database.execute(sql)
        database.execute(POSITIONS.format(records=parquet.scan(folder, "records"), to=folder / "positions"))
        database.close()


def expect_all_found(verdict: Verdict) -> None:
    """Raises SystemExit for an anomaly that was planted and not found."""
    planted = {name for name, check in checks().items() if check.says is Says.VIOLATION}
    missed = planted - {finding.check.name for finding in verdict.findings}
    if missed:
        raise SystemExit(f"planted and not found: {', '.join(sorted(missed))}")


def large(rows: int, rounds: int, folder: Path) -> float:
    """Rows a CPU second on DuckDB, the median of the rounds; the history is made at first."""
    generate(folder, rows, partitions=16)
    took = []
    for _ in range(rounds):
        began = time.process_time()
        with DuckdbEngine() as engine:
            engine.open(folder)
            verdict = judge(engine)
        took.append(time.process_time() - began)
        expect_all_found(verdict)
    return rows / sorted(took)[len(took) // 2]


def small(rounds: int) -> float:
    """Milliseconds of CPU for a history of some 300 rows of records on sqlite3, the median of many."""
    histories = [Model().play(script_of(seed, 120)) for seed in range(200)]
    near = [history for history in histories if abs(len(history.records) - SMALL_ROWS) <= SMALL_ROWS // 10]
    engine, took = SqliteEngine(), []
    for history in near * (1 + rounds):
        began = time.process_time()
        engine.load(history)
        judge(engine)
        took.append(time.process_time() - began)
    return sorted(took[len(near) :])[len(near) * rounds // 2] * 1000


def run(rounds: int) -> list[Figure]:
    """Both figures."""
    with TemporaryDirectory() as folder:
        fast = large(1_000_000, rounds, Path(folder))
    return [
        figure("check 300 rows on sqlite3", "ms of CPU", {"reference": small(rounds)}, higher_is_better=False),
        figure("check 1 M rows on DuckDB", "rows a CPU second", {"reference": fast}),
    ]


def main() -> None:
    """Measure, with as many rows as told."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history_checks", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        fast = large(options.rows, options.rounds, Path(folder))
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{options.rows} rows on DuckDB: {fast:.0f} rows a CPU second, every anomaly found, {peak_mib:.0f} MiB at most"
    )
    print(f"{SMALL_ROWS} rows on sqlite3: {small(options.rounds):.1f} ms of CPU")


if __name__ == "__main__":
    main()
