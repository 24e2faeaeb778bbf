"""Static members (KIP-345): they come back under a new id without a rebalance, and their former selves are fenced."""

from typing import Any

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.leave_group import MemberIdentity
from kafka_conformance.reference_broker.groups.classic.states import State
from tests.reference_broker.groups.bench import Bench, error_of, is_waiting, reply


def static_group(*instances: str, **fields: Any) -> tuple[Bench, list[str], int]:
    """A Stable group of static members: (bench, ids with the leader's first, generation)."""
    bench = Bench()
    answers = [bench.join(group_instance_id=instance, **fields) for instance in instances]
    ids = list(bench.group().members)
    if len(ids) > 1:
        answers += [bench.join(member, group_instance_id=i, **fields) for member, i in zip(ids, instances, strict=True)]
    generation = bench.group().generation
    parked = [bench.sync(member, generation) for member in ids[1:]]
    reply(bench.sync(ids[0], generation, assignments={member: member.encode() for member in ids}))
    assert all(error_of(answer) == ErrorCode.NONE for answer in [*answers[len(instances) :], *parked])
    assert bench.group().state is State.STABLE
    return bench, ids, generation


def test_a_static_member_is_let_in_at_once_with_an_id_from_its_instance_id() -> None:
    bench = Bench()

    joined = reply(bench.join(group_instance_id="i"))

    assert joined.error_code == ErrorCode.NONE
    assert joined.member_id.startswith("i-")


def test_a_static_follower_comes_back_without_a_rebalance() -> None:
    bench, (leader, old), generation = static_group("i1", "i2")

    joined = reply(bench.join(group_instance_id="i2"))

    assert (joined.error_code, joined.generation_id, joined.leader) == (ErrorCode.NONE, generation, leader)
    assert joined.member_id != old
    assert bench.group().state is State.STABLE
    assert reply(bench.sync(joined.member_id, generation, group_instance_id="i2")).assignment == old.encode()


def test_a_static_leader_that_comes_back_skips_the_assignment_from_version_9() -> None:
    bench, _, _ = static_group("i1", "i2")

    joined = reply(bench.join(group_instance_id="i1", version=9))

    assert joined.skip_assignment
    assert joined.leader == joined.member_id
    assert {each.group_instance_id for each in joined.members} == {"i1", "i2"}


def test_a_static_leader_that_comes_back_below_version_9_is_told_its_old_id_as_leader() -> None:
    bench, (old, _), _ = static_group("i1", "i2")

    joined = reply(bench.join(group_instance_id="i1", version=8))

    assert (joined.leader, joined.members, joined.skip_assignment) == (old, [], False)
    assert bench.group().leader == joined.member_id


def test_the_new_id_of_a_static_member_is_in_the_log() -> None:
    bench, _, generation = static_group("i1")
    joined = reply(bench.join(group_instance_id="i1"))

    bench.fail_over()

    assert error_of(bench.heartbeat(joined.member_id, generation, group_instance_id="i1")) == ErrorCode.NONE


def test_a_static_member_that_changes_the_selected_protocol_starts_a_rebalance() -> None:
    bench, _, generation = static_group("i1")

    joined = reply(bench.join(group_instance_id="i1", protocols={"sticky": b"", "range": b""}))

    assert joined.generation_id == generation + 1
    assert joined.protocol_name == "sticky"


def test_a_static_member_that_comes_back_while_the_leader_assigns_starts_a_rebalance() -> None:
    bench = Bench()
    first = reply(bench.join(group_instance_id="i1"))
    assert bench.group().state is State.COMPLETING_REBALANCE

    joined = reply(bench.join(group_instance_id="i1"))

    assert joined.generation_id == first.generation_id + 1


def test_a_static_member_that_comes_back_during_a_rebalance_takes_part_in_it() -> None:
    bench, (leader, _), generation = static_group("i1", "i2")
    waiting = bench.join(leader, group_instance_id="i1")
    assert is_waiting(waiting)

    joined = reply(bench.join(group_instance_id="i2"))

    assert joined.generation_id == reply(waiting).generation_id == generation + 1


def test_a_parked_join_of_the_former_self_is_fenced() -> None:
    bench, (leader, _), _ = static_group("i1", "i2")
    waiting = bench.join(leader, group_instance_id="i1")

    bench.join(group_instance_id="i1")

    assert (error_of(waiting), reply(waiting).member_id) == (ErrorCode.FENCED_INSTANCE_ID, leader)


def test_a_parked_sync_of_the_former_self_is_fenced() -> None:
    bench, (leader, follower), _ = static_group("i1", "i2")
    bench.join(leader, group_instance_id="i1")
    bench.join(follower, group_instance_id="i2")
    parked = bench.sync(follower, bench.group().generation)
    assert is_waiting(parked)

    bench.join(group_instance_id="i2")

    assert error_of(parked) == ErrorCode.FENCED_INSTANCE_ID


def test_the_former_self_is_fenced_in_every_api() -> None:
    bench, (old,), generation = static_group("i1")
    bench.join(group_instance_id="i1")
    identity = MemberIdentity(member_id=old, group_instance_id="i1")

    assert error_of(bench.join(old, group_instance_id="i1")) == ErrorCode.FENCED_INSTANCE_ID
    assert error_of(bench.sync(old, generation, group_instance_id="i1")) == ErrorCode.FENCED_INSTANCE_ID
    assert error_of(bench.heartbeat(old, generation, group_instance_id="i1")) == ErrorCode.FENCED_INSTANCE_ID
    assert bench.commit_error(5, generation, old, group_instance_id="i1") == ErrorCode.FENCED_INSTANCE_ID
    assert reply(bench.leave(identity)).members[0].error_code == ErrorCode.FENCED_INSTANCE_ID


def test_an_instance_id_that_nobody_has_is_unknown() -> None:
    bench, (member,), generation = static_group("i1")

    assert error_of(bench.heartbeat(member, generation, group_instance_id="i9")) == ErrorCode.UNKNOWN_MEMBER_ID


def test_a_static_member_is_not_told_from_its_id_alone() -> None:
    bench, (member,), generation = static_group("i1")

    assert error_of(bench.heartbeat(member, generation)) == ErrorCode.NONE


def test_a_static_member_is_removed_by_its_instance_id_alone() -> None:
    bench, _, _ = static_group("i1")

    left = reply(bench.leave(MemberIdentity(member_id="", group_instance_id="i1")))

    assert left.members[0].error_code == ErrorCode.NONE
    assert bench.group().members == {}
    assert bench.group().static_ids == {}


def test_a_static_member_that_does_not_come_back_is_dropped_after_its_session() -> None:
    bench, _, _ = static_group("i1")

    bench.advance(10_000)

    assert bench.group().state is State.EMPTY


def test_the_session_of_the_former_self_does_not_end_the_new_one() -> None:
    bench, _, generation = static_group("i1")
    bench.advance(9000)
    joined = reply(bench.join(group_instance_id="i1"))

    bench.advance(9000)

    assert error_of(bench.heartbeat(joined.member_id, generation)) == ErrorCode.NONE


@pytest.mark.parametrize("late", [False, True])
def test_a_new_id_that_cannot_be_stored_is_taken_back(late: bool) -> None:
    bench, (old,), generation = static_group("i1")
    if late:
        bench.log.hold = True
    else:
        bench.log.error = ErrorCode.NOT_ENOUGH_REPLICAS

    answer = bench.join(group_instance_id="i1", session_timeout_ms=20_000, protocols={"range": b"new"})
    bench.advance(5000 if late else 0)

    refused = reply(answer)
    assert (refused.error_code, refused.member_id) == (ErrorCode.COORDINATOR_NOT_AVAILABLE, "")
    member = bench.group().members[old]
    assert (member.session_timeout_ms, member.protocols) == (10_000, (("range", b"meta"),))
    assert bench.group().static_ids == {"i1": old}
    bench.log.error = ErrorCode.NONE
    bench.log.replicate()
    assert error_of(bench.heartbeat(old, generation, group_instance_id="i1")) == ErrorCode.NONE


def test_a_second_comeback_before_the_first_is_stored_answers_each_with_its_own() -> None:
    bench, _, _ = static_group("i1")
    bench.log.hold = True
    first = bench.join(group_instance_id="i1")
    second = bench.join(group_instance_id="i1")

    bench.log.replicate()

    assert error_of(first) == ErrorCode.FENCED_INSTANCE_ID
    assert error_of(second) == ErrorCode.NONE
    assert bench.group().static_ids == {"i1": reply(second).member_id}
