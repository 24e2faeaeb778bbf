"""How long a partition cannot be written after its leader was killed, as a producer of confluent-kafka sees it.

From the kill of the leader's broker to the first acknowledgement of a record that was sent after it. Both clusters have
three brokers, the partition three replicas, and the client its defaults; the controllers have the same timers. In
Apache Kafka the node that is killed may be the active controller, too: the others then elect one first.
"""

import contextlib
import itertools
import time
from collections.abc import Iterator, Mapping
from statistics import median

from confluent_kafka import KafkaError, Message, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from benchmarks.peers import has_java
from benchmarks.rounds import Figure, figure
from kafka_conformance.harness.target import Target
from kafka_conformance.plugins.builtin import make_registry

REPLICAS = 3
LIMIT_S = 60.0
TIMERS: Mapping[str, Mapping[str, str]] = {
    "default timers": {"broker.session.timeout.ms": "9000", "broker.heartbeat.interval.ms": "2000"},
    "a session of 1 s": {"broker.session.timeout.ms": "1000", "broker.heartbeat.interval.ms": "100"},
}
_number = itertools.count()


def run(rounds: int, kafka: str | None, *, smoke: bool = False) -> list[Figure]:
    """Measure with all timers, or only with the shortest; Apache Kafka too where there is a Java to run it on."""
    return [_measure(rounds, name, kafka) for name in list(TIMERS)[-1 if smoke else 0 :]]


def _measure(rounds: int, timers: str, kafka: str | None) -> Figure:
    settings = "".join(f",{name}={value}" for name, value in TIMERS[timers].items())
    targets = {"reference": f"reference:brokers=3{settings}"}
    if kafka is not None and has_java():
        targets[f"Apache Kafka {kafka}"] = f"kafka:{kafka},brokers=3{settings}"
    took: dict[str, list[float]] = {name: [] for name in targets}
    with contextlib.ExitStack() as stack:
        started = {name: stack.enter_context(_started(target)) for name, target in targets.items()}
        for _ in range(rounds):
            for name, target in started.items():
                took[name].append(failover_ms(target))
    medians = {name: median(all_) for name, all_ in took.items()}
    return figure(f"failover after a kill, {timers}", "ms", medians, higher_is_better=False)


@contextlib.contextmanager
def _started(name: str) -> Iterator[Target]:
    target = make_registry().target(name)
    target.start()
    try:
        yield target
    finally:
        target.stop()


def failover_ms(target: Target) -> float:
    """Kill the leader of a new partition and write on; afterwards the broker is there again."""
    servers = ",".join(f"{host}:{port}" for host, port in target.bootstrap)
    client: dict[str, str | int | float | bool] = {"bootstrap.servers": servers, "log_level": 0}
    admin = AdminClient(client)
    topic = f"benchmark-failover-{next(_number)}"
    admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=REPLICAS)])[topic].result(LIMIT_S)
    leader = _wait_until_in_sync(admin, topic)
    producer = Producer({**client, "acks": "all", "linger.ms": 0})
    _write_until_acknowledged(producer, topic)
    began = time.perf_counter()
    target.kill(leader)
    took = (_write_until_acknowledged(producer, topic) - began) * 1000
    producer.flush(LIMIT_S)
    target.restart(leader)
    _wait_until_in_sync(admin, topic)
    return took


def _write_until_acknowledged(producer: Producer, topic: str) -> float:
    """Send a record each few milliseconds until one of them is acknowledged; return when that was."""
    acknowledged: list[float] = []

    def report(error: KafkaError | None, _: Message) -> None:
        if error is not None:
            raise RuntimeError(f"a record was lost to the producer: {error}")
        acknowledged.append(time.perf_counter())

    deadline = time.perf_counter() + LIMIT_S
    while not acknowledged:
        if time.perf_counter() > deadline:
            raise RuntimeError(f"nothing was acknowledged within {LIMIT_S:.0f} s")
        producer.produce(topic, b"v", partition=0, on_delivery=report)
        producer.poll(0.002)
    return acknowledged[0]


def _wait_until_in_sync(admin: AdminClient, topic: str) -> int:
    """Wait until all replicas of the partition are in sync; return its leader."""
    deadline = time.perf_counter() + LIMIT_S
    while time.perf_counter() < deadline:
        found = admin.list_topics(topic, timeout=10).topics[topic].partitions.get(0)
        if found is not None and found.leader >= 0 and len(found.isrs) == REPLICAS:
            return int(found.leader)
        time.sleep(0.05)
    raise RuntimeError(f"{topic} did not get {REPLICAS} replicas in sync within {LIMIT_S:.0f} s")
