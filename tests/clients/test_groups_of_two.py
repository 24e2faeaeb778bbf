"""Two members of a group, of unmodified client libraries, share a topic of the reference broker and take over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from kafka_conformance.harness.client import ClientAdapter, Consumer, ConsumerOptions, Message, Received
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.plugins.builtin import make_registry

pytestmark = pytest.mark.slow

PACKAGES = {"confluent": "confluent_kafka", "kafka-python": "kafka", "aiokafka": "aiokafka"}
RUNS = [
    ("reference:group.min.session.timeout.ms=1000", "confluent"),
    ("reference:group.min.session.timeout.ms=1000", "kafka-python"),
    ("reference:group.min.session.timeout.ms=1000", "aiokafka"),
    ("sim:group.min.session.timeout.ms=1000", "aiokafka"),
]
WITHIN_S = 30.0
POLL_S = 0.5
COUNT = 40


@pytest.fixture(params=RUNS, ids=[f"{client}-{target.partition(':')[0]}" for target, client in RUNS])
def driven(request: pytest.FixtureRequest) -> Iterator[tuple[Cluster, ClientAdapter]]:
    """A running broker and the library against it."""
    target_text, client = request.param
    pytest.importorskip(PACKAGES[client], reason=f"{client} is not installed")
    registry = make_registry()
    target = registry.target(target_text)
    target.start()
    cluster = Cluster(target, "pair")
    adapter = registry.client(client).create(target)
    yield cluster, adapter
    adapter.close()
    cluster.close()
    target.stop()
    target.close_loop()


class Pair:
    """Members that are polled at the same time, as two processes would be, with what they got.

    kafka-python gives up a join when its poll ends: polled in turn, two members can make each other join for ever.
    In virtual time one thread runs everything, and they are polled in turn.
    """

    def __init__(self, cluster: Cluster, members: list[Consumer]) -> None:
        self._cluster = cluster
        self.members = members
        self.received: list[Received] = []

    def poll_until(self, condition: Callable[[], bool], what: str) -> None:
        """Polls all members until the condition holds."""

        def look() -> bool:
            for records in self._polled():
                self.received += records
            return condition()

        self._cluster.eventually(look, within_s=WITHIN_S, what=what)

    def _polled(self) -> list[list[Received]]:
        if "virtual-time" in self._cluster.capabilities:
            return [member.poll(POLL_S) for member in self.members]
        with ThreadPoolExecutor(len(self.members)) as threads:
            return list(threads.map(lambda member: member.poll(POLL_S), self.members))

    @property
    def shares(self) -> list[int]:
        """How many partitions each member holds."""
        return [len(member.assignment()) for member in self.members]


def test_partitions_are_shared_taken_over_and_nothing_committed_is_read_again(
    driven: tuple[Cluster, ClientAdapter],
) -> None:
    cluster, adapter = driven
    with cluster.topic(partitions=4) as topic, cluster.group() as group:
        with adapter.producer() as producer:
            sent = [Message(b"%d" % number, partition=number % 4) for number in range(COUNT)]
            assert [place.partition for place in producer.send(topic.name, sent)] == [each.partition for each in sent]
        options = ConsumerOptions(group=group.name, session_timeout_ms=3_000)
        with adapter.consumer(options) as first:
            pair = Pair(cluster, [first])
            first.subscribe([topic.name])
            pair.poll_until(lambda: len(pair.received) == COUNT, "the first member reads everything")
            first.commit({(topic.name, partition): COUNT // 4 for partition in range(4)})

            with adapter.consumer(options) as second:
                pair.members.append(second)
                second.subscribe([topic.name])
                pair.poll_until(lambda: pair.shares == [2, 2], "both hold two partitions")
                assert first.assignment().isdisjoint(second.assignment())

                taken = min(partition for _, partition in second.assignment())
                topic.produce([b"for the second"], partition=taken)
                pair.poll_until(lambda: len(pair.received) > COUNT, "the new record is read")
                assert pair.received[COUNT:] == [pair.received[-1]]
                assert (pair.received[-1].value, pair.received[-1].partition) == (b"for the second", taken)
                second.commit({(topic.name, taken): COUNT // 4 + 1})
                pair.members.remove(second)

            pair.poll_until(lambda: pair.shares == [4], "the first member holds all again")
            assert len(pair.received) == COUNT + 1
            assert first.committed(topic.name, taken) == COUNT // 4 + 1
