"""Produce, consume and the round trip, by confluent-kafka, with each broker in a process of its own.

Each round writes topics of its own: the mock keeps 5 MiB of a partition, and a log that was just written is what all
brokers have in memory.
"""

import contextlib
import itertools
import time
from collections.abc import Iterator
from statistics import median

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, PartitionMetadata

from benchmarks.peers import apache_kafka, running
from benchmarks.rounds import Figure, figure

PARTITIONS = 4
"""Of each topic: what the mock gives a topic that is created by asking for it."""
TOPICS = 4
LOADS = {"100 B": (100, 300_000), "1 KB": (1000, 70_000)}
_number = itertools.count()

Log = list[TopicPartition]


def new_log(bootstrap: str) -> Log:
    """Create topics by asking for them, and wait until all replicas of their partitions are in sync."""
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    names = [f"benchmark-{next(_number)}" for _ in range(TOPICS)]
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = [admin.list_topics(name, timeout=5).topics[name].partitions for name in names]
        if all(len(each) == PARTITIONS and all(map(_is_ready, each.values())) for each in found):
            return [TopicPartition(name, partition, 0) for name in names for partition in range(PARTITIONS)]
    raise RuntimeError(f"{bootstrap}: the topics {names} did not get {PARTITIONS} partitions each")


def _is_ready(partition: PartitionMetadata) -> bool:
    return partition.leader >= 0 and len(partition.isrs) == len(partition.replicas)


def produce(bootstrap: str, log: Log, count: int, size: int) -> float:
    """Produce `count` records with acks=all; return records a second."""
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 5, "acks": "all", "log_level": 0})
    producer.list_topics(timeout=10)
    value, places = b"v" * size, itertools.cycle([(place.topic, place.partition) for place in log])
    began = time.perf_counter()
    for number in range(count):
        topic, partition = next(places)
        while True:
            try:
                producer.produce(topic, value, partition=partition)
                break
            except BufferError:
                producer.poll(0.01)
        if number % 2000 == 0:
            producer.poll(0)
    if producer.flush(60):
        raise RuntimeError(f"{bootstrap}: records were not acknowledged")
    return count / (time.perf_counter() - began)


def consume(bootstrap: str, log: Log, count: int) -> float:
    """Read `count` records back; return records a second."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "benchmark", "log_level": 0})
    consumer.assign(log)
    began, seen = time.perf_counter(), 0
    while seen < count:
        batch = consumer.consume(5000, 10)
        if not batch:
            raise RuntimeError(f"{bootstrap}: {seen} of {count} records came back")
        seen += sum(1 for message in batch if message.error() is None)
    rate = seen / (time.perf_counter() - began)
    consumer.close()
    return rate


def round_trip(bootstrap: str, log: Log, count: int) -> float:
    """Produce and await one record at a time; return microseconds for each."""
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 0, "acks": "all", "log_level": 0})
    producer.list_topics(timeout=10)
    began = time.perf_counter()
    for _ in range(count):
        producer.produce(log[0].topic, b"v" * 100, partition=0)
        producer.flush(10)
    return (time.perf_counter() - began) / count * 1e6


def run(rounds: int, scale: float, kafka: str | None) -> list[Figure]:
    """Measure all brokers; `scale` shrinks the counts."""
    with contextlib.ExitStack() as stack:
        brokers: dict[str, str] = {name: stack.enter_context(running(name)) for name in ("reference", "mock")}
        if kafka is not None and (address := stack.enter_context(apache_kafka(kafka))) is not None:
            brokers[f"Apache Kafka {kafka}"] = address
        return list(_figures(brokers, rounds, scale))


def _figures(brokers: dict[str, str], rounds: int, scale: float) -> Iterator[Figure]:
    for label, (size, records) in LOADS.items():
        count = int(records * scale)
        produced: dict[str, list[float]] = {name: [] for name in brokers}
        consumed: dict[str, list[float]] = {name: [] for name in brokers}
        for _ in range(rounds):
            for name, address in brokers.items():
                log = new_log(address)
                produced[name].append(produce(address, log, count, size))
                consumed[name].append(consume(address, log, count))
        yield figure(f"produce {label}", "records/s", {name: median(all_) for name, all_ in produced.items()})
        yield figure(f"consume {label}", "records/s", {name: median(all_) for name, all_ in consumed.items()})
    trips: dict[str, list[float]] = {name: [] for name in brokers}
    for _ in range(rounds):
        for name, address in brokers.items():
            trips[name].append(round_trip(address, new_log(address), int(2000 * scale)))
    medians = {name: median(all_) for name, all_ in trips.items()}
    yield figure("round trip", "us", medians, higher_is_better=False)
