"""Histories from a model of a log: legal ones are not blamed, each defect is found, and the engines agree."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kafka_conformance.harness.checkers.catalogue import Says, checks
from kafka_conformance.harness.checkers.checking import Verdict, judge
from kafka_conformance.harness.checkers.duckdb_engine import DuckdbEngine
from kafka_conformance.harness.histories.history import History
from tests.harness.checkers.judging import judged, violations
from tests.harness.checkers.model import DEFECTS, Step, played, scripts
from tests.harness.checkers.planting import planted, script_of, together


@pytest.fixture(scope="module")
def duckdb() -> Iterator[DuckdbEngine]:
    with DuckdbEngine(threads=1) as engine:
        yield engine


def shuffled(history: History, seed: int) -> History:
    for rows in history.tables.values():
        Random(seed).shuffle(rows)
    return history


def comparable(verdict: Verdict) -> tuple[object, ...]:
    found = {finding.check.name: (finding.columns, finding.rows) for finding in verdict.findings}
    return found, verdict.reasons, verdict.not_judged


@settings(max_examples=40, deadline=None)
@given(script=scripts())
def test_a_legal_history_has_no_violation(script: list[Step]) -> None:
    assert violations(played(script)) == set()


def test_the_defects_of_the_model_are_all_that_a_check_can_find() -> None:
    assert sorted(DEFECTS) == [name for name, check in checks().items() if check.says is Says.VIOLATION]


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_found_by_its_check(defect: str) -> None:
    assert judged(planted(defect)).found(defect)


@settings(max_examples=25, deadline=None)
@given(script=scripts(), defect=st.sampled_from(DEFECTS), seed=st.integers(0, 99))
def test_the_order_of_rows_changes_nothing(script: list[Step], defect: str, seed: int) -> None:
    history = played(script, defect)
    before = comparable(judged(history))
    assert comparable(judged(shuffled(history, seed))) == before


def in_which_it_occurs(defect: str) -> st.SearchStrategy[History]:
    """Histories in which the anomaly really occurs, their rows permuted; without a defect, any legal one."""
    histories = scripts(min_size=80, max_size=120).map(lambda script: played(script, defect))
    if defect:
        histories = histories.filter(lambda history: bool(judged(history).found(defect)))
    return st.builds(shuffled, histories, st.integers(0, 99))


@pytest.mark.parametrize("defect", ["", *DEFECTS])
@settings(
    max_examples=2,
    deadline=None,
    phases=[Phase.generate],  # sqlite3's own test shrinks
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],  # some need luck to occur
)
@given(data=st.data())
def test_duckdb_finds_what_sqlite_finds(duckdb: DuckdbEngine, defect: str, data: st.DataObject) -> None:
    history = data.draw(in_which_it_occurs(defect))
    duckdb.load(history)
    assert comparable(judge(duckdb)) == comparable(judged(history))


def test_duckdb_finds_what_sqlite_finds_of_all_anomalies(duckdb: DuckdbEngine) -> None:
    history = shuffled(together(), 1)
    expected = judged(history)
    assert {finding.check.name for finding in expected.findings} >= set(DEFECTS)
    duckdb.load(history)
    assert comparable(judge(duckdb)) == comparable(expected)


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_spark_finds_what_sqlite_finds() -> None:
    pytest.importorskip("pyspark", reason="pyspark is not installed: pip install 'kafka-conformance[spark]'")
    from kafka_conformance.harness.checkers.spark_engine import SparkEngine, local_session

    history = shuffled(together(), 1)
    expected = judged(history)
    assert {finding.check.name for finding in expected.findings} >= set(DEFECTS)
    # Compiling queries takes most of the time where rows are few.
    session = local_session({"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"})
    try:
        spark = SparkEngine(session)
        spark.load(history)
        assert comparable(judge(spark)) == comparable(expected)
    finally:
        session.stop()


def test_the_engine_of_small_histories_is_used_again() -> None:
    first = comparable(judged(played(script_of(1), "duplicate")))
    judged(played(script_of(2), "lost_write"))
    assert comparable(judged(played(script_of(1), "duplicate"))) == first
