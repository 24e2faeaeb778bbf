from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.harness.errors import UsageError
from kafka_conformance.harness.requirements import Catalogue, Level, Requirement, Source
from kafka_conformance.harness.selection import select


def entry(requirement_id: str, level: Level = Level.MUST, excluded: str | None = None) -> Requirement:
    return Requirement(requirement_id, level, "Sentence.", (Source(kip=1),), excluded=excluded)


CATALOGUE = Catalogue(
    [
        entry("fetch/long-poll", Level.SHOULD),
        entry("fetch/session"),
        entry("produce/acks/all"),
        entry("produce/acks/none", Level.INFO),
        entry("produce/idempotence/fencing"),
        entry("producer-ids/unique"),
        entry("produce/unseen", excluded="not observable on the wire"),
    ]
)
ALL = ["fetch/long-poll", "fetch/session", "produce/acks/all", "produce/acks/none", "produce/idempotence/fencing"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("", [*ALL, "producer-ids/unique"]),
        ("fetch", ALL[:2]),
        ("produce", ALL[2:5]),
        ("produce/acks/", ALL[2:4]),
        ("produce/acks/all", ALL[2:3]),
        ("fetch, produce/acks", ALL[:4]),
        ("*/a*", ALL[2:4]),
        ("*fencing", ALL[4:5]),
        ("level:must", ["fetch/session", "produce/acks/all", "produce/idempotence/fencing", "producer-ids/unique"]),
        ("fetch,level:MUST", ["fetch/session"]),
        ("level:INFO,level:SHOULD", ["fetch/long-poll", "produce/acks/none"]),
        ("-produce,-producer-ids", ALL[:2]),
        ("produce,-*/none", ["produce/acks/all", "produce/idempotence/fencing"]),
        ("-level:MUST", ["fetch/long-poll", "produce/acks/none"]),
    ],
)
def test_terms_select(expression: str, expected: list[str]) -> None:
    assert [entry.id for entry in select(CATALOGUE, expression)] == expected


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("fetsh", "Did you mean 'fetch'"),
        ("produce/ack", "names no"),
        ("x*", "names no"),
        ("-", "names no"),
        ("level:MAY", "MUST"),
    ],
)
def test_a_term_that_names_nothing_is_refused(expression: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        select(CATALOGUE, expression)

    assert str(caught.value).startswith("--select: ")


@given(st.lists(st.sampled_from(["fetch", "produce/acks", "*ing", "producer-ids"]), min_size=1))
def test_leaving_out_what_a_selection_takes_leaves_exactly_the_rest(terms: list[str]) -> None:
    everything = {entry.id for entry in select(CATALOGUE)}
    chosen = {entry.id for entry in select(CATALOGUE, ",".join(terms))}

    rest = {entry.id for entry in select(CATALOGUE, ",".join(f"-{term}" for term in terms))}

    assert rest == everything - chosen
