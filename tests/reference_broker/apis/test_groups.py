"""The group APIs on the wire: what stands between them and the coordinator."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.delete_groups import DeleteGroupsRequest
from kafka_conformance.protocol.messages.describe_groups import DescribeGroupsRequest
from kafka_conformance.protocol.messages.find_coordinator import FindCoordinatorRequest
from kafka_conformance.protocol.messages.heartbeat import HeartbeatRequest
from kafka_conformance.protocol.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from kafka_conformance.protocol.messages.leave_group import LeaveGroupRequest, MemberIdentity
from kafka_conformance.protocol.messages.list_groups import ListGroupsRequest
from kafka_conformance.protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kafka_conformance.protocol.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteRequestPartition,
    OffsetDeleteRequestTopic,
)
from kafka_conformance.protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopics,
)
from kafka_conformance.protocol.messages.sync_group import SyncGroupRequest, SyncGroupRequestAssignment
from tests.reference_broker.wire import RunningCluster, Wire

LOADING = (ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, ErrorCode.NOT_COORDINATOR)


def find_coordinator(wire: Wire, group: str, *, version: int = 2) -> Any:
    """Ask until there is a coordinator."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        answer = wire.ask(FindCoordinatorRequest(key=group, coordinator_keys=[group]), version)
        found = answer if version < 4 else answer.coordinators[0]
        if found.error_code == ErrorCode.NONE:
            return found
        assert found.error_code == ErrorCode.COORDINATOR_NOT_AVAILABLE
    raise AssertionError("no coordinator")


@pytest.fixture
def group(wire: Wire) -> str:
    """A group whose coordinator answers."""
    name = f"group-{uuid4()}"
    find_coordinator(wire, name)
    deadline = time.monotonic() + 5
    while wire.ask(HeartbeatRequest(group_id=name, member_id="m"), 3).error_code in LOADING:
        assert time.monotonic() < deadline
    return name


def commit(topic: str, group: str, *partitions: int, offset: int = 7, **options: Any) -> OffsetCommitRequest:
    wanted = [OffsetCommitRequestPartition(partition_index=each, committed_offset=offset) for each in partitions]
    return OffsetCommitRequest(
        group_id=group, topics=[OffsetCommitRequestTopic(name=topic, partitions=wanted)], **options
    )


def test_the_coordinator_is_a_broker_that_can_be_reached(running: RunningCluster, wire: Wire) -> None:
    old, new = find_coordinator(wire, "g", version=2), find_coordinator(wire, "", version=4)

    assert (old.node_id, old.host, old.port) == (1, "127.0.0.1", running.cluster.brokers[1].port)
    assert (new.node_id, new.key) == (1, "")
    assert (old.error_message, new.error_message) == ("NONE", "")


def test_the_first_question_for_a_coordinator_creates_the_topic_of_offsets() -> None:
    with RunningCluster() as running, running.wire() as wire:
        first = wire.ask(FindCoordinatorRequest(key="g"), 2)

        assert (first.error_code, first.node_id, first.port) == (ErrorCode.COORDINATOR_NOT_AVAILABLE, -1, -1)
        find_coordinator(wire, "g")


@pytest.mark.parametrize(
    ("key_type", "key", "version", "error"),
    [
        (9, "x", 2, ErrorCode.INVALID_REQUEST),
        (9, "x", 4, ErrorCode.INVALID_REQUEST),
        (1, "t", 4, ErrorCode.COORDINATOR_NOT_AVAILABLE),
        (2, "abc", 6, ErrorCode.INVALID_REQUEST),
        (2, "g:AAAAAAAAAAAAAAAAAAAAAQ:0", 5, ErrorCode.INVALID_REQUEST),
        (2, "g:AAAAAAAAAAAAAAAAAAAAAQ:0", 6, ErrorCode.COORDINATOR_NOT_AVAILABLE),
    ],
)
def test_coordinators_that_are_not_there(wire: Wire, key_type: int, key: str, version: int, error: int) -> None:
    answer = wire.ask(FindCoordinatorRequest(key=key, key_type=key_type, coordinator_keys=[key]), version)

    assert (answer if version < 4 else answer.coordinators[0]).error_code == error


def test_no_keys_no_coordinators(wire: Wire) -> None:
    assert wire.ask(FindCoordinatorRequest(coordinator_keys=[]), 4).coordinators == []


def test_a_member_joins_syncs_beats_commits_and_leaves(running: RunningCluster, wire: Wire, group: str) -> None:
    topic = running.topic()
    join = JoinGroupRequest(
        group_id=group,
        session_timeout_ms=10_000,
        rebalance_timeout_ms=10_000,
        protocol_type="consumer",
        protocols=[JoinGroupRequestProtocol(name="range", metadata=b"m")],
    )
    joined = wire.ask(join, 3)
    assert (joined.error_code, joined.generation_id, joined.leader) == (0, 1, joined.member_id)
    assert joined.member_id.startswith("wire-")

    assignment = SyncGroupRequestAssignment(member_id=joined.member_id, assignment=b"mine")
    identity = {"group_id": group, "generation_id": 1, "member_id": joined.member_id}
    assert wire.ask(SyncGroupRequest(assignments=[assignment], **identity), 2).assignment == b"mine"
    assert wire.ask(HeartbeatRequest(**identity), 2).error_code == ErrorCode.NONE

    request = commit(topic, group, 0, generation_id_or_member_epoch=1, member_id=joined.member_id)
    assert wire.ask(request, 7).topics[0].partitions[0].error_code == ErrorCode.NONE

    described = wire.ask(DescribeGroupsRequest(groups=[group], include_authorized_operations=True), 4).groups[0]
    assert (described.group_state, described.authorized_operations) == ("Stable", 3400)
    assert [member.client_host for member in described.members] == ["/127.0.0.1"]
    assert group in [each.group_id for each in wire.ask(ListGroupsRequest(), 4).groups]

    leaving = LeaveGroupRequest(group_id=group, members=[MemberIdentity(member_id=joined.member_id)])
    assert wire.ask(leaving, 4).members[0].error_code == ErrorCode.NONE
    assert wire.ask(DeleteGroupsRequest(groups_names=[group]), 1).results[0].error_code == ErrorCode.NONE


def test_offsets_of_what_does_not_exist_are_not_stored(running: RunningCluster, wire: Wire, group: str) -> None:
    topic = running.topic()

    answers = wire.ask(commit(topic, group, 0, 5), 7).topics[0].partitions
    assert sorted((each.partition_index, each.error_code) for each in answers) == [(0, 0), (5, 3)]
    assert wire.ask(commit("nowhere", group, 0), 7).topics[0].partitions[0].error_code == 3


def test_offsets_are_committed_and_fetched_by_topic_id(running: RunningCluster, wire: Wire, group: str) -> None:
    topic = running.topic()
    topic_id = running.cluster.controller.image.topics[topic].topic_id
    request = commit("", group, 0)
    request.topics[0].topic_id = topic_id
    assert wire.ask(request, 10).topics[0].partitions[0].error_code == ErrorCode.NONE

    wanted = [
        OffsetFetchRequestTopics(topic_id=topic_id, partition_indexes=[0]),
        OffsetFetchRequestTopics(topic_id=uuid4().bytes, partition_indexes=[0]),
    ]
    fetched = wire.ask(OffsetFetchRequest(groups=[OffsetFetchRequestGroup(group_id=group, topics=wanted)]), 10)

    found = [(each.partitions[0].error_code, each.partitions[0].committed_offset) for each in fetched.groups[0].topics]
    assert found == [(0, 7), (ErrorCode.UNKNOWN_TOPIC_ID, -1)]
    request.topics[0].topic_id = uuid4().bytes
    assert wire.ask(request, 10).topics[0].partitions[0].error_code == ErrorCode.UNKNOWN_TOPIC_ID


def test_all_offsets_of_a_group_are_fetched_with_their_topic_ids(
    running: RunningCluster, wire: Wire, group: str
) -> None:
    topic = running.topic(partitions=2)
    wire.ask(commit(topic, group, 0, 1), 7)

    fetched = wire.ask(OffsetFetchRequest(groups=[OffsetFetchRequestGroup(group_id=group, topics=None)]), 10)

    (found,) = fetched.groups[0].topics
    assert found.topic_id == running.cluster.controller.image.topics[topic].topic_id
    assert [each.committed_offset for each in found.partitions] == [7, 7]


def test_an_unknown_group_has_no_offsets_and_no_error(wire: Wire, group: str) -> None:
    wanted = [OffsetFetchRequestTopics(name="nowhere", partition_indexes=[0])]

    fetched = wire.ask(OffsetFetchRequest(groups=[OffsetFetchRequestGroup(group_id=group, topics=wanted)]), 8)

    (partition,) = fetched.groups[0].topics[0].partitions
    assert (partition.error_code, partition.committed_offset, partition.metadata) == (0, -1, "")


def test_offsets_can_be_deleted_but_not_those_of_unknown_partitions(
    running: RunningCluster, wire: Wire, group: str
) -> None:
    topic = running.topic()
    wire.ask(commit(topic, group, 0), 7)
    wanted = [OffsetDeleteRequestPartition(partition_index=index) for index in (0, 3)]

    request = OffsetDeleteRequest(group_id=group, topics=[OffsetDeleteRequestTopic(name=topic, partitions=wanted)])
    answers = wire.ask(request, 0)

    assert answers.error_code == ErrorCode.NONE
    assert sorted((each.partition_index, each.error_code) for each in answers.topics[0].partitions) == [(0, 0), (3, 3)]
    missing = OffsetDeleteRequest(group_id=f"none-{uuid4()}", topics=request.topics)
    assert wire.ask(missing, 0).error_code == ErrorCode.GROUP_ID_NOT_FOUND
