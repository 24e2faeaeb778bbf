"""Where Apache Kafka cannot be run, what needs it is skipped, and says why."""

import subprocess

import pytest

from kafka_conformance.harness.errors import TargetError
from kafka_conformance.plugins.targets.kafka import artifacts, find_java, jars

VERSION = "4.3.1"
QUICK = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xshare:auto",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
)
TOOL_WITHIN_S = 240


def require_apache_kafka() -> None:
    """Skips the test where there is no Java, or where the jars cannot be had."""
    try:
        find_java()
        jars(VERSION)
    except TargetError as error:
        pytest.skip(str(error))


def jars_of(artifact: str) -> list[str]:
    """The jars of one of its artifacts and of what that needs, with a logger. Raises TargetError."""
    return artifacts(f"org.apache.kafka:{artifact}:{VERSION}")


def run_tool(name: str, *arguments: str) -> str:
    """What a command of Kafka's own tools prints; skips the test where it cannot be run."""
    try:
        java, classpath = find_java(), ":".join(jars_of("kafka-tools"))
    except TargetError as error:
        pytest.skip(f"Kafka's tools cannot be run here: {error}")
    command = [java, *QUICK, "-cp", classpath, f"org.apache.kafka.tools.{name}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TOOL_WITHIN_S)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "Exception" not in done.stderr, done.stderr[-3000:]
    return done.stdout


def dump_log_segments(*arguments: str) -> str:
    """What Kafka's own DumpLogSegments prints."""
    return run_tool("DumpLogSegments", *arguments)
