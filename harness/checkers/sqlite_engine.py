"""sqlite3 of the standard library: for the small histories of an example of a property."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from typing_extensions import override

from kafka_conformance.harness.checkers.catalogue import VIEWS, view
from kafka_conformance.harness.checkers.engine import Engine, Result
from kafka_conformance.harness.histories import parquet
from kafka_conformance.harness.histories.history import History
from kafka_conformance.harness.histories.schema import TABLES, column_names


class SqliteEngine(Engine):
    """A database in memory. Its tables are made once and only emptied, so that statements stay prepared."""

    name = "sqlite"

    def __init__(self) -> None:
        self._database = sqlite3.connect(":memory:", isolation_level=None, cached_statements=256)
        for table in TABLES:
            self._database.execute(f"CREATE TABLE {table} ({', '.join(column_names(table))})")
        for name in VIEWS:
            self._database.execute(f"CREATE TABLE {name} AS {view(name)}")
        self._database.execute("BEGIN")

    @override
    def load(self, history: History) -> None:
        for table, rows in history.tables.items():
            self._database.execute(f"DELETE FROM {table}")
            if rows:
                places = ", ".join("?" * len(TABLES[table]))
                self._database.executemany(f"INSERT INTO {table} VALUES ({places})", rows)

    @override
    def open(self, folder: Path) -> None:
        self.load(parquet.read(folder))

    @override
    def make_view(self, name: str, sql: str) -> None:
        self._database.execute(f"DELETE FROM {name}")
        self._database.execute(f"INSERT INTO {name} {sql}")

    @override
    def query(self, sql: str) -> Result:
        cursor = self._database.execute(sql)
        return Result(tuple(column[0] for column in cursor.description), cursor.fetchall())

    @override
    def close(self) -> None:
        self._database.close()
