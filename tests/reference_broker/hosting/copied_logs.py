"""Apache Kafka on copies of the reference broker's log directories, and all that clients can see of either cluster."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from typing_extensions import override

from kafka_conformance.conformance.cleaning.closing import COMPACTED, SegmentedLog
from kafka_conformance.conformance.fetch.epochs import current_epoch, end_of_epoch
from kafka_conformance.conformance.produce.broker_clock import broker_now_ms
from kafka_conformance.conformance.transactions.looking import producers_of
from kafka_conformance.conformance.transactions.reading import await_stability, committed_values, fetches
from kafka_conformance.harness.cases import EARLIEST, LATEST, MAX_TIMESTAMP, READ_COMMITTED, READ_UNCOMMITTED, ErrorCode
from kafka_conformance.harness.subject.answers import Fetched, Produced
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.subject.producer import IdempotentProducer
from kafka_conformance.harness.subject.topic import Topic
from kafka_conformance.harness.subject.transaction import NOT_YET
from kafka_conformance.harness.target import Target
from kafka_conformance.plugins.targets.kafka import KafkaTarget
from kafka_conformance.plugins.targets.kafka_cluster import KafkaClusterTarget, Node
from kafka_conformance.protocol.messages.end_txn import EndTxnRequest
from kafka_conformance.protocol.records import Compression, NewRecord, records_of
from kafka_conformance.reference_broker.hosting.data_directory import METADATA, broker_directory
from tests.apache_kafka import VERSION

METADATA_LOG = "__cluster_metadata-0"
SEGMENT_MS = 60_000
LONG_TIMEOUT_MS = 900_000
"""transaction.max.timeout.ms: an open transaction is still open when the next cluster has started."""


@contextmanager
def running(target: Target) -> Iterator[Cluster]:
    target.start()
    cluster = Cluster(target, "copied")
    try:
        yield cluster
    finally:
        cluster.close()
        target.stop()
        target.close_loop()


class KafkaOnACopy(KafkaTarget):
    """One node, on the log directory of one broker and the log of the controller."""

    def __init__(self, data: Path, node_id: int = 1) -> None:
        super().__init__("kafka on a copy", VERSION, {})
        self._data = data
        self._node_id = node_id

    @override
    def _format(self, directory: Path) -> None:
        copy_logs(self._data, self._node_id, directory / "data")
        values = self._properties(directory) | {"node.id": str(self._node_id)}
        values["controller.quorum.voters"] = f"{self._node_id}@" + values["controller.quorum.voters"].partition("@")[2]
        write_properties(directory / "server.properties", values)


class KafkaOnCopies(KafkaClusterTarget):
    """A node for each broker, on its log directory; each of them has the log of the controller."""

    def __init__(self, data: Path, brokers: int) -> None:
        super().__init__("kafka on copies", VERSION, brokers, {})
        self._data = data

    @override
    def _format(self, node: Node) -> None:
        copy_logs(self._data, node.id, node.directory / "data")
        write_properties(node.directory / "server.properties", self._properties(node))


def copy_logs(data: Path, node_id: int, to: Path) -> None:
    """All that Kafka needs: the broker's log directory, and in it the controller's log."""
    shutil.copytree(data / broker_directory(node_id), to)
    shutil.copytree(data / METADATA / METADATA_LOG, to / METADATA_LOG)


def write_properties(path: Path, values: dict[str, str]) -> None:
    path.write_text("".join(f"{name}={value}\n" for name, value in values.items()))


class Workload:
    """What is written to a cluster, and what each of its parts must still be good for in the next one."""

    def __init__(self, cluster: Cluster, replicas: int) -> None:
        self.cluster = cluster
        many = {"segment.ms": str(SEGMENT_MS), "index.interval.bytes": "50"}
        self.plain = cluster.topic(1, many, replication_factor=replicas, name="plain")
        self.ledger = cluster.topic(2, many, replication_factor=replicas, name="ledger")
        self.compacted = cluster.topic(1, COMPACTED, replication_factor=replicas, name="compacted")
        self.topics = [self.plain, self.ledger, self.compacted]
        self.group = cluster.group("readers")
        self.retrying: IdempotentProducer = cluster.idempotent_producer()
        self.writer = cluster.transactional_producer("writer")
        self.pending = cluster.transactional_producer("pending", timeout_ms=LONG_TIMEOUT_MS)
        self.commits: list[tuple[str, int, int]] = []
        """Topic, partition and offset of each that the group's coordinator has written down, in order."""
        self.ends: list[bool] = []
        """Whether each transaction of the writer was committed."""
        self.begin_ms = broker_now_ms(cluster)
        """Markers have the broker's time: only younger records than they close a segment that begins with one."""
        self._number = 0

    def write(self) -> None:
        """Every codec, headers, nulls; transactions of either end over several segments; offsets; what is cleaned."""
        for codec in Compression:
            self._number += 1
            at = self.begin_ms + self._number * SEGMENT_MS
            records = [NewRecord(b"key", b"plain" * 9, (("header", b"x"), ("none", None)), at + n) for n in range(9)]
            assert self.plain.produce([*records, NewRecord(None, None, (), at)], compression=codec).error == 0
        assert self.retrying.send(self.plain, [NewRecord(b"key", b"once", (), at)] * 2).error == 0
        for number in range(6):
            at += SEGMENT_MS // 2
            transaction = self.writer.begin()
            for partition in (0, 1, 0):
                record = NewRecord(b"key", b"%d" % number, (), at)
                assert transaction.send(self.ledger, [record], partition=partition).error == 0
            offsets = {0: 10 * self._number + number, 1: number}
            transaction.send_offsets(self.group, self.ledger, offsets)
            transaction.commit() if number % 3 else transaction.abort()
            self.ends.append(number % 3 != 0)
            self.commits += [(self.ledger.name, *entry) for entry in offsets.items()]
        self.group.commit(self.plain, {0: self._number}, metadata="by hand")
        self.commits.append((self.plain.name, 0, self._number))

    def compact(self) -> None:
        """Rounds of compaction, with tombstones and what a transaction left."""
        log = SegmentedLog(self.cluster, self.compacted)
        for number in range(2):
            log.write((b"a", b"%d" % number), (b"b", b"%d" % number), (b"c", None))
            log.close_segment((b"a", b"again"))
            log.compact((b"d", b"%d" % number))

    def leave_open(self) -> None:
        """A transaction that nobody has ended when the cluster stops, and offsets in it."""
        self.transaction = self.pending.begin()
        assert self.transaction.send(self.ledger, [NewRecord(b"key", b"open", (), self.begin_ms)]).error == 0
        self.transaction.send_offsets(self.group, self.ledger, {1: 99})
        self.commits.append((self.ledger.name, 1, 99))
        now = NewRecord(
            b"key", b"twice?", (), broker_now_ms(self.cluster)
        )  # of producers long ago nothing is remembered
        self.last_once = self.retrying.send(self.plain, [now])
        assert self.last_once.error is ErrorCode.NONE

    def refresh(self) -> None:
        """After a fault: others lead and coordinate now."""
        for topic in self.topics:
            topic.refresh()
        self.group.find_coordinator()
        for producer in (self.writer, self.pending):
            producer.find_coordinator()


class Continued:
    """The same topics, group and producers, found again in another cluster."""

    def __init__(self, cluster: Cluster, before: Workload) -> None:
        self.cluster = cluster
        self.topics = [Topic(cluster, topic.name, cluster.settled_topic(topic.name)) for topic in before.topics]
        self.plain, self.ledger, self.compacted = self.topics
        self.group = cluster.group(before.group.name)
        self.begin_ms = before.begin_ms
        self._before = before

    def retry(self) -> Produced:
        """The very batch again that the idempotent producer sent last."""
        return self.plain.produce_batch(self._before.last_once.batch)

    def commit_what_was_open(self) -> ErrorCode:
        """EndTxn with the numbers that the producer had: it goes on where it was, with other brokers."""
        producer = self._before.pending
        request = EndTxnRequest(
            transactional_id=producer.transactional_id,
            producer_id=producer.producer_id,
            producer_epoch=producer.epoch,
            committed=True,
        )

        def look() -> tuple[ErrorCode] | None:
            coordinator = self.cluster.coordinator(producer.transactional_id, transactional=True)
            error = ErrorCode(self.cluster.send(request, node=coordinator).error_code)
            return None if error in NOT_YET else (error,)

        found: tuple[ErrorCode] = self.cluster.eventually(look, within_s=60, what="EndTxn is answered")
        await_stability(self.cluster, self.ledger)
        return found[0]


def view(work: Workload | Continued) -> dict[str, Any]:
    """All that clients can see of a workload: bytes, offsets, times, epochs, producers, transactions and groups."""
    found: dict[str, Any] = {}
    for topic in work.topics:
        for partition in range(topic.partition_count):
            found |= {
                f"{topic.name}-{partition} {name}": value
                for name, value in view_of(topic, partition, work.begin_ms).items()
            }
    found["committed"] = {
        f"{topic.name}-{partition}": work.group.committed(topic, partition)
        for topic in work.topics
        for partition in range(topic.partition_count)
    }
    return found


def without_what_cleaning_leaves(seen: dict[str, Any], topic: Topic) -> dict[str, Any]:
    """The same but for a compacted topic's records: each replica is cleaned at its own time; last values must agree."""
    own = tuple(f"{topic.name}-0 {name}" for name in ("bytes", "offsets", "committed", "times"))
    return {name: value for name, value in seen.items() if name not in own}


def last_values(answers: list[Fetched]) -> dict[bytes | None, bytes]:
    """By key; of keys that were deleted none."""
    found = {record.key: record.value for answer in answers for record in answer.records}
    return {key: value for key, value in found.items() if value is not None}


def view_of(topic: Topic, partition: int, begin_ms: int) -> dict[str, Any]:
    answers = list(
        fetches(topic, partition, from_offset=topic.start_offset(partition), isolation_level=READ_UNCOMMITTED)
    )
    stable = list(fetches(topic, partition, from_offset=topic.start_offset(partition), isolation_level=READ_COMMITTED))
    committed = topic.fetch(topic.start_offset(partition), partition=partition, isolation_level=READ_COMMITTED)
    times = (EARLIEST, LATEST, MAX_TIMESTAMP, *range(begin_ms, begin_ms + 12 * SEGMENT_MS, SEGMENT_MS // 2))
    listed = [topic.list_offset(time, partition=partition) for time in times]
    return {
        "bytes": b"".join(answer.raw for answer in answers),
        "offsets": [
            each.offset for answer in answers for header, batch in answer.batches for each in records_of(header, batch)
        ],
        "last values": last_values(answers),
        "committed": committed_values(topic, partition, from_offset=topic.start_offset(partition)),
        "aborted": sorted(
            {entry for answer in stable for entry in answer.aborted_transactions or ()}, key=lambda entry: entry[1]
        ),
        "ends": (committed.log_start_offset, committed.last_stable_offset, committed.high_watermark),
        "times": [(each.offset, each.timestamp) for each in listed],
        "producers": sorted(map(str, producers_of(topic.cluster, topic, partition).active_producers)),
    }


def ends_of_epochs(topic: Topic) -> list[tuple[int, int]]:
    """Where each leader epoch of partition 0 ends, up to the one before the current."""
    answers = [end_of_epoch(topic, epoch) for epoch in range(current_epoch(topic))]
    return [(answer.leader_epoch, answer.end_offset) for answer in answers]
