"""What every target and every client adapter keeps: test classes for the authors of plugins to inherit.

from kafka_conformance.harness.contracts import ClientContract, TargetContract

class TestOurTarget(TargetContract):
    def make_target(self):
        return OurTarget("ours:x")
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator

import pytest

from kafka_conformance.harness.capabilities import CAPABILITIES
from kafka_conformance.harness.client import (
    ClientAdapter,
    ClientError,
    Consumer,
    ConsumerOptions,
    Message,
    ProducerOptions,
    Received,
)
from kafka_conformance.harness.readiness import is_alive
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.target import Target

WITHIN_S = 20.0


class TargetContract:
    """Inherit it and say how one is made."""

    @classmethod
    @abstractmethod
    def make_target(cls) -> Target:
        """A target that was not started."""

    @pytest.fixture(scope="class")
    @classmethod
    def target(cls) -> Iterator[Target]:
        """A running one."""
        target = cls.make_target()
        target.start()
        yield target
        target.stop()
        target.close_loop()

    @pytest.fixture(scope="class")
    @classmethod
    def running(cls, target: Target) -> Iterator[Cluster]:
        """The same as cases see it."""
        cluster = Cluster(target, "contract")
        yield cluster
        cluster.close()

    def test_it_answers_when_start_returns(self, target: Target) -> None:
        assert is_alive(target)
        assert target.problem() is None

    def test_it_names_itself(self, target: Target) -> None:
        assert target.name
        assert target.description

    def test_it_declares_only_capabilities_that_exist(self, target: Target) -> None:
        assert target.capabilities <= CAPABILITIES.keys()

    def test_records_can_be_written_and_read(self, running: Cluster) -> None:
        with running.topic() as topic:
            assert topic.produce([b"a", b"b"]).base_offset == 0
            assert [record.value for record in topic.records()] == [b"a", b"b"]

    def test_a_node_that_restarts_keeps_its_records_if_it_declares_that(self, running: Cluster) -> None:
        if "restart" not in running.capabilities:
            pytest.skip("it does not declare restart")
        with running.topic() as topic:
            topic.produce([b"kept"])
            running.restart()
            topic.refresh()
            assert [record.value for record in topic.records()] == [b"kept"]

    def test_a_killed_node_can_be_started_again_if_it_declares_that(self, running: Cluster) -> None:
        if not running.capabilities >= {"kill", "restart"}:
            pytest.skip("it does not declare kill and restart")
        node = running.node_ids[0]
        running.kill(node)
        running.restart(node)
        assert running.shared(node).is_usable()

    def test_stop_may_come_twice_and_before_start(self) -> None:
        target = self.make_target()
        target.stop()
        target.stop()
        target.close_loop()


class ClientContract:
    """Inherit it and say how an adapter is made, and against what."""

    @classmethod
    @abstractmethod
    def make_target(cls) -> Target:
        """A target that was not started."""

    @classmethod
    @abstractmethod
    def make_client(cls, target: Target) -> ClientAdapter:
        """The adapter under test."""

    @pytest.fixture(scope="class")
    @classmethod
    def running(cls) -> Iterator[Cluster]:
        """A running target."""
        target = cls.make_target()
        target.start()
        cluster = Cluster(target, "contract")
        yield cluster
        cluster.close()
        target.stop()
        target.close_loop()

    @pytest.fixture(scope="class")
    @classmethod
    def adapter(cls, running: Cluster) -> Iterator[ClientAdapter]:
        """The adapter, closed at the end."""
        adapter = cls.make_client(running.target)
        yield adapter
        adapter.close()

    def test_it_knows_its_version(self, adapter: ClientAdapter) -> None:
        assert adapter.version[0].isdigit()

    def test_what_it_sends_comes_back_as_it_was(self, running: Cluster, adapter: ClientAdapter) -> None:
        sent = [
            Message(b"1", key=b"k", partition=0),
            Message(b"", partition=0, headers=(("h", b"1"), ("h", b"2"))),
            Message(None, key=b"", partition=0),
        ]
        with running.topic() as topic, adapter.producer() as producer, adapter.consumer() as consumer:
            placed = producer.send(topic.name, sent)
            consumer.assign({(topic.name, 0): 0})
            received = read(consumer, len(sent))

        assert [(place.partition, place.offset) for place in placed] == [(0, 0), (0, 1), (0, 2)]
        assert [(got.key, got.value, got.headers) for got in received] == [(m.key, m.value, m.headers) for m in sent]

    def test_a_timestamp_comes_back_as_it_was(self, running: Cluster, adapter: ClientAdapter) -> None:
        # Not from long ago: retention would take the record away.
        with running.topic() as topic, adapter.producer() as producer, adapter.consumer() as consumer:
            producer.send(topic.name, [Message(b"1")])
            consumer.assign({(topic.name, 0): 0})
            [first] = read(consumer, 1)
            producer.send(topic.name, [Message(b"2", timestamp_ms=first.timestamp_ms - 10)])

            assert [got.timestamp_ms for got in read(consumer, 1)] == [first.timestamp_ms - 10]

    def test_an_idempotent_producer_with_compression_sends(self, running: Cluster, adapter: ClientAdapter) -> None:
        options = ProducerOptions(idempotent=True, compression="gzip")
        with running.topic() as topic, adapter.producer(options) as producer:
            assert [place.offset for place in producer.send(topic.name, [Message(b"1"), Message(b"2")])] == [0, 1]

    def test_a_partition_that_is_not_there_is_a_client_error(self, running: Cluster, adapter: ClientAdapter) -> None:
        with running.topic() as topic, adapter.producer() as producer, pytest.raises(ClientError):
            producer.send(topic.name, [Message(b"1", partition=99)])

    def test_a_key_has_one_partition(self, running: Cluster, adapter: ClientAdapter) -> None:
        with running.topic(partitions=12) as topic:
            assert adapter.partition_for(topic.name, b"foobar") == adapter.partition_for(topic.name, b"foobar")

    def test_seek_goes_back(self, running: Cluster, adapter: ClientAdapter) -> None:
        with running.topic() as topic, adapter.consumer() as consumer:
            topic.produce([b"a", b"b", b"c"])
            consumer.assign({(topic.name, 0): 0})
            read(consumer, 3)
            consumer.seek(topic.name, 0, 1)

            assert [got.offset for got in read(consumer, 2)] == [1, 2]
            assert consumer.position(topic.name, 0) == 3

    def test_a_member_gets_all_partitions_and_goes_on_where_the_group_was(
        self, running: Cluster, adapter: ClientAdapter
    ) -> None:
        with running.topic(partitions=2) as topic, running.group() as group:
            topic.produce([b"a", b"b"])
            options = ConsumerOptions(group=group.name)
            with adapter.consumer(options) as first:
                first.subscribe([topic.name])
                assert [got.value for got in read(first, 2)] == [b"a", b"b"]
                assert first.assignment() == {(topic.name, 0), (topic.name, 1)}
                first.commit({(topic.name, 0): 1})
                assert first.committed(topic.name, 0) == 1
                assert first.committed(topic.name, 1) is None
            with adapter.consumer(options) as second:
                second.subscribe([topic.name])
                assert [got.value for got in read(second, 1)] == [b"b"]


def read(consumer: Consumer, count: int, within_s: float = WITHIN_S) -> list[Received]:
    """Polls until so many records came; fewer after that many seconds."""
    received: list[Received] = []
    polls = round(within_s / 0.5)
    for _ in range(polls):
        received += consumer.poll(0.5)
        if len(received) >= count:
            break
    return received
