"""The SQL files themselves."""

from __future__ import annotations

import re

import pytest

from kafka_conformance.harness.checkers.catalogue import VIEWS, checks, view, views_of
from kafka_conformance.harness.histories.schema import TABLES


@pytest.mark.parametrize("name", checks())
def test_a_check_says_what_it_finds_why_it_is_sound_and_what_it_cannot_see(name: str) -> None:
    check = checks()[name]
    assert all(sentence.endswith(".") for sentence in (check.finds, check.sound, check.blind))
    assert check.source
    assert check.reads[0] == "records"
    for read in check.reads:
        table, _, column = read.partition(".")
        assert table in TABLES
        assert not column or column in {known.name for known in TABLES[table]}


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_is_made_of_those_before_it(name: str) -> None:
    assert set(views_of(view(name))) - {name} <= set(VIEWS[: VIEWS.index(name)])


@pytest.mark.parametrize("sql", [*(check.sql for check in checks().values()), *map(view, VIEWS)])
def test_no_query_uses_what_an_engine_lacks(sql: str) -> None:
    """sqlite3 has no QUALIFY, Spark no FILTER on windows and no two-argument MAX, DuckDB divides integers to floats."""
    assert not re.search(r"\b(QUALIFY|FILTER|IIF|IFNULL|ASOF|RECURSIVE|USING|EXCEPT)\b|/|::", sql.upper())
    assert not sql.rstrip().endswith(";")
