"""Spark (the extra `spark`): beyond one machine, and here in local mode."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from typing_extensions import override

from kafka_conformance.harness.checkers.engine import Engine, Result
from kafka_conformance.harness.histories import parquet
from kafka_conformance.harness.histories.history import History
from kafka_conformance.harness.histories.schema import TABLES, column_names

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


class SparkEngine(Engine):
    """A session, its own in local mode unless one is handed in; only its own is stopped."""

    name = "spark"

    def __init__(self, session: SparkSession | None = None) -> None:
        self._own = session is None
        self._session = session if session is not None else local_session()

    @override
    def load(self, history: History) -> None:
        for table, rows in history.tables.items():
            frame = self._session.createDataFrame(rows, _columns(table)) if rows else self._empty(table)
            frame.createOrReplaceTempView(table)

    @override
    def open(self, folder: Path) -> None:
        for table in TABLES:
            files = parquet.files_of(folder, table)
            frame = self._session.read.parquet(*files).select(*column_names(table)) if files else self._empty(table)
            frame.createOrReplaceTempView(table)

    @override
    def make_view(self, name: str, sql: str) -> None:
        self._session.sql(sql).cache().createOrReplaceTempView(name)

    @override
    def query(self, sql: str) -> Result:
        frame = self._session.sql(sql)
        return Result(tuple(frame.columns), [tuple(row) for row in frame.collect()])

    def _empty(self, table: str) -> DataFrame:
        return self._session.createDataFrame([], _columns(table))

    @override
    def close(self) -> None:
        if self._own:
            self._session.stop()


def _columns(table: str) -> str:
    return ", ".join(f"{name} BIGINT" for name in column_names(table))


def local_session(more: Mapping[str, str] = MappingProxyType({})) -> SparkSession:
    """A session on two threads of this machine, without its web page, on loopback; `more` are settings of Spark."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").appName("kafka-conformance")
    settings: dict[str, bool | float | int | str | None] = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.default.parallelism": "2",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.adaptive.enabled": "false",
    }
    return builder.config(map={**settings, **more}).getOrCreate()
