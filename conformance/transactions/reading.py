"""What consumers of either isolation level see of a partition, and the markers that neither is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kafka_conformance.harness.cases import READ_COMMITTED, READ_UNCOMMITTED, expect
from kafka_conformance.harness.subject.answers import Fetched, values_of
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.subject.topic import Topic
from kafka_conformance.harness.violation import ConformanceViolation
from kafka_conformance.protocol.errors import ProtocolError
from kafka_conformance.protocol.records import records_of
from kafka_conformance.protocol.records.batch import BatchHeader
from kafka_conformance.protocol.records.control import EndTxnMarker


class Marker(NamedTuple):
    """The end of a transaction in a partition."""

    offset: int
    producer_id: int
    epoch: int
    committed: bool
    header: BatchHeader


def fetches(topic: Topic, partition: int = 0, *, from_offset: int = 0, isolation_level: int) -> Iterator[Fetched]:
    """Answer after answer from an offset on, up to where the isolation level ends."""
    position = from_offset
    while True:
        answer = topic.fetch(position, partition=partition, isolation_level=isolation_level)
        expect(answer, f"reading {topic.name}-{partition}").succeeds()
        yield answer
        if not answer.batches:
            return
        position = answer.batches[-1][0].next_offset


def committed_values(topic: Topic, partition: int = 0, *, from_offset: int = 0) -> list[bytes | None]:
    """What a consumer at read_committed hands on, from an offset up to the last stable offset."""
    answers = fetches(topic, partition, from_offset=from_offset, isolation_level=READ_COMMITTED)
    return values_of(
        [record for answer in answers for record in answer.visible_records if record.offset >= from_offset]
    )


def all_values(topic: Topic, partition: int = 0) -> list[bytes | None]:
    """What a consumer at read_uncommitted hands on."""
    answers = fetches(topic, partition, isolation_level=READ_UNCOMMITTED)
    return values_of([record for answer in answers for record in answer.records])


def markers(topic: Topic, partition: int = 0) -> list[Marker]:
    """The markers of a partition, in the order of the log. Raises ConformanceViolation if one cannot be read."""
    answers = fetches(topic, partition, isolation_level=READ_UNCOMMITTED)
    control = [(header, view) for answer in answers for header, view in answer.batches if header.is_control]
    try:
        return [_marker(header, view) for header, view in control]
    except ProtocolError as error:
        raise ConformanceViolation(f"a marker of {topic.name}-{partition} cannot be read", actual=str(error)) from error


def _marker(header: BatchHeader, view: memoryview) -> Marker:
    record = next(iter(records_of(header, view)))
    ended = EndTxnMarker.parse(record.key, record.value)
    return Marker(record.offset, header.producer_id, header.producer_epoch, ended.commit, header)


def last_stable_offset(topic: Topic, partition: int = 0) -> int:
    """As a fetch at read_committed reports it."""
    return topic.fetch(
        topic.start_offset(partition), partition=partition, isolation_level=READ_COMMITTED
    ).last_stable_offset


def await_stability(cluster: Cluster, topic: Topic, partition: int = 0, *, within_s: float = 30.0) -> None:
    """Waits until nothing in the partition is open."""

    def is_stable() -> bool:
        fetched = topic.fetch(topic.start_offset(partition), partition=partition, isolation_level=READ_COMMITTED)
        return fetched.last_stable_offset == fetched.high_watermark

    what = f"no transaction is open in {topic.name}-{partition}"
    cluster.settled(is_stable, within_s=within_s, step="no transaction is open", what=what)
