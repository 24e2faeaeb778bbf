"""Sessions: a member that is silent for too long is no member any more. Slow where time is real: some 7 seconds."""

from kafka_conformance.conformance.groups.gathering import rejoin, settle
from kafka_conformance.conformance.groups.settings import broker_setting
from kafka_conformance.harness.cases import ErrorCode, checks, expect


def member_with_the_shortest_session(cluster, group):
    """A member that has not joined yet, and its session timeout in seconds."""
    shortest = broker_setting(cluster, group.coordinator, "group.min.session.timeout.ms", 6_000)
    return group.member(session_timeout_ms=shortest), shortest / 1000


@checks("groups/session/silent-member-is-dropped", "groups/session/heartbeat-keeps-it")
def test_a_silent_member_is_dropped_and_the_one_that_heartbeats_is_not(cluster):
    with cluster.group() as group:
        silent, session_s = member_with_the_shortest_session(cluster, group)
        lively, _ = member_with_the_shortest_session(cluster, group)
        silent.join()
        joining = lively.start_join()
        cluster.eventually(lambda: silent.heartbeat() is ErrorCode.REBALANCE_IN_PROGRESS, what="the rebalance begins")
        rejoin([silent])
        joining.result()
        settle([silent, lively])

        cluster.eventually(
            lambda: lively.heartbeat() is ErrorCode.REBALANCE_IN_PROGRESS,
            within_s=session_s + 20,
            what="the lively member learns that the silent one is gone",
        )

        (answer,) = rejoin([lively])
        expect([entry.member_id for entry in answer.members], "the members").equals([lively.member_id])
        expect(silent.heartbeat(), "the heartbeat of the silent one").equals(ErrorCode.UNKNOWN_MEMBER_ID)
