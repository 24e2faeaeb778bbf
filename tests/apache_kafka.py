"""Where Apache Kafka cannot be run, what needs it is skipped, and says why."""

import subprocess

import pytest

from kafka_conformance.harness.errors import TargetError
from kafka_conformance.plugins.targets.kafka import find_java, jars

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
    jgo = pytest.importorskip("jgo", reason="Kafka's jars come through jgo")
    try:
        java = find_java()
    except TargetError as error:
        pytest.skip(f"Kafka's tools cannot be run here: {error}")
    tools = ":".join(str(artifact.resolve()) for artifact in jgo.resolve(f"org.apache.kafka:kafka-tools:{VERSION}"))
    command = [java, "-XX:TieredStopAtLevel=1", "-cp", tools, f"org.apache.kafka.tools.{name}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "Exception" not in done.stderr, done.stderr[-3000:]
    return done.stdout


def dump_log_segments(*arguments: str) -> str:
    """What Kafka's own DumpLogSegments prints."""
    return run_tool("DumpLogSegments", *arguments)
