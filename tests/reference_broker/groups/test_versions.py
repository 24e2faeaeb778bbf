"""Every answer can be written in every version of its API."""

import pytest

from kafka_conformance.protocol.codec import decode_message, encode_message
from kafka_conformance.protocol.layout import Message
from kafka_conformance.protocol.messages.delete_groups import DeleteGroupsResponse
from kafka_conformance.protocol.messages.describe_groups import DescribeGroupsResponse
from kafka_conformance.protocol.messages.heartbeat import HeartbeatResponse
from kafka_conformance.protocol.messages.join_group import JoinGroupResponse
from kafka_conformance.protocol.messages.leave_group import LeaveGroupRequest, LeaveGroupResponse
from kafka_conformance.protocol.messages.list_groups import ListGroupsRequest, ListGroupsResponse
from kafka_conformance.protocol.messages.offset_commit import OffsetCommitResponse
from kafka_conformance.protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchResponse,
)
from kafka_conformance.protocol.messages.sync_group import SyncGroupResponse
from kafka_conformance.reference_broker.groups.offsets.fetches import fetch_response, requested_groups
from tests.reference_broker.groups.bench import Bench, reply


def versions(message: type[Message]) -> range:
    return range(message.valid_versions.first, message.valid_versions.last + 1)


def written(message: Message, version: int) -> Message:
    """The message as the client reads it."""
    assert version in message.valid_versions
    return decode_message(type(message), version, b"".join(encode_message(message, version)))[0]


@pytest.mark.parametrize("version", versions(JoinGroupResponse))
def test_join_group(version: int) -> None:
    bench = Bench()

    refused = written(reply(bench.join("invented", version=version)), version)
    first = written(reply(bench.join(version=version)), version)

    assert isinstance(refused, JoinGroupResponse)
    assert isinstance(first, JoinGroupResponse)
    assert refused.error_code == 25
    assert (first.error_code, first.generation_id) == ((79, -1) if version >= 4 else (0, 1))


@pytest.mark.parametrize("version", versions(SyncGroupResponse))
def test_sync_group(version: int) -> None:
    bench = Bench()
    (member,) = bench.stable()

    synced = written(reply(bench.sync(member, version=version)), version)

    assert isinstance(synced, SyncGroupResponse)
    assert (synced.error_code, synced.assignment) == (0, b"part of 0")
    assert isinstance(written(reply(bench.sync("invented", version=version)), version), SyncGroupResponse)


@pytest.mark.parametrize("version", versions(HeartbeatResponse))
def test_heartbeat(version: int) -> None:
    beat = written(reply(Bench().heartbeat("invented")), version)

    assert isinstance(beat, HeartbeatResponse)
    assert beat.error_code == 25


@pytest.mark.parametrize("version", versions(LeaveGroupResponse))
def test_leave_group(version: int) -> None:
    bench = Bench()
    request = LeaveGroupRequest(group_id="g", member_id="m")
    answer = bench.leave("m") if version >= 3 else bench.run(bench.service.leave_group(request, bench.caller(version)))

    left = written(reply(answer), version)

    assert isinstance(left, LeaveGroupResponse)
    assert [left.error_code, *(each.error_code for each in left.members)] == ([0, 25] if version >= 3 else [25])


@pytest.mark.parametrize("version", versions(DescribeGroupsResponse))
def test_describe_groups(version: int) -> None:
    bench = Bench()
    bench.stable()

    groups = bench.service.describe_groups(["g", "other"], bench.caller(version))
    described = written(DescribeGroupsResponse(groups=groups), version)

    assert isinstance(described, DescribeGroupsResponse)
    assert [each.group_state for each in described.groups] == ["Stable", "Dead"]


@pytest.mark.parametrize("version", versions(ListGroupsResponse))
def test_list_groups(version: int) -> None:
    bench = Bench()
    bench.stable()

    listed = written(bench.service.list_groups(ListGroupsRequest()), version)

    assert isinstance(listed, ListGroupsResponse)
    assert [each.group_id for each in listed.groups] == ["g"]


@pytest.mark.parametrize("version", versions(DeleteGroupsResponse))
def test_delete_groups(version: int) -> None:
    deleted = written(reply(Bench().service.delete_groups(["g"])), version)

    assert isinstance(deleted, DeleteGroupsResponse)
    assert deleted.results[0].error_code == 69


@pytest.mark.parametrize("version", versions(OffsetCommitResponse))
def test_offset_commit(version: int) -> None:
    committed = written(reply(Bench().commit(5, version=version, topic_id=b"\1" * 16)), version)

    assert isinstance(committed, OffsetCommitResponse)
    assert committed.topics[0].topic_id == (b"\1" * 16 if version >= 10 else bytes(16))
    assert committed.topics[0].partitions[0].error_code == 0


@pytest.mark.parametrize("version", versions(OffsetFetchResponse))
def test_offset_fetch(version: int) -> None:
    bench = Bench()
    bench.commit(5)
    request = OffsetFetchRequest(group_id="g", topics=None, groups=[OffsetFetchRequestGroup(group_id="g", topics=None)])

    (group,) = requested_groups(request, version)
    found = reply(bench.service.fetch_offsets(group, bench.caller(version), require_stable=version >= 7))
    fetched = written(fetch_response([found], version), version)

    assert isinstance(fetched, OffsetFetchResponse)
    topics = fetched.groups[0].topics if version >= 8 else fetched.topics
    assert topics[0].partitions[0].committed_offset == 5
