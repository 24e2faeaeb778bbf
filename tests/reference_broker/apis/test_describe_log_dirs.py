"""DescribeLogDirs, as observed on Apache Kafka 4.3.1."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kafka_conformance.protocol.messages.describe_log_dirs import DescribableLogDirTopic, DescribeLogDirsRequest
from kafka_conformance.reference_broker.storage import Space
from kafka_conformance.reference_broker.storage.disk import DiskStorage
from tests.reference_broker.wire import RunningCluster, Wire, batch, produce


def describe(wire: Wire, wanted: dict[str, list[int]] | None, version: int = 5) -> Any:
    topics = None
    if wanted is not None:
        topics = [DescribableLogDirTopic(topic=name, partitions=indexes) for name, indexes in wanted.items()]
    answer = wire.ask(DescribeLogDirsRequest(topics=topics), version)
    assert answer.error_code == 0
    (result,) = answer.results
    return result


def found(result: Any) -> dict[tuple[str, int], int]:
    """The bytes of each partition."""
    return {
        (topic.name, each.partition_index): each.partition_size for topic in result.topics for each in topic.partitions
    }


def test_a_partition_is_as_long_as_its_batches(running: RunningCluster, wire: Wire) -> None:
    topic, records = running.topic(partitions=2), batch(b"a" * 1000)
    for _ in range(3):
        assert produce(wire, topic, records, partition=1).error_code == 0

    result = describe(wire, {topic: [0, 1]})

    assert found(result) == {(topic, 0): 0, (topic, 1): 3 * len(records)}
    assert all((each.offset_lag, each.is_future_key) == (0, False) for each in result.topics[0].partitions)
    assert (result.error_code, result.is_cordoned) == (0, False)


def test_null_asks_for_everything_and_an_empty_list_for_nothing(running: RunningCluster, wire: Wire) -> None:
    topic = running.topic(partitions=2)

    assert {(topic, 0), (topic, 1)} <= found(describe(wire, None)).keys()
    assert found(describe(wire, {})) == {}


def test_what_is_not_kept_here_is_left_out(running: RunningCluster, wire: Wire) -> None:
    topic = running.topic()

    for version in range(1, 6):
        assert found(describe(wire, {topic: [0, 7], "no-such-topic": [0]}, version)) == {(topic, 0): 0}


def test_each_broker_speaks_of_its_own_replicas() -> None:
    with RunningCluster({"default.replication.factor": "1"}, brokers=3) as cluster:
        topic = cluster.topic(partitions=3)
        partitions = cluster.cluster.controller.image.topics[topic].partitions
        for node in (1, 2, 3):
            kept = [(topic, index) for index, each in enumerate(partitions) if node in each.replicas]
            with cluster.wire(node) as wire:
                assert sorted(found(describe(wire, {topic: [0, 1, 2]}))) == kept


def test_a_directory_says_where_it_is_and_how_much_room_there_is(tmp_path: Path, wire: Wire) -> None:
    storage = DiskStorage(tmp_path)
    space = storage.space()
    storage.close()

    assert storage.location == str(tmp_path)
    assert 0 < space.usable_bytes < space.total_bytes
    result = describe(wire, None)
    assert (result.log_dir, result.total_bytes, result.usable_bytes) == ("memory", *Space())
