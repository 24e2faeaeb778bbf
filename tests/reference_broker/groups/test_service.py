"""The service: which coordinator answers, and what differs by version."""

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.leave_group import LeaveGroupRequest
from kafka_conformance.protocol.messages.list_groups import ListGroupsRequest
from kafka_conformance.reference_broker.groups.classic.group import ClassicGroup
from kafka_conformance.reference_broker.groups.parts import GroupParts
from kafka_conformance.reference_broker.groups.settings import GroupSettings
from tests.reference_broker.groups.bench import NO_DELAY, Bench, ListLog, error_of, reply

FIFTY = GroupSettings(group_initial_rebalance_delay_ms=0)


def test_the_defaults_are_kafkas() -> None:
    settings = GroupSettings()

    assert settings.group_initial_rebalance_delay_ms == 3000
    assert (settings.group_min_session_timeout_ms, settings.group_max_session_timeout_ms) == (6000, 1_800_000)
    assert settings.offsets_retention_ms == 7 * 24 * 60 * 60 * 1000
    assert (settings.offset_metadata_max_bytes, settings.offsets_topic_num_partitions) == (4096, 50)


def test_a_group_is_served_by_the_leader_of_its_partition_only() -> None:
    bench = Bench(FIFTY)
    assert bench.service.partition_for("hello") == 22
    assert error_of(bench.join(group_id="hello")) == ErrorCode.NOT_COORDINATOR
    bench.service.elected(22, 0, ListLog())
    bench.loop.advance(0)

    assert error_of(bench.join(group_id="hello")) == ErrorCode.MEMBER_ID_REQUIRED


def test_without_a_coordinator_every_api_says_so() -> None:
    bench = Bench()
    bench.service.resigned(0)

    nowhere = ErrorCode.NOT_COORDINATOR
    assert error_of(bench.join()) == error_of(bench.sync("m")) == error_of(bench.heartbeat("m")) == nowhere
    assert error_of(bench.leave("m")) == error_of(bench.fetch()) == error_of(bench.fetch(stable=True)) == nowhere
    assert bench.commit_error() == nowhere
    assert bench.service.describe_groups(["g"], bench.caller(6))[0].error_code == nowhere
    assert reply(bench.service.delete_groups(["g"])).results[0].error_code == nowhere
    assert bench.service.list_groups(ListGroupsRequest()).error_code == ErrorCode.NONE


def test_a_service_that_was_shut_down_is_not_available() -> None:
    bench = Bench()
    bench.service.shut_down()

    missing = ErrorCode.COORDINATOR_NOT_AVAILABLE
    assert error_of(bench.join("m")) == error_of(bench.sync("m")) == error_of(bench.heartbeat("m")) == missing
    assert error_of(bench.leave("m")) == error_of(bench.fetch()) == error_of(bench.fetch(stable=True)) == missing
    assert bench.commit_error() == missing
    assert error_of(bench.service.list_groups(ListGroupsRequest())) == missing


def test_a_group_without_a_name_is_invalid_for_members_but_keeps_offsets() -> None:
    bench = Bench()

    invalid = ErrorCode.INVALID_GROUP_ID
    assert error_of(bench.join("m", group_id="")) == error_of(bench.sync("m", group_id="")) == invalid
    assert error_of(bench.heartbeat("m", group_id="")) == error_of(bench.leave("m", group_id="")) == invalid
    assert bench.commit_error(5, group_id="") == ErrorCode.NONE
    assert bench.offset(group_id="") == 5


@pytest.mark.parametrize("timeout", [5999, 1_800_001, 0, -1])
def test_a_session_timeout_out_of_bounds_is_invalid(timeout: int) -> None:
    refused = reply(Bench().join("m", session_timeout_ms=timeout))

    assert (refused.error_code, refused.member_id) == (ErrorCode.INVALID_SESSION_TIMEOUT, "m")


@pytest.mark.parametrize("timeout", [6000, 1_800_000])
def test_the_bounds_of_the_session_timeout_are_allowed(timeout: int) -> None:
    assert error_of(Bench().join(session_timeout_ms=timeout)) == ErrorCode.MEMBER_ID_REQUIRED


def test_in_version_0_the_session_timeout_is_the_rebalance_timeout() -> None:
    bench = Bench()

    member = reply(bench.join(version=0, rebalance_timeout_ms=-1, session_timeout_ms=7000)).member_id

    assert bench.group().members[member].rebalance_timeout_ms == 7000


@pytest.mark.parametrize(("version", "name"), [(6, ""), (7, None)])
def test_a_refused_join_has_no_protocol_name(version: int, name: str | None) -> None:
    assert reply(Bench().join("invented", version=version)).protocol_name == name


@pytest.mark.parametrize("version", [6, 7])
def test_a_join_that_waited_is_shaped_by_its_version(version: int) -> None:
    bench = Bench()
    bench.stable()
    member, waiting = bench.new_member(version=version)
    bench.leave(member)

    assert reply(waiting).protocol_name == ("" if version == 6 else None)


@pytest.mark.parametrize(("who", "error"), [("member", 0), ("invented", ErrorCode.UNKNOWN_MEMBER_ID)])
def test_below_version_3_one_member_leaves_and_the_error_is_that_of_the_answer(who: str, error: int) -> None:
    bench = Bench()
    (member,) = bench.stable()
    request = LeaveGroupRequest(group_id="g", member_id=member if who == "member" else who)

    left = reply(bench.run(bench.service.leave_group(request, bench.caller(2))))

    assert (left.error_code, left.members) == (error, [])


def test_groups_of_many_partitions_are_described_and_deleted_together() -> None:
    bench = Bench(FIFTY)
    names = ["a", "b", "c"]
    logs = {bench.service.partition_for(name): ListLog() for name in names}
    for partition, log in logs.items():
        log.on_high_watermark = lambda offset, partition=partition: bench.service.high_watermark_reached(  # type: ignore[misc]
            partition, offset
        )
        bench.service.elected(partition, 0, log)
    bench.loop.advance(0)
    for name in names[:2]:
        bench.commit(5, group_id=name)

    described = bench.service.describe_groups(names, bench.caller(6))
    deleted = reply(bench.service.delete_groups([*names, "a"]))

    assert [(each.group_id, each.error_code) for each in described] == [("a", 0), ("b", 0), ("c", 69)]
    assert [(each.group_id, each.error_code) for each in deleted.results] == [("a", 0), ("b", 0), ("c", 69)]


def test_a_deletion_waits_for_the_slowest_partition() -> None:
    bench = Bench()
    bench.commit(5)
    bench.log.hold = True

    answer = bench.run(bench.service.delete_groups(["g", "h"]))
    assert not answer.done()
    bench.log.replicate()

    assert [each.error_code for each in reply(answer).results] == [0, 69]


def test_while_a_partition_is_loading_no_group_is_listed() -> None:
    bench = Bench()
    bench.commit(5)
    bench.service.elected(1, 0, ListLog())

    listed = bench.service.list_groups(ListGroupsRequest())

    assert (listed.error_code, listed.groups) == (ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, [])


def test_an_older_election_or_resignation_changes_nothing() -> None:
    bench = Bench()
    bench.service.resigned(0)
    bench.service.elected(0, 5, bench.log)
    bench.loop.advance(0)
    coordinator = bench.coordinator

    bench.service.elected(0, 4, ListLog())
    bench.service.elected(0, 6, bench.log)
    bench.service.resigned(0, 6)

    assert bench.coordinator is coordinator
    assert bench.commit_error() == ErrorCode.NONE
    bench.service.resigned(0, 7)
    assert bench.commit_error() == ErrorCode.NOT_COORDINATOR


def test_member_ids_are_uuids_and_repeat_with_the_seed() -> None:
    first, again = reply(Bench().join()).member_id, reply(Bench().join()).member_id

    assert first == again
    prefix, _, rest = first.partition("-")
    assert prefix == "client"
    assert [len(part) for part in rest.split("-")] == [8, 4, 4, 4, 12]
    assert rest[14] == "4"
    assert rest[19] in "89ab"


def test_a_group_is_made_of_the_parts_that_are_handed_in() -> None:
    class NeverRebalances(ClassicGroup):
        def needs_rebalance(self, *_: object) -> bool:
            return False

    bench = Bench(NO_DELAY, GroupParts(classic_group=NeverRebalances))
    (leader,) = bench.stable()

    assert reply(bench.join(leader)).generation_id == 1
