"""Batches on their way without waiting for answers, and what of the log belongs to whom."""

from __future__ import annotations

from collections.abc import Sequence

from kafka_conformance.harness.subject.answers import Produced
from kafka_conformance.harness.subject.connection import Answer, Connection, results
from kafka_conformance.harness.subject.partition_requests import produce_request
from kafka_conformance.harness.subject.topic import Topic
from kafka_conformance.protocol.messages.produce import ProduceResponse

Pending = tuple[bytes, Answer[ProduceResponse]]


def start_produce(connection: Connection, topic: Topic, batch: bytes, *, acks: int = -1, partition: int = 0) -> Pending:
    """Sends one batch and returns at once."""
    return batch, connection.start(produce_request(topic, {partition: batch}, acks=acks))


def produced(pending: Sequence[Pending]) -> list[Produced]:
    """The answers, in the order of the requests; the other ones travel meanwhile."""
    answers = results(answer for _, answer in pending)
    return [
        Produced(answer.responses[0].partition_responses[0], batch)
        for (batch, _), answer in zip(pending, answers, strict=True)
    ]
