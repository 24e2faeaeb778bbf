"""Clients that go on whatever happens to brokers: they follow the leader and send again, as Kafka's own do.

Nothing runs by itself: each look of a case that waits lets every client do what it can do at once (`Load.turn`), while
requests travel and brokers are killed or stand still in between. What they did and saw is one history.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kafka_conformance.conformance.replication.failing import partition_of
from kafka_conformance.harness.cases import ErrorCode
from kafka_conformance.harness.histories.history import History
from kafka_conformance.harness.histories.recorder import Operation, Recorder, Seen
from kafka_conformance.harness.histories.schema import Outcome
from kafka_conformance.harness.subject.answers import Fetched, error_code
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.subject.connection import Answer, Connection
from kafka_conformance.harness.subject.partition_requests import fetch_request, produce_request
from kafka_conformance.harness.subject.topic import Topic
from kafka_conformance.harness.subject.waiting import reachable
from kafka_conformance.harness.violation import ConformanceViolation
from kafka_conformance.harness.wire.errors import WireError
from kafka_conformance.protocol.messages.fetch import FetchResponse
from kafka_conformance.protocol.messages.produce import ProduceResponse

IN_FLIGHT = 5
"""max.in.flight.requests.per.connection of Kafka's producer."""
GIVES_UP_AFTER_S = 3.0
"""So long a client waits for a leader that does not answer before it looks for another one; 30 s in Kafka's."""
PRODUCERS = 2

NEXT_TIME = frozenset(
    {
        ErrorCode.NOT_LEADER_OR_FOLLOWER,
        ErrorCode.FENCED_LEADER_EPOCH,
        ErrorCode.UNKNOWN_LEADER_EPOCH,
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        ErrorCode.UNKNOWN_TOPIC_ID,
        ErrorCode.NOT_ENOUGH_REPLICAS,
        ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
        ErrorCode.REQUEST_TIMED_OUT,
        ErrorCode.KAFKA_STORAGE_ERROR,
    }
)
"""After these a client tries again."""


class ToLeader:
    """A connection to whoever leads partition 0; none while nobody is known to lead it."""

    def __init__(self, topic: Topic) -> None:
        self._topic = topic
        self._connection: Connection | None = None

    def connection(self) -> Connection | None:
        """The connection, opened where there is none and the leader can be reached."""
        if self._connection is None or self._connection.wire.closed.done():
            self._connection = reachable(self._open)()
        return self._connection

    def leave(self) -> None:
        """The leader is another one, or does not answer."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> Connection | None:
        cluster = self._topic.cluster
        told = [reachable(lambda node=node: partition_of(self._topic, node=node))() for node in cluster.node_ids]  # type: ignore[misc]
        latest = max((each for each in told if each is not None), key=lambda each: each.leader_epoch, default=None)
        if latest is None or latest.leader_id not in cluster.node_ids:
            return None
        return cluster.connect(latest.leader_id)


@dataclass
class Batch:
    """One that is not acknowledged yet; `operation` tells the history what became of it."""

    value: bytes
    data: bytes
    operation: Operation
    answer: Answer[ProduceResponse] | None = None
    sent_s: float = 0.0


class Writer:
    """An idempotent producer with up to five batches in flight, which are sent again until they are acknowledged."""

    def __init__(self, topic: Topic, recorder: Recorder, name: str) -> None:
        self._topic = topic
        self._name = name
        self._client = recorder.client(name)
        self._producer = topic.cluster.idempotent_producer()
        self._to_leader = ToLeader(topic)
        self._batches: list[Batch] = []
        self._made = 0
        self.acknowledged = 0

    @property
    def is_done(self) -> bool:
        """Whether everything is acknowledged."""
        return not self._batches

    def turn(self, *, begins: bool) -> None:
        """Takes the answers that have come, and sends what can be sent; `begins`: also new batches."""
        self._take_answers()
        connection = self._to_leader.connection()
        if connection is None:
            return
        while begins and len(self._batches) < IN_FLIGHT:
            self._batches.append(self._make())
        try:
            for batch in self._batches:
                if batch.answer is None:
                    batch.sent_s = self._topic.cluster.blocking.now_s()
                    batch.answer = connection.start(produce_request(self._topic, {0: batch.data}))
        except WireError:
            self._begin_again()

    def _make(self) -> Batch:
        value = f"{self._name}.{self._made}".encode()
        data = self._producer.batch(self._topic, [value], sequence=self._made)
        self._made += 1
        operation = self._client.begin()
        operation.sending([value])
        return Batch(value, data, operation)

    def _take_answers(self) -> None:
        now_s = self._topic.cluster.blocking.now_s()
        while self._batches:
            first, answer = self._batches[0], self._batches[0].answer
            if answer is None:
                return
            if not answer.done:
                if now_s - first.sent_s > GIVES_UP_AFTER_S:
                    self._begin_again()
                return
            try:
                (partition,) = answer.result().responses[0].partition_responses
            except WireError:
                self._begin_again()
                return
            error = error_code(partition.error_code)
            if error in NEXT_TIME:
                self._begin_again()
                return
            if error is not ErrorCode.NONE:
                raise ConformanceViolation(
                    f"the next batch of {self._name}", expected="acknowledged, or to be sent again", actual=error.name
                )
            first.operation.sent(f"{self._topic.name}-0", [first.value], Outcome.OK, partition.base_offset)
            self.acknowledged += 1
            del self._batches[0]

    def _begin_again(self) -> None:
        self._to_leader.leave()
        for batch in self._batches:
            batch.answer = None


class Reader:
    """A consumer that reads the partition from its start, wherever it is led."""

    def __init__(self, topic: Topic, recorder: Recorder, name: str) -> None:
        self._topic = topic
        self._client = recorder.client(name)
        self._to_leader = ToLeader(topic)
        self._waiting: Answer[FetchResponse] | None = None
        self._sent_s = 0.0
        self._operation = self._client.begin()
        self._operation.assigned(f"{topic.name}-0", 0)
        self.position = 0

    def turn(self) -> None:
        """Takes the answer that has come, and fetches on."""
        if self._waiting is not None:
            if not self._waiting.done:
                if self._topic.cluster.blocking.now_s() - self._sent_s > GIVES_UP_AFTER_S:
                    self._begin_again()
                return
            self._take(self._waiting)
        connection = self._to_leader.connection()
        if connection is not None:
            self._operation = self._client.begin()
            self._sent_s = self._topic.cluster.blocking.now_s()
            try:
                self._waiting = connection.start(fetch_request(self._topic, {0: self.position}))
            except WireError:
                self._begin_again()

    def _take(self, answer: Answer[FetchResponse]) -> None:
        self._waiting = None
        try:
            response = answer.result()
        except WireError:
            self._begin_again()
            return
        fetched = Fetched(response.responses[0].partitions[0], response)
        if fetched.error in NEXT_TIME:
            self._begin_again()
            return
        if fetched.error is not ErrorCode.NONE:
            raise ConformanceViolation("reading on", expected="records", actual=f"{fetched} at {self.position}")
        epochs = {header.base_offset: header.partition_leader_epoch for header, _ in fetched.batches}
        seen = [
            Seen(record.offset, record.value, epochs.get(record.offset, -1))
            for record in fetched.records
            if record.offset >= self.position
        ]
        self.position = seen[-1].off + 1 if seen else self.position
        self._operation.polled(f"{self._topic.name}-0", seen, position=self.position)

    def _begin_again(self) -> None:
        self._to_leader.leave()
        self._waiting = None


class Load:
    """Producers and a consumer of one partition, and their history."""

    def __init__(self, cluster: Cluster, topic: Topic) -> None:
        self._cluster = cluster
        self._topic = topic
        self._recorder = Recorder(cluster.blocking.now_s)
        self._writers = [Writer(topic, self._recorder, f"producer {number}") for number in range(PRODUCERS)]
        self._readers = [Reader(topic, self._recorder, "consumer")]

    @property
    def history(self) -> History:
        """What they did and saw."""
        return self._recorder.history

    def turn(self, *, begins: bool = True) -> None:
        """Everybody does what can be done at once."""
        for writer in self._writers:
            writer.turn(begins=begins)
        for reader in self._readers:
            reader.turn()

    def meanwhile(self, look: Callable[[], object], *, what: str) -> None:
        """Goes on until that is so."""

        def turn_and_look() -> bool:
            self.turn()
            return bool(look())

        self._cluster.settled(reachable(turn_and_look), step="load", what=what)

    def progress(self, batches: int) -> None:
        """Goes on until each producer has so many more batches acknowledged."""
        wanted = [writer.acknowledged + batches for writer in self._writers]
        self.meanwhile(
            lambda: all(writer.acknowledged >= least for writer, least in zip(self._writers, wanted, strict=True)),
            what=f"each producer has {batches} more batches acknowledged",
        )

    def finish(self) -> None:
        """Begins nothing new; everything is acknowledged, and a consumer that begins now reads it all."""

        def is_done() -> bool:
            self.turn(begins=False)
            return all(writer.is_done for writer in self._writers)

        self._cluster.settled(is_done, step="load", what="everything is acknowledged")
        end = sum(writer.acknowledged for writer in self._writers)
        self._readers.append(Reader(self._topic, self._recorder, "consumer of the end"))

        def is_read() -> bool:
            self.turn(begins=False)
            return all(reader.position >= end for reader in self._readers)

        self._cluster.settled(is_read, step="load", what=f"consumers have read {end} records")
