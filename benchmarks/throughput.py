"""Produce, consume and the round trip, by confluent-kafka, with each broker in a process of its own."""

import contextlib
import itertools
import time
from collections.abc import Callable, Iterator
from functools import partial

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from benchmarks.peers import apache_kafka, running
from benchmarks.rounds import Figure, compare

PARTITIONS = 4
SIZES = {"100 B": 100, "1 KB": 1000}
_number = itertools.count()


def new_topic(bootstrap: str) -> str:
    """Create a topic and wait until all its partitions have leaders; the mock creates it when it is asked for."""
    topic = f"benchmark-{next(_number)}"
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    with contextlib.suppress(Exception):  # the mock's CreateTopics times out although it creates
        admin.create_topics([NewTopic(topic, PARTITIONS, 1)], request_timeout=2)[topic].result(3)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = admin.list_topics(topic, timeout=5).topics[topic]
        if len(found.partitions) == PARTITIONS and all(p.leader >= 0 for p in found.partitions.values()):
            return topic
    raise RuntimeError(f"{bootstrap}: topic {topic} did not get its {PARTITIONS} partitions")


def produce(bootstrap: str, topic: str, count: int, size: int) -> float:
    """Produce `count` records with acks=all; return records a second."""
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 5, "acks": "all", "log_level": 0})
    producer.list_topics(topic, timeout=10)
    value, partitions = b"v" * size, itertools.cycle(range(PARTITIONS))
    began = time.perf_counter()
    for number in range(count):
        while True:
            try:
                producer.produce(topic, value, partition=next(partitions))
                break
            except BufferError:
                producer.poll(0.01)
        if number % 2000 == 0:
            producer.poll(0)
    if producer.flush(60):
        raise RuntimeError(f"{bootstrap}: records were not acknowledged")
    return count / (time.perf_counter() - began)


def consume(bootstrap: str, topic: str, count: int) -> float:
    """Read `count` records back; return records a second."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "benchmark", "log_level": 0})
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(PARTITIONS)])
    began, seen = time.perf_counter(), 0
    while seen < count:
        batch = consumer.consume(5000, 10)
        if not batch:
            raise RuntimeError(f"{bootstrap}: {seen} of {count} records came back")
        seen += sum(1 for message in batch if message.error() is None)
    rate = seen / (time.perf_counter() - began)
    consumer.close()
    return rate


def round_trip(bootstrap: str, topic: str, count: int) -> float:
    """Produce and await one record at a time; return microseconds for each."""
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 0, "acks": "all", "log_level": 0})
    producer.list_topics(topic, timeout=10)
    began = time.perf_counter()
    for _ in range(count):
        producer.produce(topic, b"v" * 100, partition=0)
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
    for label, size in SIZES.items():
        count = int((300_000 if size < 500 else 120_000) * scale)
        topics = {name: new_topic(address) for name, address in brokers.items()}

        def produced(name: str, topics: dict[str, str] = topics, count: int = count, size: int = size) -> float:
            return produce(brokers[name], topics[name], count, size)

        def consumed(name: str, topics: dict[str, str] = topics, count: int = count) -> float:
            return consume(brokers[name], topics[name], count)

        yield compare(f"produce {label}", "records/s", _each(brokers, produced), rounds=rounds)
        yield compare(f"consume {label}", "records/s", _each(brokers, consumed), rounds=rounds)
    topics = {name: new_topic(address) for name, address in brokers.items()}
    trips = _each(brokers, lambda name: round_trip(brokers[name], topics[name], int(2000 * scale)))
    yield compare("round trip", "us", trips, rounds=rounds, higher_is_better=False)


def _each(brokers: dict[str, str], measure: Callable[[str], float]) -> dict[str, Callable[[], float]]:
    return {name: partial(measure, name) for name in brokers}
