"""OffsetCommit and OffsetFetch: who may commit, what is kept of it, and who sees it."""

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopic,
    OffsetFetchRequestTopics,
)
from kafka_conformance.reference_broker.groups.classic.states import State
from kafka_conformance.reference_broker.groups.offsets.fetches import (
    fetch_response,
    refuse_fetch,
    requested_groups,
)
from tests.reference_broker.groups.bench import EPOCH_MS, Bench, is_waiting, reply

ID = bytes(range(16))


def test_the_last_commit_wins() -> None:
    bench = Bench()
    bench.commit(7)

    bench.commit(3)

    assert bench.offset() == 3


def test_a_commit_without_generation_makes_a_simple_group() -> None:
    bench = Bench()

    assert bench.commit_error(5, -1, "made up") == ErrorCode.NONE
    assert bench.group().state is State.EMPTY
    assert bench.offset() == 5


@pytest.mark.parametrize(("version", "error"), [(9, ErrorCode.GROUP_ID_NOT_FOUND), (8, ErrorCode.ILLEGAL_GENERATION)])
def test_a_commit_with_a_generation_needs_the_group(version: int, error: ErrorCode) -> None:
    bench = Bench()

    assert bench.commit_error(5, 1, "m", version=version) == error
    assert bench.coordinator.shard.groups == {}


@pytest.mark.parametrize("offset", [0, 2])
def test_a_commit_of_another_generation_is_illegal(offset: int) -> None:
    bench = Bench()
    (member,) = bench.stable()

    assert bench.commit_error(5, offset, member) == ErrorCode.ILLEGAL_GENERATION
    assert bench.offset() == -1


def test_a_live_group_takes_commits_of_members_only() -> None:
    bench = Bench()
    (member,) = bench.stable()

    assert bench.commit_error(5, 1, "invented") == ErrorCode.UNKNOWN_MEMBER_ID
    assert bench.commit_error(5, -1, "") == ErrorCode.UNKNOWN_MEMBER_ID
    assert bench.commit_error(5, -1, "invented") == ErrorCode.UNKNOWN_MEMBER_ID
    assert bench.commit_error(5, -1, member) == ErrorCode.ILLEGAL_GENERATION


def test_an_empty_group_takes_commits_without_generation_of_anybody() -> None:
    bench = Bench()
    (member,) = bench.stable()
    bench.leave(member)

    assert bench.commit_error(5, -1, "anybody") == ErrorCode.NONE
    assert bench.commit_error(6, 1, member) == ErrorCode.UNKNOWN_MEMBER_ID
    assert bench.offset() == 5


def test_a_pending_member_cannot_commit() -> None:
    bench = Bench()
    pending = reply(bench.join()).member_id

    assert bench.commit_error(5, 0, pending) == ErrorCode.UNKNOWN_MEMBER_ID


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ("x" * 4096, ErrorCode.NONE),
        ("x" * 4097, ErrorCode.OFFSET_METADATA_TOO_LARGE),
        ("é" * 4096, ErrorCode.NONE),
        ("\U0001f600" * 2049, ErrorCode.OFFSET_METADATA_TOO_LARGE),
    ],
)
def test_metadata_is_limited_in_characters_of_java(metadata: str, error: ErrorCode) -> None:
    bench = Bench()

    assert bench.commit_error(5, metadata=metadata) == error
    assert bench.offset() == (-1 if error else 5)


def test_null_metadata_is_empty() -> None:
    bench = Bench()
    bench.commit(5, metadata=None)

    assert reply(bench.fetch()).topics[0].partitions[0].metadata == ""


@pytest.mark.parametrize("offset", [-1, -5])
def test_a_negative_offset_is_stored(offset: int) -> None:
    bench = Bench()

    assert bench.commit_error(offset) == ErrorCode.NONE
    assert bench.coordinator.shard.offsets.get("g", "t", 0) is not None
    assert bench.offset() == offset


def test_epoch_and_metadata_come_back_also_after_a_failover() -> None:
    bench = Bench()
    bench.commit(5, metadata="note", leader_epoch=3)
    before = reply(bench.fetch())

    bench.fail_over()

    assert reply(bench.fetch()) == before
    partition = before.topics[0].partitions[0]
    assert (partition.committed_offset, partition.committed_leader_epoch, partition.metadata) == (5, 3, "note")


def test_a_commit_that_cannot_be_stored_is_refused_and_forgotten() -> None:
    bench = Bench()
    bench.commit(5)
    bench.log.error = ErrorCode.NOT_ENOUGH_REPLICAS

    assert bench.commit_error(6) == ErrorCode.COORDINATOR_NOT_AVAILABLE
    assert bench.offset() == bench.offset(stable=True) == 5


def test_a_commit_is_acknowledged_and_seen_once_it_is_replicated() -> None:
    bench = Bench()
    bench.commit(5)
    bench.log.hold = True
    answer = bench.commit(6)
    stable = bench.fetch(stable=True)
    assert is_waiting(answer)
    assert is_waiting(stable)
    assert bench.offset() == 5

    bench.log.replicate()

    assert reply(answer).topics[0].partitions[0].error_code == ErrorCode.NONE
    assert reply(stable).topics[0].partitions[0].committed_offset == 6
    assert bench.offset() == 6


def test_a_commit_that_is_not_replicated_in_time_is_refused_and_may_be_seen_later() -> None:
    bench = Bench()
    bench.log.hold = True
    answer = bench.commit(6)

    bench.advance(5000)
    assert reply(answer).topics[0].partitions[0].error_code == ErrorCode.COORDINATOR_NOT_AVAILABLE
    bench.log.replicate()

    assert bench.offset() == 6


# Fetching


def test_what_was_never_committed_is_minus_1_without_error() -> None:
    bench = Bench()
    bench.commit(5)

    for answer in (bench.fetch(group_id="other"), bench.fetch("other"), bench.fetch("t", 9)):
        partition = reply(answer).topics[0].partitions[0]
        assert (partition.committed_offset, partition.committed_leader_epoch) == (-1, -1)
        assert (partition.metadata, partition.error_code) == ("", ErrorCode.NONE)


def test_null_topics_fetch_everything_that_was_committed() -> None:
    bench = Bench()
    bench.commit(5)
    bench.commit(6, topic="u", partition=2)

    found = reply(bench.fetch(topics=None))

    offsets = {(t.name, p.partition_index): p.committed_offset for t in found.topics for p in t.partitions}
    assert offsets == {("t", 0): 5, ("u", 2): 6}
    assert reply(bench.fetch(topics=None, group_id="other")).topics == []


def test_the_offset_of_a_deleted_topic_is_not_that_of_its_successor() -> None:
    bench = Bench()
    bench.commit(5, topic_id=ID, version=10)

    def offset_by(topic_id: bytes) -> int:
        wanted = [OffsetFetchRequestTopics(name="t", topic_id=topic_id, partition_indexes=[0])]
        answer = reply(bench.fetch(topics=wanted)).topics[0]
        assert answer.topic_id == topic_id
        offset: int = answer.partitions[0].committed_offset
        return offset

    assert offset_by(ID) == offset_by(bytes(16)) == 5
    assert offset_by(b"\1" * 16) == -1


def test_an_offset_without_topic_id_is_seen_by_every_id() -> None:
    bench = Bench()
    bench.commit(5)
    wanted = [OffsetFetchRequestTopics(name="t", topic_id=ID, partition_indexes=[0])]

    assert reply(bench.fetch(topics=wanted)).topics[0].partitions[0].committed_offset == 5


@pytest.mark.parametrize("version", [1, 7])
def test_below_version_8_a_request_and_its_answer_have_one_group(version: int) -> None:
    bench = Bench()
    bench.commit(5)
    topics = [OffsetFetchRequestTopic(name="t", partition_indexes=[0, 1])]
    (group,) = requested_groups(OffsetFetchRequest(group_id="g", topics=topics), version)

    found = reply(bench.service.fetch_offsets(group, bench.caller(version), require_stable=False))
    response = fetch_response([found], version)

    assert [each.committed_offset for each in response.topics[0].partitions] == [5, -1]
    assert response.groups == []


def test_below_version_8_null_topics_fetch_everything() -> None:
    (group,) = requested_groups(OffsetFetchRequest(group_id="g", topics=None), 2)

    assert (group.group_id, group.topics) == ("g", None)


def test_from_version_8_on_there_are_many_groups() -> None:
    groups = [OffsetFetchRequestGroup(group_id="a"), OffsetFetchRequestGroup(group_id="b")]

    assert requested_groups(OffsetFetchRequest(groups=groups), 8) == groups
    answers = [refuse_fetch(group, ErrorCode.NOT_COORDINATOR, 8) for group in groups]
    assert [(each.group_id, each.error_code) for each in fetch_response(answers, 8).groups] == [("a", 16), ("b", 16)]


def test_an_error_of_the_group_stands_at_each_partition_in_version_1() -> None:
    wanted = [OffsetFetchRequestTopics(name="t", partition_indexes=[0, 1])]
    group = OffsetFetchRequestGroup(group_id="g", topics=wanted)

    old = fetch_response([refuse_fetch(group, ErrorCode.NOT_COORDINATOR, 1)], 1)
    new = fetch_response([refuse_fetch(group, ErrorCode.NOT_COORDINATOR, 2)], 2)

    assert [each.error_code for each in old.topics[0].partitions] == [16, 16]
    assert [each.committed_offset for each in old.topics[0].partitions] == [-1, -1]
    assert (new.error_code, new.topics) == (16, [])


# Retention of its own


def test_the_retention_of_a_commit_makes_its_expiry_time() -> None:
    bench = Bench()
    bench.commit(5, retention_time_ms=1000, leader_epoch=3, topic_id=ID, version=4)

    offset = bench.coordinator.shard.offsets.get("g", "t", 0)
    assert offset is not None
    assert offset.expire_timestamp_ms == EPOCH_MS + 1000
    bench.fail_over()
    assert bench.coordinator.shard.offsets.get("g", "t", 0) == offset
