"""A producer id whose epochs are used up is followed by another one (KIP-360, KIP-890): as Apache Kafka does it.

32767 epochs take too long to count through on the wire, so both begin with a stored __transaction_state in which the
transactional ids have nearly their last one.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kafka_conformance.conformance.transactions.reading import committed_values
from kafka_conformance.harness.cases import ErrorCode, TransactionProtocol
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.subject.topic import Topic
from kafka_conformance.harness.subject.transaction import TransactionalProducer
from kafka_conformance.plugins.targets.reference import create
from kafka_conformance.protocol.records import NewRecord, build_batch
from kafka_conformance.reference_broker.groups.java_strings import coordinator_partition
from kafka_conformance.reference_broker.hosting.data_directory import broker_directory
from kafka_conformance.reference_broker.log import AppendOrigin, LogConfig, LogDirectory, Refusal, TopicPartition
from kafka_conformance.reference_broker.storage.disk import DiskStorage
from kafka_conformance.reference_broker.transactions.metadata import LAST_EPOCH, TransactionMetadata
from kafka_conformance.reference_broker.transactions.records import TransactionRecord, encode_record
from tests.apache_kafka import require_apache_kafka
from tests.reference_broker.hosting.copied_logs import KafkaOnACopy, running

pytestmark = pytest.mark.slow
LAST_GIVEN = LAST_EPOCH - 1
IDS = {"by-init": 0, "by-recovery": 0, "by-an-end": -1, "first-protocol": 0, "while-open": 0}
"""Transactional ids, and how far the epoch that their first InitProducerId gives is from the last one given."""

Answer = tuple[str, int, int]
"""What was asked; which producer id the answer names, in order of appearance (ids differ between clusters); epoch."""


class Answers:
    """What a cluster answered."""

    def __init__(self) -> None:
        self.all: list[Answer] = []
        self._numbers: dict[int, int] = {}

    def note(self, what: str, producer_id: int, epoch: int) -> None:
        self.all.append((what, self._numbers.setdefault(producer_id, len(self._numbers)), epoch))


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cluster that was stopped, whose transactional ids have nearly used up their epochs."""
    root = tmp_path_factory.mktemp("stored")
    with running(create(f"data={root}", "reference")) as cluster:
        cluster.topic(1, name="ledger")
        producer_ids = {name: cluster.transactional_producer(name).producer_id for name in IDS}
    logs = LogDirectory(DiskStorage(root / broker_directory(1)), verifies_transactions=False)
    broker_epoch = logs.previous_broker_epoch
    for name, producer_id in producer_ids.items():
        metadata = TransactionMetadata(name, producer_id, LAST_GIVEN + IDS[name] - 1, 60_000, client_version=2)
        record = encode_record(TransactionRecord(name, metadata))
        batch = build_batch([NewRecord(record.key, record.value)])
        count = 50  # transaction.state.log.num.partitions
        partition = TopicPartition("__transaction_state", coordinator_partition(name, count))
        log = logs.open(partition, LogConfig(), 0)
        assert log.log_end_offset > 0, "it is not the partition in which the coordinator has written"
        assert log.latest_epoch is not None
        outcome = log.append_as_leader(memoryview(batch), log.latest_epoch, 0, AppendOrigin.COORDINATOR)
        assert not isinstance(outcome, Refusal)
        log.update_high_watermark(log.log_end_offset)
    logs.close(broker_epoch=broker_epoch)
    return root


def answers_of(cluster: Cluster) -> list[Answer]:
    """Each way in which the last epoch can be passed."""
    answers = Answers()
    topic = Topic(cluster, "ledger", cluster.settled_topic("ledger"))

    def now(what: str, producer: TransactionalProducer) -> None:
        answers.note(what, producer.producer_id, producer.epoch)

    def commit(what: str, producer: TransactionalProducer) -> None:
        transaction = producer.begin()
        assert transaction.send(topic, [what.encode()]).error is ErrorCode.NONE
        transaction.commit()
        now(what, producer)

    for name in ("by-init", "by-recovery"):
        producer = cluster.transactional_producer(name)
        now(f"{name}: the last epoch", producer)
        old = producer.producer_id
        producer.init(recover=name == "by-recovery")
        now(f"{name}: the next one", producer)
        again = producer.init_once(producer_id=old, epoch=LAST_GIVEN)
        answers.note(
            f"{name}: its repetition {ErrorCode(again.error_code).name}", again.producer_id, again.producer_epoch
        )
        late = producer.end_once(True, producer_id=old, epoch=LAST_GIVEN)
        answers.note(f"{name}: an end of the old one {ErrorCode(late.error_code).name}", -1, late.producer_epoch)
        commit(f"{name}: a transaction", producer)

    ending = cluster.transactional_producer("by-an-end")
    now("by-an-end: two are left", ending)
    for number in range(4):
        commit(f"by-an-end: {number}", ending)

    first = cluster.transactional_producer("first-protocol", protocol=TransactionProtocol.V1)
    commit("first-protocol: an end changes nothing", first)
    first.init()
    now("first-protocol: the next one", first)

    open_one = cluster.transactional_producer("while-open")
    assert open_one.begin().send(topic, [b"aborted"]).error is ErrorCode.NONE
    now("while-open: its successor", cluster.transactional_producer("while-open"))
    late_send = open_one.send_once(topic, [b"late"])
    answers.note(f"while-open: a late batch {late_send.error.name}", -1, 0)
    answers.note(f"shown: {committed_values(topic)}", -1, 0)
    return answers.all


def test_each_way_past_the_last_epoch(stored: Path, tmp_path: Path) -> None:
    require_apache_kafka()
    shutil.copytree(stored, tmp_path / "ours")
    with running(create(f"data={tmp_path / 'ours'}", "reference")) as cluster:
        ours = answers_of(cluster)
    with running(KafkaOnACopy(stored)) as cluster:
        kafkas = answers_of(cluster)

    assert ours == kafkas
    assert ("by-init: the last epoch", 0, LAST_GIVEN) in ours
    assert ("by-init: the next one", 1, 0) in ours
