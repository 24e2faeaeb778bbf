"""Where Apache Kafka cannot be run, what needs it is skipped, and says why."""

import subprocess

import pytest

from kafka_conformance.harness.errors import TargetError
from kafka_conformance.plugins.targets.kafka import artifacts, find_java, jars

VERSION = "4.3.1"


def require_apache_kafka() -> None:
    """Skips the test where there is no Java, or where the jars cannot be had."""
    try:
        find_java()
        jars(VERSION)
    except TargetError as error:
        pytest.skip(str(error))


def run_tool(name: str, *arguments: str) -> str:
    """What a command of Kafka's own tools prints; skips the test where it cannot be run."""
    try:
        java, tools = find_java(), ":".join(jars_of("kafka-tools"))
    except TargetError as error:
        pytest.skip(str(error))
    command = [java, "-XX:TieredStopAtLevel=1", "-cp", tools, f"org.apache.kafka.tools.{name}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "Exception" not in done.stderr, done.stderr[-3000:]
    return done.stdout


def dump_log_segments(*arguments: str) -> str:
    """What Kafka's own DumpLogSegments prints."""
    return run_tool("DumpLogSegments", *arguments)


def jars_of(artifact: str) -> list[str]:
    """The jars of one of its artifacts and of what that needs, with a logger. Raises TargetError."""
    return artifacts(f"org.apache.kafka:{artifact}:{VERSION}")
