"""Apache Kafka's own DumpLogSegments reads a broker's log directory, and what is in the files is what was done."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kafka_conformance.plugins.targets.reference import create
from kafka_conformance.reference_broker.hosting.data_directory import METADATA, broker_directory
from tests.apache_kafka import dump_log_segments
from tests.reference_broker.hosting.copied_logs import METADATA_LOG, Workload, running, view

pytestmark = pytest.mark.slow
INTERNAL = ("__consumer_offsets", "__transaction_state")
EMPTY, ONGOING, PREPARE_COMMIT, PREPARE_ABORT, COMPLETE_COMMIT, COMPLETE_ABORT = range(6)
"""TransactionState, as the records have it."""


class Stored(NamedTuple):
    """A log directory, what was written into it, and what clients saw of it."""

    directory: Path
    metadata: Path
    work: Workload
    seen: dict[str, Any]

    def files(self, *suffixes: str, topics: tuple[str, ...]) -> list[Path]:
        """Those that are not empty."""
        found = sorted(path for path in self.directory.rglob("*") if path.name[:20].isdigit() and path.stat().st_size)
        return [path for path in found if path.suffix in suffixes and path.parent.name.rpartition("-")[0] in topics]


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    root = tmp_path_factory.mktemp("stored")
    with running(create(f"data={root}", "reference")) as cluster:
        work = Workload(cluster, replicas=1)
        work.write()
        cluster.kill(1)
        cluster.restart(1)
        work.refresh()
        work.write()
        work.compact()
        work.leave_open()
        seen = view(work)
    return Stored(root / broker_directory(1), root / METADATA / METADATA_LOG, work, seen)


def dump(*options: str, files: list[Path]) -> str:
    dumped = dump_log_segments(*options, "--files", ",".join(map(str, files)))
    assert re.findall(r".*(?:mismatch|isvalid: false|Exception|corrupt|Missing).*", dumped) == []
    return dumped


def decoded(dumped: str) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
    """Key and value of each record, as a decoder of Kafka's has printed them."""
    for key, value in re.findall(r"^\| .* key: (\{.*\}) payload: (.*)$", dumped, re.MULTILINE):
        yield json.loads(key)["data"], json.loads(value)["data"] if value.startswith("{") else None


def test_segments_indexes_aborted_transactions_and_snapshots(stored: Stored) -> None:
    topics = tuple(topic.name for topic in stored.work.topics)
    files = stored.files(".log", ".index", ".timeindex", ".txnindex", ".snapshot", topics=(*topics, *INTERNAL))
    assert {path.suffix for path in files} == {".log", ".index", ".timeindex", ".txnindex", ".snapshot"}
    assert len([path for path in files if path.parent.name == "ledger-0" and path.suffix == ".log"]) >= 3

    dumped = dump("--deep-iteration", files=files)

    for topic in topics:
        logs = [part for part in dumped.split("Dumping ") if re.match(rf"\S*/{topic}-0/\d+\.log\n", part)]
        offsets = [int(found) for part in logs for found in re.findall(r"^\| offset: (\d+) ", part, re.MULTILINE)]
        assert offsets == stored.seen[f"{topic}-0 offsets"]
    aborted = re.findall(r"ledger-0/\d+\.txnindex\n((?:version: .*\n)+)", dumped)
    listed = [int(first) for part in aborted for first in re.findall(r"firstOffset: (\d+)", part)]
    assert listed == [first for _, first in stored.seen["ledger-0 aborted"]]


def test_indexes_are_sane_to_a_broker_that_starts(stored: Stored) -> None:
    topics = tuple(topic.name for topic in stored.work.topics)
    indexes = stored.files(".index", ".timeindex", topics=topics)

    sane = dump("--index-sanity-check", files=indexes)
    dump("--verify-index-only", files=indexes)

    assert sane.count(" passed sanity check.") == len(indexes)


def test_committed_offsets(stored: Stored) -> None:
    dumped = dump("--offsets-decoder", files=stored.files(".log", topics=("__consumer_offsets",)))

    commits = [(key["topic"], key["partition"], value["offset"]) for key, value in decoded(dumped) if value is not None]
    assert commits == stored.work.commits
    assert {key["group"] for key, _ in decoded(dumped)} == {stored.work.group.name}


def test_states_of_transactions(stored: Stored) -> None:
    dumped = dump("--transaction-log-decoder", files=stored.files(".log", topics=("__transaction_state",)))

    def states(producer: str) -> list[int]:
        values = [value for key, value in decoded(dumped) if key["transactionalId"] == producer and value is not None]
        return [state for state, _ in groupby(value["transactionStatus"] for value in values)]

    assert states(stored.work.writer.transactional_id) == [EMPTY] + [
        state
        for committed in stored.work.ends
        for state in (
            (ONGOING, PREPARE_COMMIT, COMPLETE_COMMIT) if committed else (ONGOING, PREPARE_ABORT, COMPLETE_ABORT)
        )
    ]
    assert states(stored.work.pending.transactional_id) == [EMPTY, ONGOING]


def test_the_metadata_log(stored: Stored) -> None:
    dumped = dump("--cluster-metadata-decoder", files=sorted(stored.metadata.glob("*.log")))

    records = [json.loads(found) for found in re.findall(r"payload: (\{.*\})$", dumped, re.MULTILINE)]
    topics = [each["data"]["name"] for each in records if each["type"] == "TOPIC_RECORD"]
    assert set(topics) >= {topic.name for topic in stored.work.topics} | set(INTERNAL)
    assert len(records) == dumped.count("\n| offset: ")
