"""Everything that the author of a case imports: decorators, expectations, strategies.

@checks("produce/append/offsets-are-consecutive")
@over_versions(ApiKey.PRODUCE)
def test_each_record_gets_the_next_offset(cluster, version):
    with cluster.topic() as topic:
        ...
        expect(topic.produce([b"c"], version=version)).acknowledged_at(2)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from kafka_conformance.harness.expectations import expect
from kafka_conformance.harness.profiles import A_FEW, EXAMPLES_SHARE, HALF
from kafka_conformance.harness.subject.connection import results
from kafka_conformance.harness.subject.group_requests import assignment, subscription
from kafka_conformance.harness.subject.topic import EARLIEST, LATEST, MAX_TIMESTAMP, READ_COMMITTED, READ_UNCOMMITTED
from kafka_conformance.harness.subject.transaction_requests import TransactionProtocol
from kafka_conformance.harness.violation import ConformanceViolation, NotApplicable
from kafka_conformance.protocol.api_keys import ApiKey, accepted_versions
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.layout import version_range
from kafka_conformance.protocol.records import Compression, NewRecord, build_batch

__all__ = [
    "EARLIEST",
    "LATEST",
    "MAX_TIMESTAMP",
    "READ_COMMITTED",
    "READ_UNCOMMITTED",
    "ApiKey",
    "Compression",
    "ConformanceViolation",
    "ErrorCode",
    "NewRecord",
    "NotApplicable",
    "TransactionProtocol",
    "assignment",
    "build_batch",
    "checks",
    "expect",
    "few_examples",
    "needs",
    "over_codecs",
    "over_protocols",
    "over_versions",
    "results",
    "subscription",
    "waits_long",
]

F = TypeVar("F", bound=Callable[..., Any])
Decorator = Callable[[F], F]


def checks(*requirement_ids: str) -> pytest.MarkDecorator:
    """Says which requirements the case judges; unknown ids are an error at collection."""
    return pytest.mark.checks(*requirement_ids)


def few_examples(case: F) -> F:
    """Gives a property a tenth of the profile's examples, but two.

    Where each example costs a restart of the target, or where every version draws examples of its own.
    """
    setattr(case, EXAMPLES_SHARE, A_FEW)
    return case


def needs(*capabilities: str) -> pytest.MarkDecorator:
    """Says what the case needs beyond what its requirements need; a target that does not declare it is not asked."""
    return pytest.mark.needs(*capabilities)


def waits_long(case: F) -> F:
    """Says that the case may wait for minutes: it begins before the others, which go on beside it."""
    marked: F = pytest.mark.waits_long(case)
    return marked


def over_versions(api: ApiKey, versions: str | None = None) -> Callable[[F], F]:
    """An axis `version`: each version of the API that Apache Kafka has, or those of "3-9".

    Where the target does not advertise the version, the case is not applicable.
    """
    every = accepted_versions()[api]
    chosen = every if versions is None else version_range(versions)
    numbers = [number for number in range(every.first, every.last + 1) if number in chosen]

    def decorate(function: F) -> F:
        axis = pytest.mark.parametrize("version", numbers, ids=[f"v{number}" for number in numbers])
        decorated: F = pytest.mark.over_versions(api)(axis(function))
        return decorated

    return decorate


def over_codecs(*codecs: Compression) -> Callable[[F], F]:
    """An axis `compression`: all codecs and none, or those named; each with half of a property's examples."""
    chosen = list(codecs) or list(Compression)

    def decorate(function: F) -> F:
        setattr(function, EXAMPLES_SHARE, HALF)
        axis = pytest.mark.parametrize("compression", chosen, ids=[codec.name.lower() for codec in chosen])
        decorated: F = axis(function)
        return decorated

    return decorate


def over_protocols(function: F) -> F:
    """An axis `protocol`: both of Kafka's for transactions (KIP-98, KIP-890), each with half of a property's examples.

    Where the target does not offer the protocol, the case is not applicable.
    """
    setattr(function, EXAMPLES_SHARE, HALF)
    axis = pytest.mark.parametrize(
        "protocol", list(TransactionProtocol), ids=[one.value for one in TransactionProtocol]
    )
    decorated: F = axis(function)
    return decorated
