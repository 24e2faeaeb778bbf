"""DuckDB (the extra `duckdb`): from some ten thousand rows up."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from typing_extensions import override

from kafka_conformance.harness.checkers.engine import Engine, Result
from kafka_conformance.harness.histories.history import History
from kafka_conformance.harness.histories.parquet import connect, insert_rows, scan
from kafka_conformance.harness.histories.schema import TABLES, column_names

if TYPE_CHECKING:
    import duckdb


class DuckdbEngine(Engine):
    """A database in memory; what does not fit into `memory_limit` (as DuckDB writes it: 2GB) goes to a folder."""

    name = "duckdb"

    def __init__(self, *, memory_limit: str | None = None, threads: int | None = None) -> None:
        self._folder = TemporaryDirectory(prefix="kafka-conformance-")
        self.database: duckdb.DuckDBPyConnection = connect(Path(self._folder.name), memory_limit, threads)

    @override
    def load(self, history: History) -> None:
        for table, rows in history.tables.items():
            types = dict.fromkeys(column_names(table), "BIGINT")
            columns = ", ".join(f"{name} {kind}" for name, kind in types.items())
            self.database.execute(f"CREATE OR REPLACE TABLE {table} ({columns})")
            if rows:
                insert_rows(self.database, table, rows, types)

    @override
    def open(self, folder: Path) -> None:
        for table in TABLES:
            self.database.execute(f"CREATE OR REPLACE TABLE {table} AS {scan(folder, table)}")

    @override
    def make_view(self, name: str, sql: str) -> None:
        self.database.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}")

    @override
    def query(self, sql: str) -> Result:
        answer = self.database.execute(sql)
        return Result(tuple(column[0] for column in answer.description or ()), answer.fetchall())

    @override
    def close(self) -> None:
        self.database.close()
        self._folder.cleanup()
