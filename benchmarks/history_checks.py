"""How fast histories are checked, every anomaly planted and found: `python -m benchmarks.history_checks --help`.

CPU seconds are those of all threads, from opening the Parquet files to the verdict; of the command, from its start to
its end. Above what fits into memory, as for 100 million rows within 4 GiB:

    python -m benchmarks.history_checks --rows 100000000 --partitions 64 --buckets 16 --within-mib 4096 --folder DIR
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Collection
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.harness.checkers.model import Model
from tests.harness.checkers.planting import script_of, together

from benchmarks.rounds import Figure, figure
from kafka_conformance.harness.checkers.catalogue import Says, checks
from kafka_conformance.harness.checkers.checking import judge
from kafka_conformance.harness.checkers.duckdb_engine import MEMORY_LIMIT, DuckdbEngine
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

NAMES = """
COPY (
  SELECT 'val' AS kind, range AS number, 'value ' || range AS text FROM range({values})
) TO '{to}' (FORMAT parquet, COMPRESSION zstd)
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
        database.execute(NAMES.format(values=rows // 2, to=folder / "names.parquet"))
        database.close()


def expect_all_found(found: Collection[str]) -> None:
    """Raises SystemExit for an anomaly that was planted and not found."""
    planted = {name for name, check in checks().items() if check.says is Says.VIOLATION}
    missed = planted - set(found)
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
        expect_all_found([finding.check.name for finding in verdict.findings])
    return rows / sorted(took)[len(took) // 2]


def commanded(folder: Path, memory_limit: str = MEMORY_LIMIT) -> tuple[float, float]:
    """CPU seconds and the most memory in MiB of `kafka-conformance check`, every planted anomaly found."""
    command = [sys.executable, "-m", "kafka_conformance", "check", str(folder), "--json"]
    command += ["--engine", "duckdb", "--memory-limit", memory_limit]
    began = resource.getrusage(resource.RUSAGE_CHILDREN)
    answer = subprocess.run(command, stdout=subprocess.PIPE, check=False).stdout
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    expect_all_found([finding["check"] for finding in json.loads(answer)["findings"]])
    return ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime, ended.ru_maxrss / 1024


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
    """The figures of CPU, and the memory of the command where it may hold little."""
    with TemporaryDirectory() as folder:
        fast = large(1_000_000, rounds, Path(folder))
        _, peak_mib = commanded(Path(folder), "200MB")
    return [
        figure("check 300 rows on sqlite3", "ms of CPU", {"reference": small(rounds)}, higher_is_better=False),
        figure("check 1 M rows on DuckDB", "rows a CPU second", {"reference": fast}),
        figure("check 1 M rows within 200 MB", "MiB at most", {"reference": peak_mib}, higher_is_better=False),
    ]


def main() -> None:
    """Measure, with as many rows as told."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history_checks", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--partitions", type=int, default=16)
    parser.add_argument("--buckets", type=int, default=0)
    parser.add_argument("--within-mib", type=float, help="fail if the command takes more memory")
    parser.add_argument("--folder", type=Path, help="keep the history there, or check the one that is there")
    options = parser.parse_args()
    with TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch) / "history"
        if not folder.exists():
            generate(folder, options.rows, partitions=options.partitions, buckets=options.buckets)
        cpu_s, peak_mib = commanded(folder)
    print(
        f"{options.rows} rows on DuckDB, the command: {options.rows / cpu_s:.0f} rows a CPU second ({cpu_s:.0f} s), "
        f"every anomaly found, {peak_mib:.0f} MiB at most",
        flush=True,
    )
    if options.within_mib is not None and peak_mib > options.within_mib:
        raise SystemExit(f"more than {options.within_mib:.0f} MiB")
    print(f"{SMALL_ROWS} rows on sqlite3: {small(options.rounds):.1f} ms of CPU")


if __name__ == "__main__":
    main()
