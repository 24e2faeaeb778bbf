"""A history on disk, handed to an engine: a file of JSON lines, or a folder of Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from kafka_conformance.harness.checkers.engine import Engine
from kafka_conformance.harness.checkers.sqlite_engine import SqliteEngine
from kafka_conformance.harness.errors import UsageError
from kafka_conformance.harness.histories import ndjson, parquet
from kafka_conformance.harness.histories.history import History

ENGINES = ("sqlite", "duckdb", "spark")
LARGE_BYTES = 4 << 20
"""A file of so many bytes, some ten thousand rows, is checked sooner on DuckDB."""


@contextmanager
def opened(path: Path, engine: str | None = None, memory_limit: str | None = None) -> Iterator[tuple[Engine, History]]:
    """An engine that has the history, and the history, of Parquet without its rows.

    Without the name of an engine: DuckDB for Parquet and for large files where it is installed, else sqlite3.
    `memory_limit` is DuckDB's, as it writes it (2GB).
    Raises UsageError for a history that cannot be read and for an engine that is not installed or takes no limit.
    """
    folder = path.is_dir()
    name = engine or _engine_for(path)
    history = parquet.describe(path) if folder else ndjson.read(path)
    with _started(name, memory_limit) as started:
        if folder:
            started.open(path)
        else:
            started.load(history)
        yield started, history


def _engine_for(path: Path) -> str:
    large = path.is_dir() or (path.is_file() and path.stat().st_size > LARGE_BYTES)
    return "duckdb" if large and find_spec("duckdb") else "sqlite"


def _started(name: str, memory_limit: str | None) -> Engine:
    if memory_limit is not None and name != "duckdb":
        raise UsageError(f"{name} takes no limit of memory", key="memory-limit", value=memory_limit, allowed="duckdb")
    if name == "sqlite":
        return SqliteEngine()
    package = "pyspark" if name == "spark" else name
    if find_spec(package) is None:
        raise UsageError(
            f"{package} is not installed: pip install 'kafka-conformance[{name}]'", key="engine", value=name
        )
    if name == "duckdb":
        from kafka_conformance.harness.checkers.duckdb_engine import MEMORY_LIMIT, DuckdbEngine

        return DuckdbEngine(memory_limit=memory_limit or MEMORY_LIMIT)
    from kafka_conformance.harness.checkers.spark_engine import SparkEngine

    return SparkEngine()
