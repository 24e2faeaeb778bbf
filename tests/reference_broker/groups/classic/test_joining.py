"""JoinGroup: who is let in, when the generation begins, who leads, and which protocol is chosen."""

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.groups.classic.states import State
from tests.reference_broker.groups.bench import NO_DELAY, Bench, error_of, is_waiting, reply

DELAY = NO_DELAY._replace(group_initial_rebalance_delay_ms=3000)


def test_a_new_dynamic_member_is_told_its_id_first() -> None:
    bench = Bench()

    refused = reply(bench.join(version=4))

    assert refused.error_code == ErrorCode.MEMBER_ID_REQUIRED
    assert refused.member_id.startswith("client-")
    assert refused.generation_id == -1
    assert bench.group().pending_joins == {refused.member_id}


def test_before_version_4_a_new_member_joins_at_once() -> None:
    bench = Bench()

    joined = reply(bench.join(version=3))

    assert joined.error_code == ErrorCode.NONE
    assert joined.generation_id == 1


def test_the_first_generation_is_1_and_its_only_member_leads() -> None:
    bench = Bench()

    member, answer = bench.new_member()

    joined = reply(answer)
    assert (joined.generation_id, joined.leader, joined.protocol_type, joined.protocol_name) == (
        1,
        member,
        "consumer",
        "range",
    )
    assert [(each.member_id, each.metadata) for each in joined.members] == [(member, b"meta")]


def test_a_follower_is_told_the_leader_and_nobody_else() -> None:
    bench = Bench()
    (leader,) = bench.stable()
    _, answer = bench.new_member()

    bench.join(leader)

    joined = reply(answer)
    assert (joined.leader, joined.members) == (leader, [])


def test_an_unknown_member_id_is_refused_and_makes_no_group() -> None:
    bench = Bench()

    refused = reply(bench.join("invented"))

    assert (refused.error_code, refused.member_id) == (ErrorCode.UNKNOWN_MEMBER_ID, "invented")
    assert bench.coordinator.shard.groups == {}


def test_an_unknown_member_id_is_refused_in_a_live_group() -> None:
    bench = Bench()
    bench.stable()

    assert error_of(bench.join("invented")) == ErrorCode.UNKNOWN_MEMBER_ID
    assert bench.group().state is State.STABLE


@pytest.mark.parametrize("fields", [{"protocols": {}}, {"protocol_type": ""}])
def test_a_member_without_protocols_or_type_is_inconsistent(fields: dict[str, object]) -> None:
    bench = Bench()

    assert error_of(bench.join(**fields)) == ErrorCode.INCONSISTENT_GROUP_PROTOCOL


@pytest.mark.parametrize("fields", [{"protocols": {"sticky": b""}}, {"protocol_type": "connect"}])
def test_a_member_that_shares_no_protocol_or_not_the_type_is_inconsistent(fields: dict[str, object]) -> None:
    bench = Bench()
    bench.stable()

    assert error_of(bench.join(**fields)) == ErrorCode.INCONSISTENT_GROUP_PROTOCOL


def test_a_refused_first_join_leaves_an_empty_group() -> None:
    bench = Bench()

    bench.join(protocols={})

    assert bench.group().state is State.EMPTY
    assert len(bench.log.entries) == 1


def test_an_empty_group_takes_another_protocol_type() -> None:
    bench = Bench()
    bench.leave(*bench.stable())

    _, answer = bench.new_member(protocol_type="connect")

    assert reply(answer).protocol_type == "connect"


# The initial delay


def test_the_first_members_are_waited_for() -> None:
    bench = Bench(DELAY)
    _, first = bench.new_member()
    bench.advance(2999)
    assert is_waiting(first)

    bench.advance(1)

    assert reply(first).generation_id == 1


def test_a_join_within_the_initial_delay_extends_it_once_more() -> None:
    bench = Bench(DELAY)
    _, first = bench.new_member()
    bench.advance(2000)
    _, second = bench.new_member()

    bench.advance(1000)
    assert is_waiting(first)
    bench.advance(3000)

    assert len(reply(first).members) == 2
    assert reply(second).generation_id == 1


def test_the_initial_delay_ends_with_the_first_members_rebalance_timeout() -> None:
    bench = Bench(DELAY)
    _, first = bench.new_member(rebalance_timeout_ms=7000)
    for _ in range(6):
        bench.advance(1000)
        bench.new_member(rebalance_timeout_ms=7000)
    assert is_waiting(first)

    bench.advance(1000)

    assert len(reply(first).members) == 7


def test_a_rebalance_timeout_below_the_initial_delay_does_not_cut_it() -> None:
    bench = Bench(DELAY)
    _, first = bench.new_member(rebalance_timeout_ms=1000)
    bench.advance(2999)
    assert is_waiting(first)

    bench.advance(1)

    assert reply(first).generation_id == 1


def test_a_member_that_leaves_does_not_cut_the_initial_delay() -> None:
    bench = Bench(DELAY)
    _, first = bench.new_member()
    second, answer = bench.new_member()

    bench.leave(second)

    assert error_of(answer) == ErrorCode.UNKNOWN_MEMBER_ID
    assert is_waiting(first)


# Rebalances


def test_a_rebalance_ends_when_the_last_member_has_joined() -> None:
    bench = Bench()
    first, second = bench.stable(2)
    _, third = bench.new_member()

    waiting = bench.join(first)
    assert is_waiting(waiting)
    bench.join(second)

    assert reply(waiting).generation_id == reply(third).generation_id == bench.group().generation
    assert bench.group().state is State.COMPLETING_REBALANCE


def test_dynamic_members_that_do_not_rejoin_are_dropped_after_the_rebalance_timeout() -> None:
    bench = Bench()
    first, second = bench.stable(2, session_timeout_ms=60_000)
    third, answer = bench.new_member(session_timeout_ms=60_000)
    bench.join(first, session_timeout_ms=60_000)

    bench.advance(29_999)
    assert is_waiting(answer)
    bench.advance(1)

    assert set(bench.group().members) == {first, third}
    assert second not in bench.group().members


def test_the_longest_rebalance_timeout_counts() -> None:
    bench = Bench()
    patient, other = bench.stable(2, session_timeout_ms=100_000)
    waiting = bench.join(patient, rebalance_timeout_ms=50_000, protocols={"range": b"new"}, session_timeout_ms=100_000)

    bench.advance(49_999)
    assert is_waiting(waiting)
    bench.advance(1)

    assert list(bench.group().members) == [patient]
    assert other not in bench.group().members


def test_a_leader_that_does_not_rejoin_is_replaced_by_one_that_has() -> None:
    bench = Bench()
    leader, follower = bench.stable(2, session_timeout_ms=60_000)

    answer = bench.join(follower, protocols={"range": b"new"}, session_timeout_ms=60_000)
    bench.advance(30_000)

    assert reply(answer).leader == follower
    assert leader not in bench.group().members


def test_a_static_leader_that_does_not_rejoin_stays_a_member_but_does_not_lead() -> None:
    bench = Bench()
    leader = reply(bench.join(group_instance_id="i", session_timeout_ms=60_000)).member_id
    follower, answer = bench.new_member(session_timeout_ms=60_000)
    bench.advance(30_000)

    joined = reply(answer)

    assert joined.leader == follower
    assert {each.member_id for each in joined.members} == {leader, follower}


def test_while_only_static_members_are_left_and_none_rejoined_the_rebalance_waits() -> None:
    bench = Bench()
    static = reply(bench.join(group_instance_id="i", session_timeout_ms=100_000)).member_id
    member, _ = bench.new_member()
    bench.leave(member)

    bench.advance(30_000)

    assert bench.group().state is State.PREPARING_REBALANCE
    assert list(bench.group().members) == [static]


def test_a_pending_id_delays_a_rebalance_until_it_comes_back() -> None:
    bench = Bench()
    (leader,) = bench.stable()
    refused = reply(bench.join())
    waiting = bench.join(leader)
    assert is_waiting(waiting)

    bench.join(refused.member_id)

    assert len(reply(waiting).members) == 2


def test_a_pending_id_delays_a_rebalance_until_its_session_ends() -> None:
    bench = Bench()
    (leader,) = bench.stable()
    bench.join(session_timeout_ms=6000)
    waiting = bench.join(leader)

    bench.advance(5999)
    assert is_waiting(waiting)
    bench.advance(1)

    assert reply(waiting).generation_id == 2


def test_a_pending_id_delays_a_rebalance_no_longer_than_the_rebalance_timeout() -> None:
    bench = Bench()
    (leader,) = bench.stable()
    bench.join(session_timeout_ms=10_000)
    waiting = bench.join(leader, rebalance_timeout_ms=2000)

    bench.advance(2000)

    assert reply(waiting).generation_id == 2


def test_the_id_of_a_member_that_gave_up_pending_is_unknown() -> None:
    bench = Bench()
    member = reply(bench.join()).member_id
    assert error_of(bench.leave(member)) == ErrorCode.NONE

    assert error_of(bench.join(member)) == ErrorCode.UNKNOWN_MEMBER_ID


def test_a_pending_id_with_an_instance_id_is_a_server_error() -> None:
    bench = Bench()
    member = reply(bench.join()).member_id

    assert error_of(bench.join(member, group_instance_id="i")) == ErrorCode.UNKNOWN_SERVER_ERROR


# Members that come again


def test_a_follower_that_rejoins_unchanged_is_told_the_current_generation() -> None:
    bench = Bench()
    leader, follower = bench.stable(2)

    joined = reply(bench.join(follower))

    assert (joined.generation_id, joined.leader, joined.members) == (bench.group().generation, leader, [])
    assert bench.group().state is State.STABLE


def test_a_leader_that_rejoins_starts_a_rebalance() -> None:
    bench = Bench()
    leader, _ = bench.stable(2)

    assert is_waiting(bench.join(leader))
    assert bench.group().state is State.PREPARING_REBALANCE


@pytest.mark.parametrize(
    "protocols", [{"range": b"new"}, {"range": b"meta", "sticky": b""}, {"sticky": b"", "range": b"meta"}]
)
def test_a_follower_with_other_protocols_starts_a_rebalance(protocols: dict[str, bytes]) -> None:
    bench = Bench()
    _, follower = bench.stable(2)

    assert is_waiting(bench.join(follower, protocols=protocols))


def test_while_completing_a_leader_that_rejoins_unchanged_is_told_the_generation_again() -> None:
    bench = Bench()
    member, first = bench.new_member()

    assert reply(bench.join(member)) == reply(first)
    assert bench.group().state is State.COMPLETING_REBALANCE


def test_while_completing_changed_protocols_start_a_rebalance() -> None:
    bench = Bench()
    member, _ = bench.new_member()

    joined = reply(bench.join(member, protocols={"range": b"new"}))

    assert joined.generation_id == 2


def test_a_rejoin_while_the_leader_assigns_tells_parked_syncs_to_rejoin() -> None:
    bench = Bench()
    leader, follower = bench.stable(2)
    bench.join(leader)
    bench.join(follower)
    parked = bench.sync(follower, bench.group().generation)
    assert is_waiting(parked)

    bench.join(leader, protocols={"range": b"new"})

    assert error_of(parked) == ErrorCode.REBALANCE_IN_PROGRESS


# Protocols


def test_the_protocol_most_prefer_is_chosen_of_those_that_all_support() -> None:
    bench = Bench(DELAY)
    answers = [
        bench.new_member(protocols={"sticky": b"", "range": b"", "only mine": b""})[1],
        bench.new_member(protocols={"range": b"", "sticky": b""})[1],
        bench.new_member(protocols={"nobody else": b"", "range": b"", "sticky": b""})[1],
    ]
    bench.advance(6000)

    assert {reply(answer).protocol_name for answer in answers} == {"range"}


def test_the_leader_learns_the_metadata_for_the_chosen_protocol() -> None:
    bench = Bench(DELAY)
    _, answer = bench.new_member(protocols={"sticky": b"sticky data", "range": b"range data"})
    bench.new_member(protocols={"range": b"other data"})
    bench.advance(6000)

    assert [each.metadata for each in reply(answer).members] == [b"range data", b"other data"]


# Size


def test_a_full_group_takes_no_new_member() -> None:
    bench = Bench(NO_DELAY._replace(group_max_size=1))
    bench.stable()

    refused = reply(bench.join())

    assert (refused.error_code, refused.member_id) == (ErrorCode.GROUP_MAX_SIZE_REACHED, "")


def test_in_a_full_group_members_may_rejoin() -> None:
    bench = Bench(NO_DELAY._replace(group_max_size=1))
    (member,) = bench.stable()

    assert reply(bench.join(member)).generation_id == 2


def test_during_a_rebalance_those_who_wait_are_counted() -> None:
    bench = Bench(DELAY._replace(group_max_size=1))
    first = reply(bench.join()).member_id
    second = reply(bench.join()).member_id
    assert is_waiting(bench.join(first))

    assert error_of(bench.join(second)) == ErrorCode.GROUP_MAX_SIZE_REACHED
    assert bench.group().pending_joins == set()


def test_a_group_that_is_loaded_over_the_maximum_rebalances() -> None:
    bench = Bench()
    ids = bench.stable(2)
    bench.settings = bench.settings._replace(group_max_size=1)

    bench.fail_over()

    assert bench.group().state is State.PREPARING_REBALANCE
    assert is_waiting(bench.join(ids[0]))
    assert error_of(bench.join(ids[1])) == ErrorCode.GROUP_MAX_SIZE_REACHED
