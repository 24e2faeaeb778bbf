"""`kafka-conformance serve`: ready line, clean stop, and what it refuses."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from kafka_conformance.plugins.commands import main
from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.frames import decode_response, encode_request
from kafka_conformance.protocol.layout import Message
from kafka_conformance.protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest
from kafka_conformance.protocol.messages.metadata import MetadataRequest
from kafka_conformance.reference_broker.mutants import MUTANTS

COMMAND = [sys.executable, "-m", "kafka_conformance", "serve"]


UNTIL_ASKED_FOR = (
    "shutil",
    "json",
    "kafka_conformance.protocol.messages.create_topics",
    "kafka_conformance.protocol.messages.fetch",
    "kafka_conformance.protocol.messages.produce",
    "kafka_conformance.reference_broker.cluster.peers",
    "kafka_conformance.reference_broker.faults.rules",
    "kafka_conformance.reference_broker.fetch",
    "kafka_conformance.reference_broker.groups",
    "kafka_conformance.reference_broker.log.cleaning",
    "kafka_conformance.reference_broker.mutants",
    "kafka_conformance.reference_broker.replication",
    "kafka_conformance.reference_broker.transactions",
)
"""Modules and packages that a start and a first Metadata of one broker do without."""


@contextmanager
def serving(*arguments: str, prepare: Callable[[], None] | None = None) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that is ready, and the line that it printed."""
    process = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, text=True, preexec_fn=prepare)
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline().rstrip("\n")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def stop(process: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM) -> int:
    process.send_signal(number)
    return process.wait(timeout=30)


def address(line: str) -> tuple[str, int]:
    host, port = line.removeprefix("bootstrap.servers=").split(",")[0].rsplit(":", 1)
    return host, int(port)


def ask(line: str, request: Message, key: ApiKey, version: int) -> Any:
    with socket.create_connection(address(line), timeout=30) as connection, connection.makefile("rb") as file:
        connection.sendall(b"".join(encode_request(request, version, 1, "test")))
        frame = file.read(int.from_bytes(file.read(4), "big"))
    _, response = decode_response(key, version, frame)
    return response


def metadata(line: str) -> Any:
    return ask(line, MetadataRequest(topics=None), ApiKey.METADATA, 12)


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command line that is refused prints; it must end with status 2."""
    assert main(["serve", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    return printed.err.removeprefix("kafka-conformance serve: ").rstrip("\n")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_stops_cleanly_at_a_signal(number: signal.Signals) -> None:
    with serving("--brokers", "2") as (process, line):
        response = metadata(line)

        assert line.startswith("bootstrap.servers=127.0.0.1:")
        brokers = {broker.node_id: f"{broker.host}:{broker.port}" for broker in response.brokers}
        assert list(brokers) == [1, 2]
        assert ",".join(brokers.values()) == line.removeprefix("bootstrap.servers=")
        assert stop(process, number) == 0


@pytest.mark.slow
def test_clients_are_told_the_advertised_address() -> None:
    advertised = "advertised.listeners=PLAINTEXT://localhost:0"
    with serving("--brokers", "2", "--listen", "0.0.0.0:0", "--set", advertised) as (_, line):
        brokers = [f"{broker.host}:{broker.port}" for broker in metadata(line).brokers]

        assert ",".join(brokers) == line.removeprefix("bootstrap.servers=")
        assert all(broker.startswith("localhost:") for broker in brokers)


@pytest.mark.slow
def test_the_line_can_be_json() -> None:
    with serving("--json") as (process, line):
        told = json.loads(line)

        assert told["pid"] == process.pid
        assert told["brokers"] == {"1": told["bootstrap.servers"]}
        assert told["cluster.id"] == metadata(told["bootstrap.servers"]).cluster_id


@pytest.mark.slow
def test_topics_and_the_clusters_id_survive_a_restart_on_the_same_directory(tmp_path: Path) -> None:
    wanted = CreateTopicsRequest(topics=[CreatableTopic(name="orders", num_partitions=3, replication_factor=1)])
    with serving("--data", str(tmp_path)) as (process, line):
        ask(line, wanted, ApiKey.CREATE_TOPICS, 7)
        before = metadata(line)
        assert stop(process) == 0

    with serving("--data", str(tmp_path)) as (process, line):
        after = metadata(line)

    assert [topic.name for topic in after.topics] == ["orders"]
    assert after.cluster_id == before.cluster_id
    assert [topic.topic_id for topic in after.topics] == [topic.topic_id for topic in before.topics]
    assert (tmp_path / "metadata" / "__cluster_metadata-0" / f"{0:020}.log").stat().st_size > 0


@pytest.mark.slow
def test_a_directory_serves_one_cluster_at_a_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving("--data", str(tmp_path)):
        expected = f"cannot use the directory {tmp_path}: another broker is using this directory"
        assert refusal(capsys, "--data", str(tmp_path)) == expected


def test_a_port_in_use_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"

        assert refusal(capsys, "--listen", where) == f"cannot listen on {where}: the address is in use"


@pytest.mark.slow
def test_a_full_disk_is_refused(tmp_path: Path) -> None:
    """A limit on the size of files stands in for the disk."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    process = subprocess.run(
        [*COMMAND, "--data", str(tmp_path)], capture_output=True, text=True, preexec_fn=limit, timeout=60, check=False
    )

    assert (process.returncode, process.stdout) == (2, "")
    assert process.stderr.endswith("File too large\n")
    assert "Traceback" not in process.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_that_cannot_be_written_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tmp_path.chmod(0o500)

    assert refusal(capsys, "--data", str(tmp_path / "x")).endswith("Permission denied")


def test_a_log_directory_of_kafkas_own_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "meta.properties").write_text("version=1\ncluster.id=x\nnode.id=1\n")

    assert refusal(capsys, "--data", str(tmp_path)) == (
        f"cannot use the directory {tmp_path}: it is a log directory of Kafka's own, which cannot be gone on with"
    )
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []


def test_a_file_is_no_directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file"
    file.touch()

    assert refusal(capsys, "--data", str(file)) == f"cannot use the directory {file}: File exists"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--set", "num.partition=2"],
            "--set num.partition=2: Unknown config name: num.partition. Did you mean num.partitions?",
        ),
        (
            ["--set", "num.partitions=0"],
            ("--set num.partitions=0: Invalid value 0 for configuration num.partitions: Value must be at least 1"),
        ),
        (
            ["--set", "authorizer.class.name=x"],
            (
                "--set authorizer.class.name=x: "
                "authorizer.class.name is not supported by the reference broker: names Java code"
            ),
        ),
        (["--set", "node.id=7"], "--set node.id=7: node.id: brokers are numbered from 1"),
        (
            ["--set", "log.dirs=/a,/b"],
            "--set log.dirs=/a,/b: log.dirs: one log directory is supported, not 2",
        ),
        (["--listen", "0.0.0.0:0"], "clients cannot connect to 0.0.0.0: set advertised.listeners"),
        (
            ["--brokers", "3", "--listen", "127.0.0.1:65534"],
            "3 brokers from port 65534 on need port 65536, and there is none",
        ),
        (["--config", "/no/such/file"], "--config /no/such/file: No such file or directory"),
    ],
)
def test_what_cannot_be_served_is_refused_with_where_it_was_said(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refusal(capsys, *arguments) == message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--brokers", "0"], "argument --brokers: expected a number from 1 to 100, not '0'"),
        (["--listen", "9092"], "argument --listen: expected HOST:PORT, not '9092'"),
        (["--listen", "::1:9092"], "argument --listen: an IPv6 address needs brackets: [::1]:9092"),
        (["--listen", "h:65536"], "argument --listen: a port is at most 65535, not 65536"),
        (["--set", "x"], "argument --set: expected NAME=VALUE, not 'x'"),
        (["--no-such-option"], "unrecognized arguments: --no-such-option"),
    ],
)
def test_a_wrong_argument_is_refused_with_the_usage(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refusal(capsys, *arguments)

    assert told.startswith("usage: ")
    assert told.endswith(f"error: {message}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# fine\nno.such=1", "line 2: Unknown config name: no.such"),
        (
            "num.partitions=2\n\nlisteners=SSL://:9093",
            "line 3: listeners is not supported by the reference broker: SSL is no PLAINTEXT listener",
        ),
        (
            "listeners=PLAINTEXT://:1,SECOND://:2\nlistener.security.protocol.map=PLAINTEXT:PLAINTEXT,SECOND:PLAINTEXT",
            "line 1: listeners is not supported by the reference broker: one listener is supported, not 2",
        ),
        (
            "listeners=PLAINTEXT://:0\nadvertised.listeners=PLAINTEXT://0.0.0.0:1",
            "line 2: clients cannot connect to 0.0.0.0: set advertised.listeners",
        ),
        (
            "group.consumer.heartbeat.interval.ms=1",
            (
                "line 1: group.consumer.heartbeat.interval.ms must be greater than or equal to "
                "group.consumer.min.heartbeat.interval.ms"
            ),
        ),
    ],
)
def test_a_file_of_settings_is_refused_with_the_line(
    text: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "server.properties"
    file.write_text(text)

    assert refusal(capsys, "--config", str(file)) == f"{file}, {message}"


@pytest.mark.slow
def test_the_server_properties_that_kafka_comes_with_are_taken(tmp_path: Path) -> None:
    """Its settings, with other places: config/server.properties of Apache Kafka 4.3."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    file = tmp_path / "server.properties"
    file.write_text(f"""\
        process.roles=broker,controller
        node.id=1
        controller.quorum.bootstrap.servers=localhost:9093
        controller.quorum.voters=1@localhost:9093
        listeners=PLAINTEXT://:{port},CONTROLLER://:9093
        inter.broker.listener.name=PLAINTEXT
        advertised.listeners=PLAINTEXT://localhost:{port}, \\
            CONTROLLER://localhost:9093
        controller.listener.names=CONTROLLER
        listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT
        num.network.threads=3
        num.io.threads=8
        socket.send.buffer.bytes=102400
        socket.receive.buffer.bytes=102400
        socket.request.max.bytes=104857600
        log.dirs={tmp_path}/logs
        num.partitions=1
        num.recovery.threads.per.data.dir=1
        offsets.topic.replication.factor=1
        share.coordinator.state.topic.replication.factor=1
        share.coordinator.state.topic.min.isr=1
        transaction.state.log.replication.factor=1
        transaction.state.log.min.isr=1
        log.retention.hours=168
        log.segment.bytes=1073741824
        log.retention.check.interval.ms=300000
        """)

    with serving("--config", str(file)) as (process, line):
        assert line == f"bootstrap.servers=localhost:{port}"
        assert stop(process) == 0
    assert (tmp_path / "logs" / "broker-1").is_dir()


@pytest.mark.slow
def test_serving_imports_no_test_tools() -> None:
    code = """if True:
        import sys
        from kafka_conformance.plugins.commands import serve
        from kafka_conformance.reference_broker.hosting import process
        heavy = {"hypothesis", "pytest", "pluggy", "rich", "aiokafka", "confluent_kafka"} & sys.modules.keys()
        sys.exit(f"imported: {heavy}" if heavy else 0)
    """

    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (process.returncode, process.stderr) == (0, "")


@pytest.mark.slow
def test_a_start_and_a_first_metadata_import_nothing_that_can_wait(tmp_path: Path) -> None:
    command = [sys.executable, "-X", "importtime", *COMMAND[1:], "--set", "num.partitions=4"]
    with (tmp_path / "stderr").open("w") as file:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=file, text=True)
    assert process.stdout is not None
    try:
        assert len(metadata(process.stdout.readline().rstrip("\n")).brokers) == 1
    finally:
        process.kill()  # its end imports what closing the logs takes
        process.communicate()

    imported = {line.rpartition("|")[2].strip() for line in (tmp_path / "stderr").read_text().splitlines()}
    assert "kafka_conformance.reference_broker.cluster.authorized_operations" in imported  # by Metadata's handler
    assert {each for each in UNTIL_ASKED_FOR if any(f"{name}.".startswith(f"{each}.") for name in imported)} == set()


@pytest.mark.slow
def test_the_control_interface_is_announced_and_answers() -> None:
    with serving("--control", "127.0.0.1:0") as (process, line):
        assert process.stdout is not None
        control = process.stdout.readline().rstrip("\n").removeprefix("control=")

        with urlopen(f"http://{control}/health", timeout=30) as response:
            health = json.load(response)

        assert health["bootstrap.servers"] == line.removeprefix("bootstrap.servers=")
        assert stop(process) == 0


@pytest.mark.slow
def test_a_cluster_with_a_named_defect_is_served() -> None:
    with serving("--mutant", next(iter(MUTANTS))) as (process, line):
        assert metadata(line).brokers
        assert stop(process) == 0


def test_an_unknown_defect_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert refusal(capsys, "--mutant", "no/such").startswith("--mutant: there is no 'no/such'")
