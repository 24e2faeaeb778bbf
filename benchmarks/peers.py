"""The brokers that are measured, each in a process of its own."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from os.path import dirname, join

MOCK = """
import sys, confluent_kafka
producer = confluent_kafka.Producer({"test.mock.num.brokers": 1, "log_level": 0})
broker = next(iter(producer.list_topics(timeout=10).brokers.values()))
print(f"bootstrap.servers={broker.host}:{broker.port}", flush=True)
sys.stdin.read()
"""
COMPILED = {
    "PYTHONDONTWRITEBYTECODE": "",
    "PYTHONPYCACHEPREFIX": os.path.join(tempfile.gettempdir(), "kafka-conformance-bytecode"),
}
"""All run from compiled bytecode, as they do once installed by pip."""
SERVE = [join(dirname(sys.executable), "kafka-conformance"), "serve", "--set", "num.partitions=4"]
COMMANDS = {
    "reference": SERVE,
    "reference:brokers=3": [*SERVE, "--brokers", "3", "--set", "default.replication.factor=3"],
    "mock": [sys.executable, "-c", MOCK],
}


def start(name: str) -> tuple[subprocess.Popen[str], str]:
    """Start a broker's process and return it with its address, once it has printed that."""
    process = subprocess.Popen(
        COMMANDS[name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **COMPILED},
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("bootstrap.servers="):
            return process, line.partition("=")[2].strip()
    raise RuntimeError(f"{name} ended with status {process.wait()} before it was ready")


def stop(process: subprocess.Popen[str]) -> None:
    """End a broker's process."""
    process.terminate()
    process.communicate(timeout=20)


@contextlib.contextmanager
def running(name: str) -> Iterator[str]:
    """A broker for the time of a with-block: its bootstrap servers."""
    process, address = start(name)
    try:
        yield address
    finally:
        stop(process)


def has_java() -> bool:
    """Whether Apache Kafka can be had here."""
    return shutil.which("java") is not None


@contextlib.contextmanager
def apache_kafka(version: str) -> Iterator[str | None]:
    """Apache Kafka for the time of a with-block; None where it cannot be had here."""
    if not has_java():
        yield None
        return
    from kafka_conformance.plugins.targets.kafka import KafkaTarget

    target = KafkaTarget(f"kafka:{version}", version, {"num.partitions": "4"})
    target.start()
    try:
        host, port = target.bootstrap[0]
        yield f"{host}:{port}"
    finally:
        target.stop()
