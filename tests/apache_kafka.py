"""Where Apache Kafka cannot be run, what needs it is skipped, and says why."""

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


def jars_of(artifact: str) -> list[str]:
    """The jars of one of its artifacts and of what that needs, with a logger. Raises TargetError."""
    return artifacts(f"org.apache.kafka:{artifact}:{VERSION}")
