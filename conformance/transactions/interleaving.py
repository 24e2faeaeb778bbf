"""Several producers, transactional or not, that write in turns; and the model of what comes of it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from hypothesis import strategies as st

from kafka_conformance.harness.cases import TransactionProtocol, expect
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.subject.topic import Topic
from kafka_conformance.harness.subject.transaction import Transaction, TransactionalProducer

T = TypeVar("T")

PRODUCERS = 2
OUTSIDER = PRODUCERS
"""Who writes without a transaction."""
PARTITIONS = 2


class Step(NamedTuple):
    """What one of them does next; where there is nothing to end, an end is nothing."""

    producer: int
    act: str
    partition: int


def interleavings(*, max_size: int = 16) -> st.SearchStrategy[list[Step]]:
    """Writes and ends of all of them; some transactions stay open."""
    act = st.sampled_from(["write", "write", "commit", "abort"])
    step = st.builds(Step, st.integers(0, OUTSIDER), act, st.integers(0, PARTITIONS - 1))
    return st.lists(step, min_size=6, max_size=max_size)


@dataclass
class Written:
    """A transaction as the model has it: where it began in each partition, and how it ended (None: it is open)."""

    producer_id: int
    epoch: int
    committed: bool | None = None
    first_offsets: dict[int, int] = field(default_factory=dict)
    marker_offsets: dict[int, int] = field(default_factory=dict)


class Entry(NamedTuple):
    """One offset of a log: a value with the transaction that wrote it (None: none did), or its marker (no value)."""

    value: bytes | None
    written: Written | None


class Played:
    """The cluster after some steps, and what each partition must hold."""

    def __init__(self, cluster: Cluster, topic: Topic, protocol: TransactionProtocol | None) -> None:
        self.topic = topic
        self.logs: list[list[Entry]] = [[] for _ in range(PARTITIONS)]
        self.transactions: list[Written] = []
        self.producers = [cluster.transactional_producer(protocol=protocol) for _ in range(PRODUCERS)]
        self._open: dict[int, tuple[Transaction, Written]] = {}

    def play(self, steps: Sequence[Step]) -> None:
        """Does them, one after the other; each must be granted."""
        for number, step in enumerate(steps):
            value = f"{number} by {step.producer}".encode()
            if step.act != "write":
                self._end(step.producer, step.act == "commit")
            elif step.producer == OUTSIDER:
                expect(self.topic.produce([value], partition=step.partition)).succeeds()
                self.logs[step.partition].append(Entry(value, None))
            else:
                self._write(step.producer, step.partition, value)

    def _write(self, producer: int, partition: int, value: bytes) -> None:
        if producer not in self._open:
            self._open[producer] = self._begin(self.producers[producer])
        transaction, written = self._open[producer]
        expect(transaction.send(self.topic, [value], partition=partition)).succeeds()
        written.first_offsets.setdefault(partition, len(self.logs[partition]))
        self.logs[partition].append(Entry(value, written))

    def _begin(self, producer: TransactionalProducer) -> tuple[Transaction, Written]:
        self.transactions.append(Written(producer.producer_id, producer.epoch))
        return producer.begin(), self.transactions[-1]

    def _end(self, producer: int, committed: bool) -> None:
        if producer not in self._open:
            return
        transaction, written = self._open.pop(producer)
        (transaction.commit if committed else transaction.abort)()
        written.committed = committed
        for partition in written.first_offsets:
            written.marker_offsets[partition] = len(self.logs[partition])
            self.logs[partition].append(Entry(None, written))

    # what must be seen

    def end(self, partition: int) -> int:
        """The offset behind the last entry."""
        return len(self.logs[partition])

    def last_stable_offset(self, partition: int) -> int:
        """The first offset of the earliest open transaction, else the end."""
        first = [
            written.first_offsets[partition]
            for written in self.transactions
            if written.committed is None and partition in written.first_offsets
        ]
        return min(first, default=self.end(partition))

    def committed_values(self, partition: int, *, from_offset: int = 0) -> list[bytes | None]:
        """The values below the last stable offset that no transaction or a committed one wrote."""
        stable = self.logs[partition][from_offset : self.last_stable_offset(partition)]
        return [
            entry.value
            for entry in stable
            if entry.value is not None and (entry.written is None or entry.written.committed)
        ]

    def all_values(self, partition: int) -> list[bytes | None]:
        """All values that were written, whatever became of them."""
        return [entry.value for entry in self.logs[partition] if entry.value is not None]

    def markers(self, partition: int) -> list[tuple[int, int, bool]]:
        """Offset, producer id and decision of each marker."""
        return [
            (offset, entry.written.producer_id, bool(entry.written.committed))
            for offset, entry in enumerate(self.logs[partition])
            if entry.value is None and entry.written is not None
        ]

    def aborted_from(self, partition: int, offset: int) -> set[tuple[int, int]]:
        """Producer id and first offset of each aborted transaction whose marker is not before an offset."""
        return {
            (written.producer_id, written.first_offsets[partition])
            for written in self.transactions
            if written.committed is False and written.marker_offsets.get(partition, -1) >= offset
        }


@contextlib.contextmanager
def played(
    cluster: Cluster,
    steps: Sequence[Step],
    protocol: TransactionProtocol | None = None,
    *,
    replication_factor: int = 1,
) -> Iterator[Played]:
    """A topic on which the steps were done; what is still open is aborted at the end."""
    with cluster.topic(PARTITIONS, replication_factor=replication_factor) as topic, contextlib.ExitStack() as stack:
        outcome = Played(cluster, topic, protocol)
        for producer in outcome.producers:
            stack.enter_context(producer)
        outcome.play(steps)
        yield outcome


def of_each_partition(look: Callable[[int], T]) -> list[T]:
    """The same look at every partition."""
    return [look(partition) for partition in range(PARTITIONS)]
