"""Spark (the extra `spark`): beyond one machine, and here in local mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from kafka_conformance.harness.checkers.engine import Engine, Result
from kafka_conformance.harness.histories.history import History
from kafka_conformance.harness.histories.schema import TABLES, column_names

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class SparkEngine(Engine):
    """A session, its own in local mode unless one is handed in; only its own is stopped."""

    name = "spark"

    def __init__(self, session: SparkSession | None = None) -> None:
        self._own = session is None
        self._session = session if session is not None else local_session()

    @override
    def load(self, history: History) -> None:
        for table, rows in history.tables.items():
            columns = ", ".join(f"{name} BIGINT" for name in column_names(table))
            frame = self._session.createDataFrame(rows, columns)
            frame.createOrReplaceTempView(table)

    def open(self, folder: str) -> None:
        """Takes the tables of a history in Parquet, as `histories.parquet.write` makes one."""
        for table in TABLES:
            frame = self._session.read.parquet(f"{folder}/{table}").select(*column_names(table))
            frame.createOrReplaceTempView(table)

    @override
    def make_view(self, name: str, sql: str) -> None:
        self._session.sql(sql).cache().createOrReplaceTempView(name)

    @override
    def query(self, sql: str) -> Result:
        frame = self._session.sql(sql)
        return Result(tuple(frame.columns), [tuple(row) for row in frame.collect()])

    @override
    def close(self) -> None:
        if self._own:
            self._session.stop()


def local_session() -> SparkSession:
    """A session on two threads of this process's machine, without its web page."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").appName("kafka-conformance")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.default.parallelism": "2",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.adaptive.enabled": "false",
    }
    return builder.config(map=settings).getOrCreate()
