"""What stands behind the colon of a target: taken, or refused with what is allowed. Nothing is started."""

from __future__ import annotations

import pytest

from kafka_conformance.harness.errors import TargetError, UsageError
from kafka_conformance.plugins.builtin import make_registry
from kafka_conformance.plugins.targets import exec as exec_target
from kafka_conformance.plugins.targets import kafka as kafka_target
from kafka_conformance.plugins.targets import tcp as tcp_target

REGISTRY = make_registry()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tcp:", "expected an address"),
        ("tcp:host", "expected an address"),
        ("tcp:host:0", "expected an address"),
        ("tcp:host:65536", "expected an address"),
        ("tcp:host:9092,", "expected an address"),
        ("kafka:", "expected a version"),
        ("kafka:4.3", "expected a version"),
        ("kafka:3.2.9", "from 3.3.0"),
        ("kafka:4.3.1,broken", "expected a setting, not 'broken'"),
        ("kafka:4.3.1,brokers=x", "brokers: expected a number, not 'x'"),
        ("kafka:4.3.1,brokers=10", "1 to 9"),
        ("reference:brokers=2,rf=3", "rf: expected a number, not '3'"),
        ("reference:broker=3", "Did you mean 'brokers'"),
        ("reference:brokers=x", "brokers: expected a number, not 'x'"),
        ("reference:brokers", "expected an option"),
        ("reference:num.partitons=3", "num.partitions"),
        ("reference:mutant=no/such", "no mutant 'no/such'"),
        ("sim:data=/tmp/x", "unknown option 'data'"),
        ("sim:seed=-1", "expected a number"),
        ("mock:brokers=0", "expected an option"),
        ("exec:", "expected a command"),
        ("exec:'unclosed", "cannot be read"),
        ("exec:broker --listen 9092", "expected placeholders"),
        ("exec:broker {port} {prot}", "expected placeholders"),
    ],
)
def test_a_bad_argument_is_refused_with_its_place(text: str, expected: str) -> None:
    with pytest.raises(UsageError) as caught:
        REGISTRY.target(text, where="here")
    assert str(caught.value).startswith("here: ")
    assert expected in str(caught.value)


def test_addresses_may_be_several_and_ipv6() -> None:
    target = tcp_target.create("a:1,[::1]:2", "tcp")
    assert list(target.bootstrap) == [("a", 1), ("::1", 2)]


def test_settings_follow_a_kafka_version() -> None:
    target = kafka_target.create("4.3.1,num.partitions=3,log.cleaner.backoff.ms=1", "kafka")
    assert target.kafka_version == "4.3.1"
    assert target.kafka_version in target.description


def test_several_nodes_can_be_paused_and_one_cannot() -> None:
    several = kafka_target.create("4.3.1,brokers=3", "kafka")
    assert several.capabilities == {"kill", "pause", "restart", "three-nodes"}
    assert "3 nodes" in several.description
    assert "pause" not in kafka_target.create("4.3.1,brokers=1", "kafka").capabilities


def test_an_old_java_or_none_is_a_target_error(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(TargetError, match="needs Java 17 or newer: none on PATH"):
        kafka_target.find_java()
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    with pytest.raises(TargetError, match="/nowhere/bin/java cannot be run"):
        kafka_target.find_java()


def test_a_command_that_is_not_there_is_a_target_error() -> None:
    target = exec_target.create("/nowhere/broker {port}", "exec")
    with pytest.raises(TargetError, match="/nowhere/broker: No such file"):
        target.start()


def test_a_command_that_ends_says_with_what_and_shows_its_last_words() -> None:
    target = exec_target.create("""/bin/sh -c 'echo about to fail >&2; exit 3' {port}""", "exec")
    with pytest.raises(TargetError, match=r"/bin/sh ended with status 3\nabout to fail"):
        target.start()
    target.close_loop()
