"""DescribeGroups, ListGroups and DeleteGroups of classic groups."""

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.list_groups import ListGroupsRequest
from tests.reference_broker.groups.bench import Bench, reply


def describe(bench: Bench, group_id: str = "g", version: int = 6):  # type: ignore[no-untyped-def]
    (described,) = bench.service.describe_groups([group_id], bench.caller(version))
    return described


def listed(bench: Bench, **filters: list[str]) -> list[str]:
    return [group.group_id for group in bench.service.list_groups(ListGroupsRequest(**filters)).groups]


def test_a_stable_group_shows_protocol_metadata_and_assignments() -> None:
    bench = Bench()
    (member,) = bench.stable()

    described = describe(bench)

    assert (described.group_state, described.protocol_type, described.protocol_data) == ("Stable", "consumer", "range")
    (shown,) = described.members
    assert (shown.member_id, shown.client_id, shown.client_host) == (member, "client", "/127.0.0.1")
    assert (shown.member_metadata, shown.member_assignment) == (b"meta", b"part of 0")


def test_a_group_that_rebalances_shows_neither_protocol_nor_metadata() -> None:
    bench = Bench()
    bench.stable()
    bench.new_member()

    described = describe(bench)

    assert (described.group_state, described.protocol_data) == ("PreparingRebalance", "")
    assert [each.member_metadata for each in described.members] == [b"", b""]
    assert described.members[0].member_assignment == b"part of 0"


def test_an_empty_group_keeps_its_protocol_type() -> None:
    bench = Bench()
    bench.leave(*bench.stable())

    described = describe(bench)

    assert (described.group_state, described.protocol_type, described.members) == ("Empty", "consumer", [])


def test_an_unknown_group_is_dead_and_from_version_6_on_an_error() -> None:
    bench = Bench()

    old, new = describe(bench, version=5), describe(bench, version=6)

    assert (old.group_state, old.error_code) == ("Dead", ErrorCode.NONE)
    assert (new.group_state, new.error_code) == ("Dead", ErrorCode.GROUP_ID_NOT_FOUND)
    assert new.error_message == "Group g not found."


def test_a_group_is_listed_with_its_state_and_type() -> None:
    bench = Bench()
    bench.stable()

    (group,) = bench.service.list_groups(ListGroupsRequest()).groups

    assert (group.group_id, group.protocol_type, group.group_state, group.group_type) == (
        "g",
        "consumer",
        "Stable",
        "classic",
    )


@pytest.mark.parametrize("state", ["Stable", "stable", " STABLE "])
def test_a_state_filter_ignores_case_and_spaces(state: str) -> None:
    bench = Bench()
    bench.stable()
    bench.commit(group_id="simple")

    assert listed(bench, states_filter=[state]) == ["g"]
    assert listed(bench, states_filter=[state, "empty"]) == ["g", "simple"]


@pytest.mark.parametrize(
    ("types", "found"), [(["Classic"], ["g"]), (["consumer"], []), (["nonsense"], []), ([], ["g"])]
)
def test_a_type_filter_ignores_case(types: list[str], found: list[str]) -> None:
    bench = Bench()
    bench.stable()

    assert listed(bench, types_filter=types) == found


def test_an_unknown_state_lists_nothing() -> None:
    bench = Bench()
    bench.stable()

    assert listed(bench, states_filter=["nonsense"]) == []


def test_a_group_is_listed_and_described_once_it_is_replicated() -> None:
    bench = Bench()
    bench.log.hold = True
    bench.join()
    assert listed(bench) == []
    assert describe(bench).group_state == "Dead"

    bench.log.replicate()

    assert listed(bench) == ["g"]
    assert describe(bench).group_state == "Empty"


def test_an_empty_group_is_deleted_with_its_offsets() -> None:
    bench = Bench()
    bench.commit(7)

    (result,) = reply(bench.service.delete_groups(["g"])).results

    assert (result.group_id, result.error_code) == ("g", ErrorCode.NONE)
    assert bench.offset() == -1
    assert listed(bench) == []
    bench.fail_over()
    assert listed(bench) == []
    assert bench.offset() == -1


def test_a_group_with_members_is_not_deleted() -> None:
    bench = Bench()
    bench.stable()

    assert reply(bench.service.delete_groups(["g"])).results[0].error_code == ErrorCode.NON_EMPTY_GROUP
    assert listed(bench) == ["g"]


def test_an_unknown_group_is_not_found() -> None:
    assert reply(Bench().service.delete_groups(["g"])).results[0].error_code == ErrorCode.GROUP_ID_NOT_FOUND


def test_a_deletion_that_cannot_be_stored_deletes_nothing() -> None:
    bench = Bench()
    bench.commit(7)
    bench.log.error = ErrorCode.NOT_ENOUGH_REPLICAS

    result = reply(bench.service.delete_groups(["g"])).results[0]

    assert result.error_code == ErrorCode.COORDINATOR_NOT_AVAILABLE
    assert (bench.offset(), listed(bench)) == (7, ["g"])
