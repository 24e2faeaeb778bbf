"""ElectLeaders and reassignments: what an administrator moves, and what the controller answers."""

from __future__ import annotations

from typing import Any

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.alter_partition_reassignments import (
    AlterPartitionReassignmentsRequest,
    ReassignablePartition,
    ReassignableTopic,
)
from kafka_conformance.protocol.messages.elect_leaders import ElectLeadersRequest, TopicPartitions
from kafka_conformance.protocol.messages.list_partition_reassignments import ListPartitionReassignmentsRequest
from tests.reference_broker.replication.support import TOPIC, Simulated

PREFERRED, UNCLEAN = 0, 1


def elect(simulated: Simulated, kind: int, topic: str = TOPIC) -> tuple[ErrorCode, str | None]:
    asked = [TopicPartitions(topic=topic, partitions=[0])]
    answer = simulated.cluster.controller.elect_leaders(ElectLeadersRequest(election_type=kind, topic_partitions=asked))
    (result,) = answer.replica_election_results[0].partition_result
    return ErrorCode(result.error_code), result.error_message


def test_a_preferred_leader_gets_its_partition_back() -> None:
    with Simulated() as simulated:
        simulated.create()
        assert elect(simulated, PREFERRED)[0] is ErrorCode.ELECTION_NOT_NEEDED
        simulated.run(simulated.cluster.stop_broker(1))
        message = "The preferred leader was not available."
        assert elect(simulated, PREFERRED) == (ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE, message)
        simulated.run(simulated.cluster.restart(1))
        simulated.wait_until(lambda: 1 in simulated.state().isr)

        assert elect(simulated, PREFERRED) == (ErrorCode.NONE, None)

        assert simulated.state()[:3] == (0, 1, 2)


def test_leadership_is_balanced_by_itself_now_and_then() -> None:
    with Simulated(settings={"leader.imbalance.check.interval.seconds": "20"}) as simulated:
        simulated.create()
        simulated.run(simulated.cluster.restart(1))
        assert simulated.leader == 2

        assert simulated.wait_until(lambda: simulated.leader == 1) <= 20


def test_an_unclean_election_must_be_needed_and_possible() -> None:
    with Simulated() as simulated:
        simulated.create([1, 3])
        assert elect(simulated, UNCLEAN)[0] is ErrorCode.ELECTION_NOT_NEEDED
        simulated.cluster.links.cut(1, 3)
        simulated.send(b"lost")
        assert simulated.state().isr == (1,)
        simulated.run(simulated.cluster.kill(1))
        simulated.wait_until(lambda: simulated.leader == -1)

        assert elect(simulated, UNCLEAN) == (ErrorCode.NONE, None)

        assert (simulated.leader, simulated.state().isr, simulated.state().elr) == (3, (3,), ())
        assert simulated.state().last_known_elr == ()


def test_what_cannot_be_elected_is_said_why() -> None:
    with Simulated() as simulated:
        simulated.create()
        assert elect(simulated, PREFERRED, "other") == (
            ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
            "No such topic as other",
        )
        assert elect(simulated, 5) == (ErrorCode.INVALID_REQUEST, "Unknown election type 5")
        everything = simulated.cluster.controller.elect_leaders(ElectLeadersRequest(topic_partitions=None))
        assert [(each.topic, each.partition_result) for each in everything.replica_election_results] == [(TOPIC, [])]


def reassign(simulated: Simulated, replicas: list[int] | None, **rest: Any) -> tuple[ErrorCode, str | None]:
    asked = [ReassignableTopic(name=TOPIC, partitions=[ReassignablePartition(partition_index=0, replicas=replicas)])]
    answer = simulated.cluster.controller.alter_partition_reassignments(
        AlterPartitionReassignmentsRequest(topics=asked, **rest)
    )
    (result,) = answer.responses[0].partitions
    return ErrorCode(result.error_code), result.error_message


def ongoing(simulated: Simulated) -> list[tuple[list[int], list[int], list[int]]]:
    listed = simulated.cluster.controller.list_partition_reassignments(ListPartitionReassignmentsRequest(topics=None))
    return [(p.replicas, p.adding_replicas, p.removing_replicas) for topic in listed.topics for p in topic.partitions]


def test_a_reassignment_is_done_when_the_new_replica_is_in_sync() -> None:
    with Simulated() as simulated:
        simulated.create([1, 2])
        simulated.send(b"a", b"b")

        assert reassign(simulated, [3, 2]) == (ErrorCode.NONE, None)

        state = simulated.state()
        assert (state.replicas, state.isr, state.leader, state.leader_epoch) == ((3, 2, 1), (1, 2), 1, 0)
        assert ongoing(simulated) == [([3, 2, 1], [3], [1])]
        simulated.wait_until(lambda: simulated.state().replicas == (3, 2), within=2)
        state = simulated.state()
        assert (set(state.isr), state.leader, state.leader_epoch) == ({2, 3}, 3, 1)
        assert ongoing(simulated) == []
        assert simulated.values(3) == [b"a", b"b"]
        assert (TOPIC, 0) not in simulated.broker(1).partitions


def test_a_reassignment_that_only_removes_is_one_step_in_a_new_epoch() -> None:
    with Simulated() as simulated:
        simulated.create([2, 1, 3])

        assert reassign(simulated, [2, 1]) == (ErrorCode.NONE, None)

        state = simulated.state()
        assert (state.replicas, state.isr, state.leader, state.leader_epoch) == ((2, 1), (2, 1), 2, 1)


def test_a_reassignment_can_be_cancelled() -> None:
    with Simulated() as simulated:
        simulated.create([1, 2])
        simulated.run(simulated.cluster.stop_broker(3))
        assert reassign(simulated, [3, 2])[0] is ErrorCode.NONE
        assert ongoing(simulated) == [([3, 2, 1], [3], [1])]

        assert reassign(simulated, None) == (ErrorCode.NONE, None)

        assert (simulated.state().replicas, simulated.state().leader_epoch) == ((2, 1), 1)
        assert reassign(simulated, None) == (ErrorCode.NO_REASSIGNMENT_IN_PROGRESS, None)


@pytest.mark.parametrize(
    ("replicas", "message"),
    [
        ([], "The manual partition assignment includes an empty replica list."),
        ([1, 9], "The manual partition assignment includes broker 9, but no such broker is registered."),
        ([1, 1], "The manual partition assignment includes the broker 1 more than once."),
    ],
)
def test_an_assignment_that_cannot_be_is_refused(replicas: list[int], message: str) -> None:
    with Simulated() as simulated:
        simulated.create()
        assert reassign(simulated, replicas) == (ErrorCode.INVALID_REPLICA_ASSIGNMENT, message)


def test_the_number_of_replicas_changes_only_where_that_is_allowed() -> None:
    with Simulated() as simulated:
        simulated.create([1])
        refused = reassign(simulated, [1, 2, 3], allow_replication_factor_change=False)
        assert refused == (ErrorCode.INVALID_REPLICATION_FACTOR, "The replication factor is changed from 1 to 3")
