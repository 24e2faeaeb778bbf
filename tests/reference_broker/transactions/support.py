"""A transactional producer whose every request a test writes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.add_offsets_to_txn import AddOffsetsToTxnRequest
from kafka_conformance.protocol.messages.add_partitions_to_txn import AddPartitionsToTxnRequest, AddPartitionsToTxnTopic
from kafka_conformance.protocol.messages.describe_transactions import DescribeTransactionsRequest
from kafka_conformance.protocol.messages.end_txn import EndTxnRequest
from kafka_conformance.protocol.messages.find_coordinator import FindCoordinatorRequest
from kafka_conformance.protocol.messages.init_producer_id import InitProducerIdRequest
from kafka_conformance.protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopics,
)
from kafka_conformance.protocol.messages.produce import PartitionProduceResponse
from kafka_conformance.protocol.messages.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestPartition,
    TxnOffsetCommitRequestTopic,
)
from kafka_conformance.protocol.records import batches, records_of
from tests.reference_broker.wire import Wire, batch, fetch_request, produce

SECONDS = 15
RETRIABLE = (
    ErrorCode.CONCURRENT_TRANSACTIONS,
    ErrorCode.COORDINATOR_NOT_AVAILABLE,
    ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
    ErrorCode.NOT_COORDINATOR,
    ErrorCode.NOT_ENOUGH_REPLICAS,
)


def until(ask: Callable[[], Any], good: Callable[[Any], bool], seconds: float = SECONDS) -> Any:
    """Ask again until the answer is good."""
    deadline = time.monotonic() + seconds
    while not good(answer := ask()):
        assert time.monotonic() < deadline, f"still {answer}"
    return answer


class Producer:
    """One producer on one connection; ids and epochs are what the last answer said, unless a test says otherwise."""

    def __init__(self, wire: Wire, transactional_id: str, *, timeout_ms: int = 60_000) -> None:
        self.wire = wire
        self.transactional_id = transactional_id
        self.timeout_ms = timeout_ms
        self.producer_id = -1
        self.epoch = -1
        self.sequences: dict[tuple[str, int], int] = {}

    def find(self) -> None:
        """Wait for a coordinator."""
        for key_type, key in ((1, self.transactional_id), (0, "group")):
            request = FindCoordinatorRequest(key=key, key_type=key_type)
            until(lambda request=request: self.wire.ask(request, 2), lambda answer: not answer.error_code)  # type: ignore[misc]

    def init_once(self, version: int = 5, **options: Any) -> Any:
        request = InitProducerIdRequest(
            transactional_id=self.transactional_id, **{"transaction_timeout_ms": self.timeout_ms, **options}
        )
        return self.wire.ask(request, version)

    def init(self, **options: Any) -> Any:
        """Initialise, however often it takes."""
        answer = until(lambda: self.init_once(**options), lambda answer: answer.error_code not in RETRIABLE)
        if answer.error_code == 0:
            self.take(answer)
        return answer

    def take(self, answer: Any) -> None:
        """Go on with the id and epoch of an answer."""
        if (answer.producer_id, answer.producer_epoch) != (self.producer_id, self.epoch):
            self.sequences.clear()
        self.producer_id, self.epoch = answer.producer_id, answer.producer_epoch

    def add_once(self, *partitions: tuple[str, int], version: int = 3, epoch: int | None = None) -> list[int]:
        topics: dict[str, list[int]] = {}
        for topic, partition in partitions:
            topics.setdefault(topic, []).append(partition)
        request = AddPartitionsToTxnRequest(
            v3_and_below_transactional_id=self.transactional_id,
            v3_and_below_producer_id=self.producer_id,
            v3_and_below_producer_epoch=self.epoch if epoch is None else epoch,
            v3_and_below_topics=[AddPartitionsToTxnTopic(name=name, partitions=p) for name, p in topics.items()],
        )
        answer = self.wire.ask(request, version)
        return [
            result.partition_error_code
            for topic in answer.results_by_topic_v3_and_below
            for result in topic.results_by_partition
        ]

    def add(self, *partitions: tuple[str, int], **options: Any) -> list[int]:
        """Add partitions, however often it takes."""
        found: list[int] = until(
            lambda: self.add_once(*partitions, **options), lambda errors: not set(errors) & set(RETRIABLE)
        )
        return found

    def produce_once(
        self, topic: str, *values: bytes, partition: int = 0, version: int = 12, **options: Any
    ) -> PartitionProduceResponse:
        sequence = options.pop("sequence", self.sequences.get((topic, partition), 0))
        settings = {"transactional": True, "producer_id": self.producer_id, "producer_epoch": self.epoch}
        transactional_id = options.pop("transactional_id", self.transactional_id)
        records = batch(*values, base_sequence=sequence, **{**settings, **options})
        answer = produce(
            self.wire, topic, records, partition=partition, version=version, transactional_id=transactional_id
        )
        if not answer.error_code:
            self.sequences[topic, partition] = sequence + len(values)
        return answer

    def produce(self, topic: str, *values: bytes, **options: Any) -> PartitionProduceResponse:
        """Produce, however often it takes."""
        answer: PartitionProduceResponse = until(
            lambda: self.produce_once(topic, *values, **options), lambda answer: answer.error_code not in RETRIABLE
        )
        return answer

    def end_once(self, commit: bool, *, version: int = 5, **options: Any) -> Any:
        fields = {"producer_id": self.producer_id, "producer_epoch": self.epoch, **options}
        fields.setdefault("transactional_id", self.transactional_id)
        return self.wire.ask(EndTxnRequest(committed=commit, **fields), version)

    def end(self, commit: bool, **options: Any) -> Any:
        """End the transaction, and go on with the epoch that the answer names."""
        answer = until(lambda: self.end_once(commit, **options), lambda answer: answer.error_code not in RETRIABLE)
        if answer.error_code == 0 and answer.producer_id >= 0:
            self.take(answer)
        return answer

    def add_offsets(self, group: str, *, version: int = 3, epoch: int | None = None) -> int:
        request = AddOffsetsToTxnRequest(
            transactional_id=self.transactional_id,
            producer_id=self.producer_id,
            producer_epoch=self.epoch if epoch is None else epoch,
            group_id=group,
        )
        error: int = until(lambda: self.wire.ask(request, version).error_code, lambda error: error not in RETRIABLE)
        return error

    def commit_offsets(
        self, group: str, topic: str, offset: int, *, partition: int = 0, version: int = 5, **options: Any
    ) -> int:
        wanted = TxnOffsetCommitRequestPartition(partition_index=partition, committed_offset=offset)
        fields = {"producer_id": self.producer_id, "producer_epoch": self.epoch, **options}
        request = TxnOffsetCommitRequest(
            transactional_id=self.transactional_id,
            group_id=group,
            topics=[TxnOffsetCommitRequestTopic(name=topic, partitions=[wanted])],
            **fields,
        )
        error: int = until(
            lambda: self.wire.ask(request, version).topics[0].partitions[0].error_code,
            lambda error: error not in RETRIABLE,
        )
        return error

    def described(self) -> Any:
        return describe(self.wire, self.transactional_id)

    def settled(self) -> Any:
        """The transactional id once nothing is under way."""
        return until(self.described, lambda found: not found.transaction_state.startswith("Prepare"))


def describe(wire: Wire, transactional_id: str) -> Any:
    return wire.ask(DescribeTransactionsRequest(transactional_ids=[transactional_id]), 0).transaction_states[0]


def committed_offset(
    wire: Wire, group: str, topic: str, *, partition: int = 0, stable: bool = False
) -> tuple[int, int]:
    """The error and the offset of a partition."""
    topics = [OffsetFetchRequestTopics(name=topic, partition_indexes=[partition])]
    groups = [OffsetFetchRequestGroup(group_id=group, topics=topics)]
    answer = until(
        lambda: wire.ask(OffsetFetchRequest(groups=groups, require_stable=stable), 8).groups[0],
        lambda answer: answer.error_code not in RETRIABLE,
    )
    found = answer.topics[0].partitions[0]
    return found.error_code, found.committed_offset


def read(wire: Wire, topic: str, *, partition: int = 0, committed: bool = True) -> list[bytes | None]:
    """The values that a consumer would hand out."""
    values: list[bytes | None] = []
    for data in fetched(wire, topic, partition, isolation_level=int(committed)):
        aborted = sorted((each.first_offset, each.producer_id) for each in data.aborted_transactions or ())
        skipped: set[int] = set()
        for header, view in batches(data.records):
            while aborted and aborted[0][0] <= header.last_offset:
                skipped.add(aborted.pop(0)[1])
            if header.is_control:
                skipped.discard(header.producer_id)
            elif not (header.is_transactional and header.producer_id in skipped):
                values += [record.value for record in records_of(header, view)]
    return values


def log(wire: Wire, topic: str, *, partition: int = 0) -> list[Any]:
    """The headers of all batches."""
    return [header for data in fetched(wire, topic, partition) for header, _ in batches(data.records)]


def fetched(wire: Wire, topic: str, partition: int, **options: int) -> Iterator[Any]:
    """What one Fetch after the other answers, until nothing is left: a marker begins a new segment where the records
    before it say that they are years old."""
    offset = 0
    while True:
        request = fetch_request(topic, offset, partition=partition, **options)
        data = wire.ask(request, 11).responses[0].partitions[0]
        if not data.records:
            return
        yield data
        offset = [header.next_offset for header, _ in batches(data.records)][-1]
