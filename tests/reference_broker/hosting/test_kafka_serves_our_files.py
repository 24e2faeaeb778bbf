"""An Apache Kafka on copied log directories of the reference broker serves what they hold, and goes on with it.

It needs the log directory of the broker and in it the controller's log (`copied_logs.copy_logs`): meta.properties names
node and cluster, the controller's log has topics, their ids and settings. Nothing is formatted.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kafka_conformance.conformance.replication.failing import followers_of, led_by_another, wait_for_isr
from kafka_conformance.harness.cases import ErrorCode
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.plugins.targets.reference import ReferenceTarget, create
from tests.apache_kafka import require_apache_kafka
from tests.reference_broker.hosting.copied_logs import (
    Continued,
    KafkaOnACopy,
    KafkaOnCopies,
    Workload,
    ends_of_epochs,
    running,
    view,
    without_what_cleaning_leaves,
)

pytestmark = pytest.mark.slow
SESSIONS = "broker.session.timeout.ms=5000,broker.heartbeat.interval.ms=100"


@pytest.fixture(scope="module", autouse=True)
def _apache_kafka() -> None:
    require_apache_kafka()


def reference(data: Path, brokers: int) -> ReferenceTarget:
    return create(f"brokers={brokers},data={data},{SESSIONS}", "reference")


def check_that_it_goes_on(after: Continued) -> None:
    """Producers, transactions and groups are where they were, and new ones work."""
    end = after.plain.end_offset()
    again = after.retry()
    assert (again.error, after.plain.end_offset()) == (ErrorCode.NONE, end)
    assert after.commit_what_was_open() is ErrorCode.NONE
    assert after.group.committed(after.ledger, 1).offset == 99
    transaction = after.cluster.transactional_producer("writer").begin()
    assert transaction.send(after.ledger, [b"by kafka"]).error is ErrorCode.NONE
    transaction.commit()
    assert after.ledger.records()[-1].value == b"by kafka"


def written_to_one(cluster: Cluster) -> Workload:
    """With a restart in the middle."""
    work = Workload(cluster, replicas=1)
    work.write()
    cluster.restart(1)
    work.refresh()
    work.write()
    work.compact()
    work.leave_open()
    return work


def written_to_three(cluster: Cluster) -> Workload:
    """The leaders of two partitions are killed, one after the other, and come back; all replicas are in sync again."""
    work = Workload(cluster, replicas=3)
    work.write()
    for topic in (work.ledger, work.plain):
        dead = topic.leader()
        with led_by_another(cluster, topic) as connection:
            assert topic.produce([b"without it"] * 3, on=connection).error is ErrorCode.NONE
        for each in work.topics:
            wait_for_isr(each, 1, 2, 3, node=dead)
        work.refresh()
        work.write()
    work.compact()
    work.leave_open()
    return work


def test_a_log_directory_of_one_broker(tmp_path: Path) -> None:
    with running(reference(tmp_path, 1)) as cluster:
        before = written_to_one(cluster)
        seen, ends = view(before), ends_of_epochs(before.plain)

    with running(KafkaOnACopy(tmp_path)) as cluster:
        after = Continued(cluster, before)

        assert view(after) == seen
        assert ends_of_epochs(after.plain)[: len(ends)] == ends
        check_that_it_goes_on(after)


def test_the_log_directory_of_one_broker_of_three(tmp_path: Path) -> None:
    """The others stop before it: whoever is the last in sync is the only one that Kafka lets lead."""
    target = reference(tmp_path, 3)
    with running(target) as cluster:
        before = written_to_three(cluster)
        seen = without_what_cleaning_leaves(view(before), before.compacted)
        ends = ends_of_epochs(before.plain)
        survivor, *others = (before.ledger.leader(), *followers_of(before.ledger))
        for node in others:
            target.call(target.cluster.stop_broker(node))

    with running(KafkaOnACopy(tmp_path, survivor)) as cluster:
        after = Continued(cluster, before)

        assert without_what_cleaning_leaves(view(after), after.compacted) == seen
        assert ends_of_epochs(after.plain)[: len(ends)] == ends


def test_the_log_directories_of_three_brokers_one_of_them_killed(tmp_path: Path) -> None:
    target = reference(tmp_path, 3)
    with running(target) as cluster:
        before = written_to_three(cluster)
        seen = without_what_cleaning_leaves(view(before), before.compacted)
        ends = ends_of_epochs(before.plain)
        target.kill(before.ledger.leader())

    with running(KafkaOnCopies(tmp_path, 3)) as cluster:
        after = Continued(cluster, before)

        assert without_what_cleaning_leaves(view(after), after.compacted) == seen
        assert ends_of_epochs(after.plain)[: len(ends)] == ends
        check_that_it_goes_on(after)
