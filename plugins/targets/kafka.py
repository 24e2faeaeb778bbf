"""`kafka:4.3.1`: Apache Kafka from Maven Central, one node (broker and controller), started here on Java.

The jars come through jgo (`pip install kafka-conformance[apache-kafka]`), which keeps them in Maven's own repository.
The first start of a version takes some seven seconds longer: it leaves an archive of classes (`class_archive.py`) that
makes each later start, and each restart of a node that was killed, two seconds shorter.

Its settings are Apache Kafka's but for those of `DEPARTURES`; others follow the version: `kafka:4.3.1,NAME=VALUE`.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from typing_extensions import override

from kafka_conformance.harness.errors import TargetError, UsageError
from kafka_conformance.harness.readiness import free_port, wait_until_ready
from kafka_conformance.harness.target import Address, Target
from kafka_conformance.plugins.targets.class_archive import ClassArchive
from kafka_conformance.plugins.targets.supervised import Supervised

START_WITHIN_S = 60.0
WRITE_ARCHIVE_WITHIN_S = 60.0
NODE_ID = 1
MOST_BROKERS = 9
OLDEST = (3, 3, 0)
"""The first release whose KRaft mode was called ready for production."""

DEPARTURES: Mapping[str, str] = {
    "group.initial.rebalance.delay.ms": "0",  # else every first join takes three seconds
    "offsets.topic.replication.factor": "1",  # there is one node
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    # A node that was killed may register again only after it, 9 s by default; a slow machine must not fence its node
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "100",  # and tries to so often: 2 s by default
    "log.cleaner.dedupe.buffer.size": "2097152",  # 128 MiB by default: more than the heap that it gets here
    "log.cleaner.backoff.ms": "200",  # so soon after writing compaction begins: 15 s by default
    "log.retention.check.interval.ms": "500",  # so often it looks for what is too old: 5 min by default
    "log.initial.task.delay.ms": "500",  # and this late it begins to: 30 s by default
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "200",  # the same for transactions: 10 s by default
}
CLUSTER_ID = "kafka-conformance-abcd"[:22]
JVM = ("-Xms64m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
LOGGING = ("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true")
_SLF4J = "org.slf4j:slf4j-simple:1.7.36"


class KafkaTarget(Target):
    """Apache Kafka, the truth; slow to start and slow to answer, so properties draw fewer examples."""

    capabilities = frozenset({"kill", "restart"})

    def __init__(self, name: str, version: str, settings: Mapping[str, str]) -> None:
        super().__init__(name)
        self.kafka_version = version
        self._settings = settings
        self._supervised: Supervised | None = None
        self._address: Address = ("127.0.0.1", 0)

    @property
    @override
    def description(self) -> str:
        return f"Apache Kafka {self.kafka_version}, one node on Java"

    @property
    @override
    def bootstrap(self) -> Sequence[Address]:
        return (self._address,)

    @override
    def start(self) -> None:
        java = find_java()
        classpath = os.pathsep.join(jars(str(self.kafka_version)))
        self._supervised = Supervised("kafka")
        try:
            self._address = ("127.0.0.1", free_port())
            self._java = [java, *JVM, *LOGGING, "-cp", classpath]
            self._use_class_archive(self._supervised)
            self._format(self._supervised.directory)
            self._launch()
        except BaseException:
            self.stop()
            raise

    @override
    def stop(self) -> None:
        if self._supervised is not None:
            self._supervised.dispose()

    @override
    def problem(self) -> str | None:
        status = None if self._supervised is None else self._supervised.ended()
        return None if status is None else f"Kafka's process ended with status {status}"

    @override
    def kill(self, node_id: int) -> None:
        self._running().kill()

    @override
    def restart(self, node_id: int) -> None:
        self._running().stop()
        self._launch()

    @override
    def evidence(self) -> str:
        return "" if self._supervised is None else self._supervised.evidence()

    def _running(self) -> Supervised:
        if self._supervised is None:
            raise TargetError("control", f"{self.name} was not started")
        return self._supervised

    def _use_class_archive(self, supervised: Supervised) -> None:
        """Whatever goes wrong with the archive costs time only; what goes wrong with Kafka shows at its own start."""
        archive = ClassArchive(str(self.kafka_version), self._java, supervised.directory)
        if not archive.options() and archive.can_be_written():
            with contextlib.suppress(TargetError):
                self._format(supervised.directory)
                self._launch(*archive.writing())
                supervised.stop(within_s=WRITE_ARCHIVE_WITHIN_S)
            supervised.kill()
            shutil.rmtree(supervised.directory / "data", ignore_errors=True)
            supervised.log_path.unlink(missing_ok=True)
            archive.keep()
        self._java[1:1] = archive.options()

    def _format(self, directory: Path) -> None:
        properties = directory / "server.properties"
        properties.write_text("".join(f"{name}={value}\n" for name, value in self._properties(directory).items()))
        command = [*self._java, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(properties)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=directory)
        if done.returncode != 0:
            lines = (done.stdout + done.stderr).strip().splitlines()
            raise TargetError("start", "its storage cannot be formatted: " + " | ".join(lines[-3:]))

    def _properties(self, directory: Path) -> dict[str, str]:
        host, port = self._address
        controller = free_port()
        return {
            "process.roles": "broker,controller",
            "node.id": str(NODE_ID),
            "controller.quorum.voters": f"{NODE_ID}@{host}:{controller}",
            "listeners": f"PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": str(directory / "data"),
            **DEPARTURES,
            **self._settings,
        }

    def _launch(self, *options: str) -> None:
        supervised = self._running()
        java, *arguments = self._java
        supervised.start([java, *options, *arguments, "kafka.Kafka", str(supervised.directory / "server.properties")])
        try:
            wait_until_ready(self, self._address, within_s=START_WITHIN_S)
        except TargetError as error:
            end = "\n".join(supervised.evidence().splitlines()[-15:])
            raise TargetError(error.step, f"{error.message}\n{end}".rstrip()) from error


def find_java() -> str:
    """The path of a Java of at least 17: JAVA_HOME's, else the first on PATH. Raises TargetError."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if java is None:
        raise TargetError("start", "Apache Kafka needs Java 17 or newer: none on PATH, and JAVA_HOME is not set")
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    except OSError as error:
        raise TargetError("start", f"{java} cannot be run: {error.strerror}") from error
    match = re.search(r'version "(\d+)', said)
    if match is None or int(match[1]) < 17:
        raise TargetError("start", f"Apache Kafka needs Java 17 or newer, {java} is {said.splitlines()[:1]}")
    return java


def jars(version: str) -> list[str]:
    """The paths of Kafka's jars, fetched where they are not in Maven's repository yet. Raises TargetError."""
    return artifacts(f"org.apache.kafka:kafka_2.13:{version}")


def artifacts(coordinate: str) -> list[str]:
    """The paths of an artifact's jar, of those that it needs, and of a logger. Raises TargetError."""
    try:
        import jgo
    except ImportError:
        raise TargetError("start", "needs jgo: pip install 'kafka-conformance[apache-kafka]'") from None
    try:
        return [str(artifact.resolve()) for artifact in jgo.resolve(f"{coordinate}+{_SLF4J}")]
    except Exception as error:
        raise TargetError("start", f"{coordinate} cannot be had from Maven Central: {error}") from error


def create(argument: str, name: str) -> Target:
    """From `4.3.1`, `4.3.1,num.partitions=3` or `4.3.1,brokers=3`. Raises UsageError."""
    version, *rest = argument.split(",")
    match = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", version)
    if match is None or tuple(map(int, match.groups())) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise UsageError("expected a version", key="kafka", value=version, allowed=f"X.Y.Z from {oldest}, as in 4.3.1")
    settings, brokers = settings_and_brokers(rest)
    if brokers == 1:
        return KafkaTarget(name, version, settings)
    from kafka_conformance.plugins.targets.kafka_cluster import KafkaClusterTarget

    return KafkaClusterTarget(name, version, brokers, settings)


def settings_and_brokers(texts: Sequence[str]) -> tuple[dict[str, str], int]:
    """From `brokers=3` and `num.partitions=3`. Raises UsageError."""
    settings = dict(_setting(text) for text in texts)
    brokers = settings.pop("brokers", "1")
    if not brokers.isdecimal() or not 1 <= int(brokers) <= MOST_BROKERS:
        raise UsageError("expected a number", key="brokers", value=brokers, allowed=f"1 to {MOST_BROKERS}")
    return settings, int(brokers)


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError("expected a setting", key="kafka", value=text, allowed="NAME=VALUE with Kafka's names")
    return name.strip(), value.strip()
