"""One copy under faults: the input is written in halves of stages, and in the midst of each stage something is killed.

Every stage is copied to its end while what was killed is still gone, so that a copy that waits for its return fails.
Brokers go one at a time, and the next only when every replica is in sync again: nothing that two have may be lost.
"""

from __future__ import annotations

import logging
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition
from confluent_kafka import Producer as ConfluentProducer

from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.subject.topic import READ_COMMITTED, READ_UNCOMMITTED, Topic
from kafka_conformance.harness.target import Target
from kafka_conformance.harness.violation import ConformanceViolation
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.describe_transactions import DescribeTransactionsRequest
from kafka_conformance.protocol.messages.list_transactions import ListTransactionsRequest
from kafka_conformance.protocol.messages.metadata import MetadataRequest
from kafka_conformance.protocol.records import Record
from tests.clients.transactional_copy.copiers import Copiers
from tests.clients.transactional_copy.copying import FENCED, GAVE_UP, SHARE, Told, copied

PARTITIONS = 4
REPLICAS = 3
HALF = 6 * SHARE
"""Records in half of a stage."""
WITHIN_S = 90.0
"""How long nothing may arrive; far longer than any of the timers, because the machine may be busy."""
SECONDS = 10
KEYS = 7
OVER = {"Empty", "CompleteCommit", "CompleteAbort"}
"""The states of a transactional id that has no transaction."""
QUIET = {"log_level": 0}
READER = {"group.id": "unused", "isolation.level": "read_committed", "fetch.wait.max.ms": 50}
READER_LOG = {"log_level": 7, "debug": "topic,fetch"}
LINES = 1000
"""How much of the reader's log is kept: most of a copy."""
EACH_FETCH = "FETCH "
"""How the many lines begin that say nothing but that a request is sent."""


class Fault(Enum):
    """What is done in the midst of a stage."""

    LEADER_KILLED = "the leader of a partition of the output is killed"
    GROUP_COORDINATOR_KILLED = "the coordinator of the group is killed"
    TRANSACTION_COORDINATOR_KILLED = "the coordinator of the transactional id is killed"
    BROKER_RESTARTED = "a broker is stopped orderly and started"
    COPIER_KILLED = "the copier is killed, and another is started"
    COPIER_FROZEN = "the copier is frozen, another is started, and the first wakes up"


class Outcome(NamedTuple):
    """What a copy came to, where everything else held."""

    copied: int
    """Records."""
    aborted: int
    """Records of the output that no reader may see."""
    gave_up: int
    """How often a copier ended itself because its library could do no more."""


Rows = list[list[tuple[bytes | None, bytes | None]]]
"""Keys and values, in order, of each partition."""


def rows_of(partitions: Iterable[Iterable[Record]]) -> Rows:
    """Keys and values of records."""
    return [[(record.key, record.value) for record in records] for records in partitions]


class Writer:
    """Writes the input in transactions, with aborted ones between them."""

    def __init__(self, bootstrap: str, topic: str, transactional_id: str) -> None:
        self._topic = topic
        settings = {"bootstrap.servers": bootstrap, "transactional.id": transactional_id, **QUIET}
        self._producer = ConfluentProducer(settings)
        self._do(lambda: self._producer.init_transactions(SECONDS))
        self.written: Rows = [[] for _ in range(PARTITIONS)]
        self._number = 0

    def write(self, count: int) -> None:
        """Write so many records, and before them some that are aborted."""
        self._send([(self._number % PARTITIONS, b"x", b"aborted") for _ in range(SHARE)])
        self._do(lambda: self._producer.abort_transaction(SECONDS))
        rows = [self._row() for _ in range(count)]
        self._send(rows)
        self._do(lambda: self._producer.commit_transaction(SECONDS))
        for partition, key, value in rows:
            self.written[partition].append((key, value))

    def _row(self) -> tuple[int, bytes, bytes]:
        number = self._number = self._number + 1
        return number % PARTITIONS, b"key %d" % (number % KEYS), b"%05d" % number

    def _send(self, rows: list[tuple[int, bytes, bytes]]) -> None:
        self._producer.begin_transaction()
        for partition, key, value in rows:
            self._producer.produce(self._topic, value, key, partition)
        assert self._producer.flush(WITHIN_S) == 0

    def _do(self, call: Callable[[], Any]) -> None:
        deadline = time.monotonic() + WITHIN_S
        while True:
            try:
                call()
                return
            except KafkaException as error:
                if not error.args[0].retriable() or time.monotonic() > deadline:
                    raise


class Reader:
    """Reads what is committed of the output, from the beginning and all the time."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self._log: deque[str] = deque(maxlen=LINES)
        logger = logging.Logger("reader", logging.DEBUG)
        logger.addHandler(_Keeper(self._log))
        self._consumer = Consumer({"bootstrap.servers": bootstrap, **READER, **READER_LOG}, logger=logger)
        self._consumer.assign([TopicPartition(topic, index, OFFSET_BEGINNING) for index in range(PARTITIONS)])
        self.rows: Rows = [[] for _ in range(PARTITIONS)]

    @property
    def count(self) -> int:
        return sum(map(len, self.rows))

    def poll(self, seconds: float) -> int:
        """Take what arrives within that time, at most as much as a transaction has; how much it was."""
        messages = [each for each in self._consumer.consume(SHARE, seconds) if each.error() is None]
        for message in messages:
            self.rows[message.partition()].append((message.key(), message.value()))
        return len(messages)

    def evidence(self) -> str:
        """The end of what the library said of its fetches."""
        return "\n".join(("-- reader", *self._log))

    def close(self) -> None:
        self._consumer.close()


class _Keeper(logging.Handler):
    """Keeps the last lines that a library logs."""

    def __init__(self, lines: deque[str]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if not message.startswith(EACH_FETCH):
            self._lines.append(f"{record.created:.3f} {message}")


class Arrangement:
    """A cluster, its topics, a writer, a reader, and the copier between them."""

    def __init__(self, target: Target, run: Callable[[Told], Copiers], seed: int, say: Callable[[str], object]) -> None:
        self._say = say
        self._random = Random(f"{seed} transactional copy")
        self._cluster = cluster = Cluster(target, f"copy-{seed}")
        settings = {"min.insync.replicas": "2"}
        self._source = cluster.topic(PARTITIONS, settings, replication_factor=REPLICAS)
        self._output = cluster.topic(PARTITIONS, settings, replication_factor=REPLICAS)
        self._group = cluster.group()
        bootstrap = ",".join(f"{host}:{port}" for host, port in target.bootstrap)
        self._ids = [cluster.unique("writer"), cluster.unique("copier")]
        self._writer = Writer(bootstrap, self._source.name, self._ids[0])
        self._reader = Reader(bootstrap, self._output.name)
        self._sent = 0
        self._copiers = run(Told(bootstrap, self._source.name, self._output.name, self._group.name, self._ids[1]))

    def run(self, faults: Sequence[Fault]) -> Outcome:
        """The faults, in an order and at moments that are drawn; then what must hold."""
        try:
            for fault in self._random.sample(faults, len(faults)):
                self._stage(fault)
            status = self._copiers.current.stop()
            assert status == 0, f"the last copier ended with {status}:\n{self._copiers.evidence()}"
            return self._checked()
        finally:
            self._copiers.end()
            self._reader.close()

    def close(self) -> None:
        self._cluster.close()

    # what happens

    def _stage(self, fault: Fault) -> None:
        before = self._reader.count
        self._write(HALF)
        self._arrive(before + self._random.randrange(1, HALF - SHARE))
        self._reader.poll(self._random.uniform(0, 0.02))
        self._say(f"{self._reader.count} of {self._sent} arrived: {fault.value}")
        for _ in self._struck(fault):
            self._write(HALF)
            self._arrive(self._sent)
        self._arrive(self._sent)
        self._wait_until_in_sync()

    def _write(self, count: int) -> None:
        self._writer.write(count)
        self._sent += count

    def _arrive(self, count: int) -> None:
        """Wait until so many records of the output have been read."""
        deadline = time.monotonic() + WITHIN_S
        while self._reader.count < count:
            # Where the machine is busy a new copier may need a minute for its first transaction: the few that may give
            # up have their time, each.
            if self._copiers.tend() or self._reader.poll(0.05):
                deadline = time.monotonic() + WITHIN_S
            elif time.monotonic() > deadline:
                missing = f"nothing more than {self._reader.count} of {self._sent} records arrives"
                raise AssertionError(
                    f"{missing}\n{self._state()}\n{self._copiers.evidence()}\n{self._reader.evidence()}"
                )

    def _struck(self, fault: Fault) -> Iterator[None]:
        """Do it; after each yield, heal it a bit."""
        match fault:
            case Fault.COPIER_KILLED:
                self._copiers.current.kill()
                self._copiers.start()
                yield
            case Fault.COPIER_FROZEN:
                yield from self._frozen()
            case Fault.BROKER_RESTARTED:
                self._cluster.restart(self._random.choice(self._cluster.node_ids))
                yield
            case _:
                node = self._node(fault)
                self._cluster.kill(node)
                yield
                self._cluster.restart(node)

    def _frozen(self) -> Iterator[None]:
        """A copier that wakes up when another has its place: it must learn that, and nothing that it does may count."""
        frozen = self._copiers.current
        frozen.signal(signal.SIGSTOP)
        self._copiers.start()
        yield
        frozen.signal(signal.SIGCONT)
        deadline = time.monotonic() + WITHIN_S
        while frozen.ended is None:
            assert time.monotonic() < deadline, f"the frozen copier does not learn it:\n{self._copiers.evidence()}"
            self._write(PARTITIONS * 2)
            self._arrive(self._sent)
        # One whose requests timed out while it slept may give up before it is told.
        assert frozen.ended in (FENCED, GAVE_UP), (
            f"the frozen copier ended with {frozen.ended}:\n{self._copiers.evidence()}"
        )

    def _node(self, fault: Fault) -> int:
        if fault is Fault.GROUP_COORDINATOR_KILLED:
            return self._cluster.coordinator(self._group.name)
        if fault is Fault.TRANSACTION_COORDINATOR_KILLED:
            return self._cluster.coordinator(self._ids[1], transactional=True)
        self._output.refresh()
        return self._output.leader(self._random.randrange(PARTITIONS))

    def _wait_until_in_sync(self) -> None:
        def look() -> bool:
            topics = self._cluster.send(MetadataRequest(topics=None)).topics
            return all(len(each.isr_nodes) == REPLICAS for topic in topics for each in topic.partitions)

        self._cluster.eventually(look, within_s=WITHIN_S, what="every replica is in sync")

    def _state(self) -> str:
        """What the cluster says of itself, for whoever asks why nothing arrives."""
        read, written = (list(map(len, rows)) for rows in (self._reader.rows, self._writer.written))
        lines = [f"read {read}, written {written}"]
        for topic in (self._source, self._output):
            topic.refresh()
            for index in range(PARTITIONS):
                ends = [topic.list_offset(partition=index, isolation_level=level).offset for level in (0, 1)]
                lines.append(f"{topic}-{index} led by {topic.leader(index)}: ends at {ends[0]}, stable to {ends[1]}")
        for node in self._cluster.node_ids:
            lines.append(f"node {node}: {self._cluster.send(ListTransactionsRequest(), node=node).transaction_states}")
        for name in self._ids:
            coordinator = self._cluster.coordinator(name, transactional=True)
            request = DescribeTransactionsRequest(transactional_ids=[name])
            lines += map(str, self._cluster.send(request, node=coordinator).transaction_states)
        self._group.find_coordinator()
        lines += [str(self._group.describe())]
        lines += [str(self._group.committed(self._source, index)) for index in range(PARTITIONS)]
        return "\n".join(lines)

    # what must hold

    def _checked(self) -> Outcome:
        written = self._writer.written
        expected = [[(key, copied(value)) for key, value in rows if value is not None] for rows in written]
        assert self._reader.rows == expected, self._copiers.evidence()
        source, output = self._read(self._source), self._read(self._output)
        assert rows_of(source) == written
        assert rows_of(output) == expected
        self._group.find_coordinator()
        self._cluster.eventually(self._is_over, within_s=WITHIN_S, what="no transaction and no member is left")
        offsets = [
            self._group.committed(self._source, index, require_stable=True).offset for index in range(PARTITIONS)
        ]
        assert offsets == [records[-1].offset + 1 for records in source]
        everything = sum(map(len, self._read(self._output, isolation_level=READ_UNCOMMITTED)))
        assert everything > self._sent, "no aborted transaction has left records"
        return Outcome(self._sent, everything - self._sent, self._copiers.gave_up)

    def _read(self, topic: Topic, isolation_level: int = READ_COMMITTED) -> list[list[Record]]:
        """The records of each partition; a leader that has moved is looked for again,
        and what is still open is waited for."""

        def look(partition: int) -> list[Record]:
            topic.refresh()
            found: list[Record] = []
            position = 0
            while True:
                answer = topic.fetch(position, partition=partition, isolation_level=isolation_level)
                if answer.error is not ErrorCode.NONE or answer.last_stable_offset != answer.high_watermark:
                    raise ConformanceViolation(f"reading {topic}", expected="no open transaction", actual=f"{answer}")
                found += answer.visible_records
                if position >= answer.high_watermark:
                    return found
                position = answer.batches[-1][0].next_offset

        reading = [partial(look, partition) for partition in range(PARTITIONS)]
        return [self._cluster.eventually(each, within_s=WITHIN_S, what=f"{topic} is read") for each in reading]

    def _is_over(self) -> bool:
        listed = [
            entry.transaction_state
            for node in self._cluster.node_ids
            for entry in self._cluster.send(ListTransactionsRequest(), node=node).transaction_states
        ]
        described = []
        for name in self._ids:
            coordinator = self._cluster.coordinator(name, transactional=True)
            request = DescribeTransactionsRequest(transactional_ids=[name])
            described += self._cluster.send(request, node=coordinator).transaction_states
        group = self._group.describe()
        return (
            len(listed) == len(self._ids)
            and set(listed) <= OVER
            and all(each.transaction_state in OVER and not each.topics for each in described)
            and (group.group_state, group.members) == ("Empty", [])
        )


def copy(
    target: Target,
    command: Sequence[str],
    seed: int,
    directory: Path,
    faults: Sequence[Fault] = tuple(Fault),
    say: Callable[[str], object] = lambda text: None,
) -> Outcome:
    """One copy on a target that runs. Raises AssertionError, with what the copiers wrote, where something is wrong."""
    arrangement = Arrangement(target, lambda told: Copiers(command, told, directory), seed, say)
    try:
        return arrangement.run(faults)
    finally:
        arrangement.close()
