"""Histories as folders of Parquet files."""

from __future__ import annotations

from pathlib import Path

import pytest

from kafka_conformance.harness.checkers.checking import judge
from kafka_conformance.harness.checkers.duckdb_engine import DuckdbEngine
from kafka_conformance.harness.errors import UsageError
from kafka_conformance.harness.histories import parquet
from kafka_conformance.harness.histories.history import History
from tests.harness.checkers.judging import judged
from tests.harness.checkers.planting import planted


@pytest.mark.parametrize("buckets", [0, 3])
def test_what_is_written_is_read(tmp_path: Path, buckets: int) -> None:
    history = planted("duplicate")
    for text in ('a,"b\nc', "", "ß"):
        history.names.number("val", text)
    parquet.write(history, tmp_path / "h", buckets=buckets)
    again = parquet.read(tmp_path / "h")
    assert {name: sorted(rows) for name, rows in again.tables.items()} == {
        name: sorted(rows) for name, rows in history.tables.items()
    }
    assert again.names.texts("val") == history.names.texts("val")
    assert (again.faults, again.complete) == (history.faults, True)


def test_the_files_are_judged_as_the_rows_are(tmp_path: Path) -> None:
    history = planted("lost_write")
    parquet.write(history, tmp_path / "h", buckets=2)
    with DuckdbEngine(threads=1) as engine:
        engine.open(tmp_path / "h")
        assert judge(engine).findings == judged(history).findings


def test_a_name_is_found_among_many(tmp_path: Path) -> None:
    history = planted("duplicate")
    for number in range(2000):
        history.names.number("key", f"key {number}")
    parquet.write(history, tmp_path / "h")
    names = parquet.describe(tmp_path / "h").names
    assert [names.text("key", number) for number in (1999, 0, 513, 2000)] == ["key 1999", "key 0", "key 513", "2000"]
    assert list(names.kinds) == ["key"]


def test_an_engine_opens_one_history_after_the_other(tmp_path: Path) -> None:
    histories = {name: planted(name) for name in ("lost_write", "duplicate")}
    with DuckdbEngine(threads=1) as engine:
        for name, history in histories.items():
            parquet.write(history, tmp_path / name)
            engine.open(tmp_path / name)
            assert judge(engine).findings == judged(history).findings
            engine.load(histories["lost_write"])
            assert judge(engine).findings == judged(histories["lost_write"]).findings


def test_an_incomplete_history_stays_incomplete(tmp_path: Path) -> None:
    parquet.write(History(complete=False), tmp_path / "h")
    assert not parquet.read(tmp_path / "h").complete


def test_what_is_no_history_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no history"):
        parquet.read(tmp_path)
    (tmp_path / "something").touch()
    with pytest.raises(UsageError, match="is not empty"):
        parquet.write(History(), tmp_path)
