"""Clients that take turns, and what each of them did and saw, as a history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kafka_conformance.harness.expectations import expect
from kafka_conformance.harness.histories.recorder import RecordedClient, Recorder, Seen, outcome_of
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.subject.connection import Connection
from kafka_conformance.harness.subject.topic import Topic

CLIENTS = 2
PARTITIONS = 2


class Turn(NamedTuple):
    """A producer writes that many records to a partition, or a consumer takes at most so many."""

    writes: bool
    client: int
    partition: int
    many: int


class Reader:
    """A consumer that goes through every partition from its start, on a connection of its own."""

    def __init__(self, client: RecordedClient, topic: Topic, connections: Sequence[Connection]) -> None:
        self._client = client
        self._topic = topic
        self._connections = connections
        self._positions = [0] * topic.partition_count
        operation = client.begin()
        for index in range(topic.partition_count):
            operation.assigned(f"{topic.name}-{index}", 0)

    def take(self, partition: int, many: int | None = None) -> int:
        """One fetch, of which it takes the first records; the high watermark that it was told."""
        operation = self._client.begin()
        position = self._positions[partition]
        answer = self._topic.fetch(position, partition=partition, on=self._connections[partition])
        expect(answer).succeeds()
        taken = [record for record in answer.records if record.offset >= position][:many]
        if taken:
            self._positions[partition] = taken[-1].offset + 1
        operation.polled(
            f"{self._topic.name}-{partition}",
            [Seen(record.offset, record.value) for record in taken],
            position=self._positions[partition],
            high_watermark=answer.high_watermark,
            last_stable_offset=answer.last_stable_offset,
        )
        return answer.high_watermark

    def take_all(self) -> None:
        """The rest of every partition, for as long as a fetch gives something."""
        for partition, position in enumerate(self._positions):
            while self.take(partition) > self._positions[partition] > position:
                position = self._positions[partition]


def play(cluster: Cluster, topic: Topic, turns: Sequence[Turn]) -> Recorder:
    """All turns; in the end every consumer reads what is left."""
    recorder = Recorder(cluster.blocking.now_s)
    producers = [recorder.client(f"producer {number}") for number in range(CLIENTS)]
    connections = [
        [cluster.connect(leader_of=topic, partition=index) for index in range(PARTITIONS)] for _ in range(CLIENTS)
    ]
    readers = [Reader(recorder.client(f"consumer {number}"), topic, connections[number]) for number in range(CLIENTS)]
    for number, turn in enumerate(turns):
        if turn.writes:
            _write(producers[turn.client], topic, turn, number)
        else:
            readers[turn.client].take(turn.partition, turn.many)
    for reader in readers:
        reader.take_all()
    return recorder


def _write(producer: RecordedClient, topic: Topic, turn: Turn, number: int) -> None:
    values = [b"%d.%d" % (number, place) for place in range(turn.many)]
    operation = producer.begin()
    answer = topic.produce(values, partition=turn.partition)
    operation.sent(f"{topic.name}-{turn.partition}", values, outcome_of(answer.error), answer.base_offset)
