"""The `kafka` fixture: a cluster of a test's own, with faults on command."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from kafka_conformance.harness.errors import UsageError
from kafka_conformance.plugins.clients.aiokafka import aiokafka
from kafka_conformance.plugins.fixture.kafka import Kafka
from tests.reference_broker.transactions.support import Producer, until
from tests.reference_broker.wire import Wire


async def place_order(bootstrap_servers: str) -> None:
    producer = aiokafka.AIOKafkaProducer(bootstrap_servers=bootstrap_servers, retry_backoff_ms=5)
    await producer.start()
    try:
        await producer.send_and_wait("orders", b"x", key=b"42")
    finally:
        await producer.stop()


def test_orders_survive_a_leader_change(kafka: Kafka) -> None:
    kafka.create_topic("orders", partitions=3)
    with kafka.fail("Produce", error="NOT_LEADER_OR_FOLLOWER", times=2) as fault:
        asyncio.run(place_order(kafka.bootstrap_servers))
    assert fault.count == 2
    assert [record.key for record in kafka.records("orders")] == [b"42"]
    assert [
        request.response.responses[0].partition_responses[0].error_code for request in kafka.requests("Produce")
    ] == [
        6,
        6,
        0,
    ]


def test_each_test_has_a_cluster_of_its_own(kafka: Kafka) -> None:
    kafka.create_topic("orders")  # the test above made one of that name
    assert kafka.records("orders") == []
    assert kafka.requests() == []


def test_it_can_be_used_from_inside_a_coroutine(kafka: Kafka) -> None:
    async def main() -> list[bytes | None]:
        kafka.create_topic("t")
        kafka.produce("t", b"1", headers=(("h", None),))
        return [record.value for record in kafka.records("t")]

    assert asyncio.run(main()) == [b"1"]


def test_records_show_all_that_is_stored(kafka: Kafka) -> None:
    kafka.create_topic("t", partitions=2)
    assert kafka.produce("t", b"1", key=b"k", partition=1, headers=(("h", b"x"),), timestamp=5) == 0
    [stored] = kafka.records("t")
    assert (stored.partition, stored.offset, stored.key, stored.value) == (1, 0, b"k", b"1")
    assert (stored.headers, stored.timestamp) == ((("h", b"x"),), 5)
    assert kafka.records("t", partition=0) == []
    assert kafka.committed("nobody", "t") is None


def test_a_killed_broker_comes_back_with_its_records(kafka: Kafka) -> None:
    kafka.create_topic("t")
    kafka.produce("t", b"1")
    kafka.kill()
    kafka.restart()
    assert [record.value for record in kafka.records("t")] == [b"1"]


def test_faults_disconnect_delay_and_silence(kafka: Kafka) -> None:
    with kafka.fail("ApiVersions", disconnect=True) as fault, pytest.raises(aiokafka.errors.KafkaError):
        asyncio.run(place_order(kafka.bootstrap_servers))
    assert fault.count >= 1
    delayed = kafka.fail("Metadata", delay_ms=1, times=1, client_id="somebody")
    delayed.remove()
    delayed.remove()
    assert delayed.count == 0


def test_markers_are_held_until_the_fault_is_removed(kafka: Kafka) -> None:
    kafka.create_topic("orders")
    with Wire(kafka.bootstrap_servers) as wire:
        producer = Producer(wire, "x")
        producer.find()
        producer.init()
        with kafka.fail("WriteTxnMarkers", hold=True) as fault:
            producer.produce("orders", b"v")
            producer.end(True)
            until(lambda: fault.count, bool)
            assert producer.described().transaction_state == "PrepareCommit"

        assert producer.settled().transaction_state == "CompleteCommit"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"api": "Produse", "error": 6}, "no API 'Produse'"),
        ({"api": "Produce", "error": "NOT_LEADER"}, "no error 'NOT_LEADER'"),
        ({"api": "Produce", "error": 12345}, "no error has that number"),
        ({"api": "Produce"}, "expected exactly one fault"),
        ({"api": "Produce", "error": 6, "delay_ms": 5}, "expected exactly one fault"),
        ({"api": "Produce", "error": 6, "times": 0}, "expected a positive number"),
    ],
)
def test_what_cannot_fail_that_way_is_refused(kafka: Kafka, arguments: dict[str, object], expected: str) -> None:
    with pytest.raises(UsageError, match=expected):
        kafka.fail(**arguments)  # type: ignore[arg-type]


def test_other_clusters_have_their_size_and_settings(kafka_cluster: Callable[..., Kafka]) -> None:
    three = kafka_cluster(brokers=3, settings={"num.partitions": "4"})
    assert three.nodes == (1, 2, 3)
    assert len(three.bootstrap_servers.split(",")) == 3
    with pytest.raises(pytest.UsageError, match=r"num\.partitons"):
        kafka_cluster(settings={"num.partitons": "4"})


def run_pytest(directory: Path, source: str, *options: str) -> subprocess.CompletedProcess[str]:
    """pytest in a process of its own, on one file."""
    (directory / "test_inner.py").write_text(textwrap.dedent(source))
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rs", "-c", "/dev/null", "--rootdir", "."]
    return subprocess.run([*command, *options], cwd=directory, capture_output=True, text=True, check=False)


def test_without_our_fixtures_nothing_of_us_is_imported(tmp_path: Path) -> None:
    source = """
    import sys
    def test_it():
        ours = {name for name in sys.modules if name.startswith("kafka_conformance.")}
        assert ours
        assert not {name for name in ours if name.split(".")[1] in ("reference_broker", "protocol", "reports")}
        assert "hypothesis" not in sys.modules
    """
    result = run_pytest(tmp_path, source, "-p", "no:hypothesispytest")
    assert "1 passed" in result.stdout
    assert "kafka" not in result.stdout.replace("kafka-conformance-0", "")


@pytest.mark.slow
def test_what_a_target_cannot_do_skips_with_its_reason(tmp_path: Path, kafka: Kafka) -> None:
    source = """
    def test_it(kafka):
        kafka.create_topic("shared")
        kafka.produce("shared", b"1")
        kafka.fail("Produce", error=6)
    """
    target = f"tcp:{kafka.bootstrap_servers}"
    result = run_pytest(tmp_path, source, "--kafka-target", target)
    assert "1 skipped" in result.stdout
    assert f"{target} cannot answer requests with faults" in result.stdout
    kafka.create_topic("shared")  # it was deleted behind the test


@pytest.mark.slow
def test_a_bad_option_is_a_usage_error(tmp_path: Path) -> None:
    result = run_pytest(tmp_path, "def test_it(kafka): pass", "--kafka-target", "kafak:4.3.1")
    assert "Did you mean 'kafka'" in result.stdout + result.stderr
    assert result.returncode != 0
