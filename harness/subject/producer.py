"""An idempotent producer whose every number is in the case's hands.

It sends batches one at a time and keeps, for each partition, the sequence that comes next; a batch that was sent can
be sent again byte for byte. What a real client does for itself (retry, bump the epoch) it does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from kafka_conformance.harness.subject.answers import Produced, error_code
from kafka_conformance.harness.subject.topic import RecordLike, Topic, new_records
from kafka_conformance.harness.violation import ConformanceViolation
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from kafka_conformance.protocol.records import Compression, build_batch, increment_sequence

if TYPE_CHECKING:
    from kafka_conformance.harness.subject.cluster import Cluster
    from kafka_conformance.harness.subject.connection import Connection

# 14 until the broker has a block of ids, 51 while a predecessor's transaction is being aborted.
_ID_NOT_YET = frozenset(
    {
        ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
        ErrorCode.COORDINATOR_NOT_AVAILABLE,
        ErrorCode.NOT_COORDINATOR,
        ErrorCode.CONCURRENT_TRANSACTIONS,
    }
)


class IdempotentProducer:
    """Producer id, epoch and sequences. `epoch` and the entries of `sequences` may be set by the case."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        answer = init_producer_id(cluster)
        self.producer_id: int = answer.producer_id
        self.epoch: int = answer.producer_epoch
        self.sequences: dict[tuple[str, int], int] = {}

    def next_sequence(self, topic: Topic, partition: int = 0) -> int:
        """The sequence that the next batch will begin with."""
        return self.sequences.get((topic.name, partition), 0)

    def batch(
        self,
        topic: Topic,
        records: Sequence[RecordLike],
        *,
        partition: int = 0,
        sequence: int | None = None,
        compression: Compression = Compression.NONE,
        **fields: Any,
    ) -> bytes:
        """The batch that `send` would send; nothing is sent or counted. `fields` go to `build_batch`."""
        fields = {"producer_id": self.producer_id, "producer_epoch": self.epoch} | fields
        first = self.next_sequence(topic, partition) if sequence is None else sequence
        return bytes(build_batch(new_records(records), base_sequence=first, compression=compression, **fields))

    def send(
        self,
        topic: Topic,
        records: Sequence[RecordLike],
        *,
        partition: int = 0,
        sequence: int | None = None,
        compression: Compression = Compression.NONE,
        on: Connection | None = None,
        version: int | None = None,
        **fields: Any,
    ) -> Produced:
        """Sends one batch and returns the answer; if it is acknowledged, the sequence goes on behind it."""
        first = self.next_sequence(topic, partition) if sequence is None else sequence
        batch = self.batch(topic, records, partition=partition, sequence=first, compression=compression, **fields)
        produced = topic.produce_batch(batch, partition=partition, on=on, version=version)
        if produced.error is ErrorCode.NONE:
            self.sequences[topic.name, partition] = increment_sequence(first, len(records))
        return produced

    def resend(self, topic: Topic, sent: Produced, *, partition: int = 0, on: Connection | None = None) -> Produced:
        """Sends the very bytes of an earlier batch again."""
        return topic.produce_batch(sent.batch, partition=partition, on=on)

    def bump_epoch(self) -> None:
        """Goes on in the next epoch, where every sequence begins at 0 again."""
        self.epoch += 1
        self.sequences.clear()

    def __enter__(self) -> IdempotentProducer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to tidy up: ids are not given back."""

    def __repr__(self) -> str:
        return f"producer {self.producer_id} of epoch {self.epoch}"


def init_producer_id(
    cluster: Cluster,
    transactional_id: str | None = None,
    *,
    timeout_ms: int = 60_000,
    producer_id: int = -1,
    epoch: int = -1,
    version: int | None = None,
) -> InitProducerIdResponse:
    """InitProducerId until the broker is ready to give an id. Raises ConformanceViolation for any other error."""
    request = InitProducerIdRequest(
        transactional_id=transactional_id,
        transaction_timeout_ms=timeout_ms,
        producer_id=producer_id,
        producer_epoch=epoch,
    )

    def look() -> InitProducerIdResponse | None:
        node = None if transactional_id is None else cluster.coordinator(transactional_id, transactional=True)
        answer: InitProducerIdResponse = cluster.send(request, version, node=node)
        return None if error_code(answer.error_code) in _ID_NOT_YET else answer

    answer = cluster.settled(look, step="producer id", what="a producer id")
    assert answer is not None
    if answer.error_code != ErrorCode.NONE:
        raise ConformanceViolation("asking for a producer id", expected="no error", actual=f"{answer}")
    return answer
