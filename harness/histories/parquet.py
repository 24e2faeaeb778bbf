"""A history as a folder of Parquet files, for millions of rows; DuckDB (the extra `duckdb`) writes and reads them.

    records/  positions/  commits/  amounts/*.parquet             the columns of the schema, as 64-bit integers
    records/bucket=N/*.parquet                                    the same by partition: N = tp modulo the buckets
    names.parquet (kind, number, text)   faults.parquet   complete

A folder without the file `complete` was not recorded to its end.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from kafka_conformance.harness.errors import UsageError
from kafka_conformance.harness.histories.history import Fault, History, Names
from kafka_conformance.harness.histories.schema import TABLES, column_names

if TYPE_CHECKING:
    import duckdb

COMPLETE = "complete"
_NAMES = {"kind": "VARCHAR", "number": "BIGINT", "text": "VARCHAR"}
_FAULTS = {"kind": "VARCHAR", "target": "VARCHAR", "start_ns": "BIGINT", "stop_ns": "BIGINT", "detail": "VARCHAR"}


def connect(
    spill: Path, memory_limit: str | None = None, threads: int | None = None, file: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """A database, in memory or in a file, that spills into a folder.

    Raises UsageError where DuckDB is not installed, and for a limit that it does not take.
    """
    try:
        import duckdb
    except ImportError as error:
        raise UsageError("DuckDB is not installed: pip install 'kafka-conformance[duckdb]'") from error
    settings: dict[str, str | bool | int | float | list[str]] = {
        "temp_directory": str(spill),
        "preserve_insertion_order": "false",
    }
    if memory_limit is not None:
        settings["memory_limit"] = memory_limit
    if threads is not None:
        settings["threads"] = threads
    try:
        return duckdb.connect(str(file or ":memory:"), config=settings)
    except duckdb.ParserException as error:
        raise UsageError(f"is refused by DuckDB: {error}", key="memory-limit", value=memory_limit) from error


def write(history: History, folder: Path, *, buckets: int = 0) -> None:
    """Writes a history; with buckets its records by partition. Raises UsageError where the folder has something."""
    if folder.exists() and any(folder.iterdir()):
        raise UsageError("is not empty", where=str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="kafka-conformance-") as spill:
        database = connect(Path(spill))
        try:
            for table, rows in history.tables.items():
                types = dict.fromkeys(column_names(table), "BIGINT")
                _store(database, rows, types, folder / table, order="op", buckets=buckets if table == "records" else 0)
            names = history.names
            numbered = [(kind, n, text) for kind in sorted(names.kinds) for n, text in enumerate(names.texts(kind))]
            _store(database, numbered, _NAMES, folder / "names.parquet", order="kind, number")
            _store(database, history.faults, _FAULTS, folder / "faults.parquet", order="start_ns")
        finally:
            database.close()
    if history.complete:
        (folder / COMPLETE).touch()


def read(folder: Path) -> History:
    """The whole history in memory: for small ones, and for tests. Raises UsageError."""
    history = describe(folder)
    with TemporaryDirectory(prefix="kafka-conformance-") as spill:
        database = connect(Path(spill))
        try:
            for table in TABLES:
                history.tables[table] = database.execute(scan(folder, table)).fetchall()
        finally:
            database.close()
    return history


def describe(folder: Path) -> History:
    """A history without its rows: names, faults, and whether it is complete. Raises UsageError."""
    history = History(complete=(folder / COMPLETE).exists(), names=StoredNames(folder))
    with TemporaryDirectory(prefix="kafka-conformance-") as spill:
        database = connect(Path(spill))
        try:
            history.faults = [
                Fault(*row) for row in _optional(database, folder / "faults.parquet", "ORDER BY start_ns")
            ]
        finally:
            database.close()
    return history


class StoredNames(Names):
    """The names of a folder, read some hundreds at a time: each value of a large history has one."""

    TOGETHER = 512

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._file = folder / "names.parquet"
        self._database = connect(Path(gettempdir()), threads=1)
        self._read: dict[tuple[str, int], dict[int, str]] = {}

    @override
    def text(self, kind: str, number: int) -> str:
        block = kind, number // self.TOGETHER
        if block not in self._read:
            self._read[block] = dict(self._rows(kind, block[1] * self.TOGETHER))
        return self._read[block].get(number, str(number))

    @override
    def texts(self, kind: str) -> Sequence[str]:
        return [text for _, text in self._rows(kind)]

    @property
    @override
    def kinds(self) -> Iterable[str]:
        return [kind for (kind,) in self._select("SELECT DISTINCT kind", "ORDER BY kind")]

    def _rows(self, kind: str, first: int | None = None) -> list[tuple[int, str]]:
        those = "" if first is None else f"AND number BETWEEN {first} AND {first + self.TOGETHER - 1}"
        return self._select("SELECT number, text", f"WHERE kind = '{kind}' {those} ORDER BY number")

    def _select(self, what: str, which: str) -> list[tuple[Any, ...]]:
        return _optional(self._database, self._file, which, what)


def files_of(folder: Path, table: str) -> list[str]:
    """The files of a table, perhaps none. Raises UsageError where there is none of records."""
    found = sorted(map(str, (folder / table).rglob("*.parquet")))
    if table == "records" and not found:
        raise UsageError("holds no history: there is no Parquet file under records/", where=str(folder))
    return found


def scan(folder: Path, table: str) -> str:
    """The query that reads a table. Raises UsageError as `files_of`."""
    if files_of(folder, table):
        columns = ", ".join(f"CAST({name} AS BIGINT) AS {name}" for name in column_names(table))
        return f"SELECT {columns} FROM read_parquet('{_quoted(folder / table)}/**/*.parquet', hive_partitioning=false)"
    nothing = ", ".join(f"CAST(0 AS BIGINT) AS {name}" for name in column_names(table))
    return f"SELECT {nothing} WHERE 1 = 0"


def insert_rows(
    database: duckdb.DuckDBPyConnection, table: str, rows: Iterable[tuple[object, ...]], types: Mapping[str, str]
) -> None:
    """Adds at least one row to a table. By a file, since DuckDB takes single rows slowly."""
    with TemporaryDirectory(prefix="kafka-conformance-") as folder:
        file = Path(folder) / "rows.csv"
        with file.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
        columns = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
        options = "header=false, auto_detect=false, delim=',', quote='\"', escape='\"', allow_quoted_nulls=false"
        database.execute(f"INSERT INTO {table} FROM read_csv('{file}', {options}, columns={{{columns}}})")


def _store(
    database: duckdb.DuckDBPyConnection,
    rows: Sequence[tuple[object, ...]],
    types: Mapping[str, str],
    to: Path,
    *,
    order: str,
    buckets: int = 0,
) -> None:
    database.execute(f"CREATE OR REPLACE TABLE stored ({', '.join(f'{name} {kind}' for name, kind in types.items())})")
    if rows:
        insert_rows(database, "stored", rows, types)
    if to.suffix == ".parquet":
        database.execute(f"COPY (FROM stored ORDER BY {order}) TO '{_quoted(to)}' (FORMAT parquet, COMPRESSION zstd)")
        return
    to.mkdir()
    if buckets and rows:
        database.execute(
            f"COPY (SELECT *, tp % {buckets} AS bucket FROM stored ORDER BY op, seq) TO '{_quoted(to)}' "
            "(FORMAT parquet, COMPRESSION zstd, PARTITION_BY (bucket), OVERWRITE_OR_IGNORE true)"
        )
        return
    file = _quoted(to / "rows.parquet")
    database.execute(f"COPY (FROM stored ORDER BY {order}) TO '{file}' (FORMAT parquet, COMPRESSION zstd)")


def _optional(
    database: duckdb.DuckDBPyConnection, file: Path, which: str, what: str = "SELECT *"
) -> list[tuple[Any, ...]]:
    if not file.exists():
        return []
    return database.execute(f"{what} FROM read_parquet('{_quoted(file)}') {which}").fetchall()


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
