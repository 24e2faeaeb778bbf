"""Apache Kafka's own cleaner leaves the same files of a log as ours does, round after round."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kafka_conformance.harness.errors import TargetError
from kafka_conformance.plugins.targets.kafka import find_java, jars
from kafka_conformance.protocol.records import batches, records_of
from kafka_conformance.reference_broker.log import LogConfig, LogDirectory
from kafka_conformance.reference_broker.log.log_cleaner import CleanerSettings
from kafka_conformance.reference_broker.storage.disk import DiskStorage
from tests.reference_broker.log.generated_logs import Step, apply, logs_to_clean
from tests.reference_broker.log.support import NOW, ORDERS

pytestmark = pytest.mark.slow
SOURCE = Path(__file__).with_name("KafkaCleaner.java")
HORIZON_MS = 1000
MAP_BYTES = (24 * 1000, 24 * 5)
"""One map for all keys, and one that is full after four."""


class KafkaCleaner:
    """A process that cleans with Kafka's classes."""

    def __init__(self) -> None:
        quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"
        command = [find_java(), "-Xmx256m", quiet, "-cp", ":".join(jars("4.3.1")), str(SOURCE)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def clean(self, root: Path, log_start_offset: int, now_ms: int, map_bytes: int, config: LogConfig) -> int | None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        job = (str(root), str(ORDERS), log_start_offset, now_ms, map_bytes, _settings(config))
        self._process.stdin.write("\t".join(str(field) for field in job) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        assert answer, self._process.communicate()[1][-3000:]
        return None if answer == "idle" else int(answer)

    def end(self) -> None:
        self._process.communicate()


def _settings(config: LogConfig) -> str:
    known = {
        "cleanup.policy": "compact",
        "min.cleanable.dirty.ratio": config.min_cleanable_dirty_ratio,
        "min.compaction.lag.ms": config.min_compaction_lag_ms,
        "max.compaction.lag.ms": config.max_compaction_lag_ms,
        "delete.retention.ms": config.delete_retention_ms,
        "internal.segment.bytes": config.segment_bytes,
        "index.interval.bytes": config.index_interval_bytes,
    }
    return ";".join(f"{name}={value}" for name, value in known.items())


@pytest.fixture(scope="module")
def kafka() -> Iterator[KafkaCleaner]:
    try:
        cleaner = KafkaCleaner()
    except TargetError as error:
        pytest.skip(f"Kafka's classes cannot be run here: {error}")
    yield cleaner
    cleaner.end()


def files(root: Path) -> dict[str, object]:
    """What a cleaner has written; batches are taken apart, since zlib and others compress as they like."""
    found: dict[str, object] = {"checkpoint": _read(root / "cleaner-offset-checkpoint")}
    for path in sorted((root / str(ORDERS)).iterdir()):
        if path.suffix == ".log":
            found[path.name] = [
                (header._replace(crc=0, batch_length=0), list(records_of(header, view)))
                for header, view in batches(path.read_bytes())
            ]
        elif path.suffix == ".txnindex" and path.stat().st_size:
            found[path.name] = path.read_bytes()
        elif path.suffix in (".cleaned", ".swap"):
            found[path.name] = "left behind"
    return found


def _read(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def exact_files(root: Path) -> dict[str, bytes]:
    """The bytes of logs and indexes."""
    return {
        path.name: path.read_bytes().rstrip(b"\0")
        for path in sorted((root / str(ORDERS)).iterdir())
        if path.suffix in (".log", ".index", ".timeindex")
    }


def clean_with_ours(root: Path, config: LogConfig, now_ms: int, map_bytes: int) -> None:
    """One round."""
    logs = LogDirectory(DiskStorage(root), verifies_transactions=False)
    log = logs.open(ORDERS, config, now_ms)
    log.update_high_watermark(log.log_end_offset)
    logs.cleaner.settings = CleanerSettings(map_bytes)
    logs.cleaner.work(now_ms)
    while logs.cleaner.under_way:
        logs.cleaner.work(now_ms)
    logs.close()


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(plan=logs_to_clean(), map_bytes=st.sampled_from(MAP_BYTES), lag_ms=st.sampled_from([0, 0, HORIZON_MS]))
def test_each_round_leaves_the_files_that_kafka_leaves(
    kafka: KafkaCleaner, plan: list[list[Step]], map_bytes: int, lag_ms: int
) -> None:
    config = LogConfig(
        cleanup_policy=frozenset({"compact"}),
        min_cleanable_dirty_ratio=0.01,
        delete_retention_ms=HORIZON_MS,
        min_compaction_lag_ms=lag_ms,
        segment_bytes=2000,
        index_interval_bytes=200,
    )
    compresses = any(step.codec for steps in plan for step in steps)
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder) / "ours", Path(folder) / "theirs"
        for number, steps in enumerate(plan):
            now_ms = NOW + number * HORIZON_MS
            start = write(ours, config, steps, now_ms)
            shutil.rmtree(theirs, ignore_errors=True)
            shutil.copytree(ours, theirs)

            kafka.clean(theirs, start, now_ms, map_bytes, config)
            clean_with_ours(ours, config, now_ms, map_bytes)

            assert files(ours) == files(theirs)
            if not compresses:
                assert exact_files(ours) == exact_files(theirs)


def write(root: Path, config: LogConfig, steps: list[Step], now_ms: int) -> int:
    """Append, and stop in order. Returns the start of the log."""
    logs = LogDirectory(DiskStorage(root), verifies_transactions=False)
    log = logs.open(ORDERS, config, now_ms)
    for step in steps:
        apply(log, step, now_ms)
    start = log.log_start_offset
    logs.close()
    return start
