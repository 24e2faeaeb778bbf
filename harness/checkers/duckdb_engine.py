"""DuckDB (the extra `duckdb`): from some ten thousand rows up.

A history on disk is never in memory as a whole. Its Parquet files are read where they lie, each query the columns that
it names; views are kept in a database file, compressed; and what a join, a grouping or a window needs beyond the limit
is partitioned by its own key and written to the disk by DuckDB. So no key has to be the one by which files are cut.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from typing_extensions import override

from kafka_conformance.harness.checkers.engine import Engine, Result
from kafka_conformance.harness.errors import UsageError
from kafka_conformance.harness.histories.history import History
from kafka_conformance.harness.histories.parquet import connect, insert_rows, scan
from kafka_conformance.harness.histories.schema import TABLES, column_names

if TYPE_CHECKING:
    import duckdb


MEMORY_LIMIT = "2500MB"
"""As DuckDB writes it. The process takes some 300 MB more, and the search for circles 1 GB at most: within 4 GiB."""


class DuckdbEngine(Engine):
    """A database in a folder of its own, which goes with it; `memory_limit` is what DuckDB may hold at a time."""

    name = "duckdb"

    def __init__(self, *, memory_limit: str = MEMORY_LIMIT, threads: int | None = None) -> None:
        self._folder = TemporaryDirectory(prefix="kafka-conformance-")
        folder = Path(self._folder.name)
        self.database: duckdb.DuckDBPyConnection = connect(folder, memory_limit, threads, folder / "views.duckdb")
        self._limit = memory_limit
        self._opened = False

    @override
    def load(self, history: History) -> None:
        self._forget_files()
        for table, rows in history.tables.items():
            types = dict.fromkeys(column_names(table), "BIGINT")
            columns = ", ".join(f"{name} {kind}" for name, kind in types.items())
            self._run(f"CREATE OR REPLACE TABLE {table} ({columns})")
            if rows:
                insert_rows(self.database, table, rows, types)

    @override
    def open(self, folder: Path) -> None:
        for table in TABLES:
            self._run(f"DROP {'VIEW' if self._opened else 'TABLE'} IF EXISTS {table}")
            self._run(f"CREATE VIEW {table} AS {scan(folder, table)}")
        self._opened = True

    @override
    def make_view(self, name: str, sql: str) -> None:
        self._run(f"CREATE OR REPLACE TABLE {name} AS {sql}")

    @override
    def query(self, sql: str) -> Result:
        answer = self._run(sql)
        return Result(tuple(column[0] for column in answer.description or ()), answer.fetchall())

    @override
    def close(self) -> None:
        self.database.close()
        self._folder.cleanup()

    def _forget_files(self) -> None:
        if self._opened:
            for table in TABLES:
                self._run(f"DROP VIEW {table}")
        self._opened = False

    def _run(self, sql: str) -> duckdb.DuckDBPyConnection:
        import duckdb

        try:
            return self.database.execute(sql)
        except duckdb.OutOfMemoryException as error:
            raise UsageError("is too little for this history", key="memory-limit", value=self._limit) from error
