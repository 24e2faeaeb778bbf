"""Brokers that are killed, stopped and started again: who leads, and what is still there. The times are Kafka's."""

from __future__ import annotations

import asyncio

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from tests.reference_broker.replication.support import Simulated

SESSION_S = 9.0
HEARTBEAT_S = 2.0


def test_a_dead_leader_is_replaced_when_its_session_is_over() -> None:
    with Simulated() as simulated:
        simulated.create()
        simulated.send(b"a")

        simulated.run(simulated.cluster.kill(1))

        took_s = simulated.wait_until(lambda: simulated.leader != 1)
        assert SESSION_S - HEARTBEAT_S <= took_s <= SESSION_S + 0.1
        assert simulated.state()[:3] == (0, 2, 1)
        assert simulated.state().isr == (2, 3)
        assert not simulated.broker(2).metadata.alive_broker(1)
        assert simulated.send(b"b") is ErrorCode.NONE
        assert simulated.values(2) == simulated.values(3) == [b"a", b"b"]


def test_the_next_leader_is_the_first_live_replica_of_the_assignment() -> None:
    with Simulated() as simulated:
        simulated.create([3, 2, 1])
        simulated.run(simulated.cluster.stop_broker(3))

        assert simulated.leader == 2


def test_a_broker_that_comes_back_catches_up_and_is_in_sync_again() -> None:
    with Simulated() as simulated:
        simulated.create()
        simulated.run(simulated.cluster.kill(1))
        simulated.wait_until(lambda: simulated.leader == 2)
        simulated.send(b"a")

        simulated.run(simulated.cluster.restart(1))
        simulated.wait_until(lambda: simulated.state().isr == (1, 2, 3), within=1)

        assert simulated.values(1) == [b"a"]
        assert simulated.leader == 2  # leadership does not return by itself


def test_a_process_is_let_in_once_the_session_of_its_predecessor_is_over() -> None:
    with Simulated() as simulated:
        simulated.create()
        simulated.run(simulated.cluster.kill(1))
        begun = simulated.loop.time()

        simulated.run(simulated.cluster.restart(1))

        assert SESSION_S - HEARTBEAT_S <= simulated.loop.time() - begun <= SESSION_S + 0.2
        assert simulated.state().leader_epoch == 1


def test_a_controlled_stop_moves_leaders_at_once() -> None:
    with Simulated() as simulated:
        simulated.create()
        simulated.send(b"a")
        begun = simulated.loop.time()

        simulated.run(simulated.cluster.stop_broker(1))

        assert simulated.loop.time() - begun < 0.5
        assert simulated.state()[:3] == (0, 2, 1)
        assert simulated.state().isr == (2, 3)


def test_an_acknowledgement_of_one_is_lost_with_its_leader() -> None:
    with Simulated() as simulated:
        simulated.create()
        simulated.send(b"kept")
        for follower in (2, 3):
            simulated.cluster.links.cut(1, follower)
        assert simulated.send(b"lost", acks=1) is ErrorCode.NONE
        simulated.run(simulated.cluster.kill(1))
        simulated.cluster.links.heal()
        simulated.wait_until(lambda: simulated.leader == 2)
        simulated.send(b"new")

        simulated.run(simulated.cluster.restart(1))
        simulated.wait_until(lambda: simulated.state().isr == (1, 2, 3), within=2)

        assert [simulated.values(node_id) for node_id in (1, 2, 3)] == [[b"kept", b"new"]] * 3
        assert list(simulated.replica(1).log.leader_epochs.entries) == [(0, 0), (1, 1)]


def test_who_waits_for_replicas_is_told_at_once_that_another_leads() -> None:
    with Simulated() as simulated:
        simulated.create()

        async def produce_while_stopping() -> tuple[int, int]:
            for follower in (2, 3):
                simulated.cluster.links.cut(1, follower)
            waiting = asyncio.ensure_future(simulated.produce(b"a"))
            await asyncio.sleep(0.1)
            await simulated.cluster.stop_broker(1)
            answer = await waiting
            return answer.error_code, answer.base_offset

        assert simulated.run(produce_while_stopping()) == (ErrorCode.NOT_LEADER_OR_FOLLOWER, 0)


def test_below_the_minimum_nothing_is_committed_and_the_last_to_leave_may_lead_again() -> None:
    with Simulated() as simulated:
        simulated.create(min_insync_replicas="2")
        simulated.send(b"a")
        simulated.run(simulated.cluster.stop_broker(3))
        assert simulated.state().elr == ()
        simulated.run(simulated.cluster.stop_broker(2))
        assert (simulated.state().isr, simulated.state().elr) == ((1,), (2,))

        assert simulated.send(b"refused") is ErrorCode.NOT_ENOUGH_REPLICAS
        assert simulated.send(b"b", acks=1) is ErrorCode.NONE
        assert simulated.visible(1) == [b"a"]

        simulated.run(simulated.cluster.kill(1))
        simulated.wait_until(lambda: simulated.leader == -1)
        assert (simulated.state().isr, simulated.state().elr, simulated.state().last_known_elr) == ((), (1, 2), (1,))

        simulated.run(simulated.cluster.restart(2))
        assert (simulated.leader, simulated.state().isr, simulated.state().elr) == (2, (2,), (1,))
        assert simulated.state().leader_recovery_state == 0

        simulated.run(simulated.cluster.restart(3))
        simulated.wait_until(lambda: simulated.state().isr == (2, 3), within=2)
        assert simulated.state().elr == ()
        assert simulated.values(2) == [b"a"]


def test_a_broker_that_was_killed_is_no_longer_eligible_but_leads_as_the_last_known_leader() -> None:
    with Simulated() as simulated:
        simulated.create()
        simulated.run(simulated.cluster.stop_broker(2))
        simulated.run(simulated.cluster.stop_broker(3))
        simulated.send(b"a")
        simulated.run(simulated.cluster.kill(1))
        simulated.wait_until(lambda: simulated.leader == -1)
        assert (simulated.state().elr, simulated.state().last_known_elr) == ((1,), (1,))

        simulated.run(simulated.cluster.restart(2))
        assert simulated.leader == -1
        simulated.run(simulated.cluster.restart(1))

        assert (simulated.leader, simulated.state().isr) == (1, (1,)) or simulated.state().isr == (1, 2)
        assert simulated.values(1) == [b"a"]


@pytest.mark.parametrize(("setting", "leader"), [("false", -1), ("true", 3)])
def test_a_replica_that_lacks_records_leads_only_where_that_is_allowed(setting: str, leader: int) -> None:
    with Simulated() as simulated:
        simulated.create([1, 3], unclean_leader_election_enable=setting)
        simulated.send(b"kept")
        simulated.cluster.links.cut(1, 3)
        assert simulated.send(b"lost") is ErrorCode.NONE
        assert simulated.state().isr == (1,)

        simulated.run(simulated.cluster.kill(1))

        simulated.wait_until(lambda: simulated.leader != 1)
        assert simulated.leader == leader
        assert simulated.state().isr == ((3,) if leader == 3 else ())


def test_what_an_unclean_leader_lacks_is_gone_everywhere() -> None:
    with Simulated() as simulated:
        simulated.create([1, 3], unclean_leader_election_enable="true")
        simulated.send(b"kept")
        simulated.cluster.links.cut(1, 3)
        assert simulated.send(b"lost", b"lost, too") is ErrorCode.NONE
        simulated.run(simulated.cluster.kill(1))
        simulated.wait_until(lambda: simulated.leader == 3)
        assert simulated.state().leader_recovery_state == 1
        simulated.send(b"other")

        simulated.cluster.heal()
        simulated.run(simulated.cluster.restart(1))

        simulated.wait_until(lambda: simulated.state().isr == (1, 3), within=2)
        assert simulated.values(1) == simulated.values(3) == [b"kept", b"other"]
        assert simulated.state().leader_recovery_state == 0


def test_a_broker_whose_power_failed_gets_back_from_the_others_what_it_had_not_flushed() -> None:
    with Simulated() as simulated:
        simulated.create()
        simulated.send(b"a", b"b")
        simulated.run(simulated.cluster.kill(1, power_fails=True))
        simulated.wait_until(lambda: simulated.leader == 2)

        simulated.run(simulated.cluster.restart(1))
        simulated.wait_until(lambda: simulated.state().isr == (1, 2, 3), within=2)

        assert simulated.values(1) == [b"a", b"b"]


def test_no_replica_has_what_none_has_flushed_when_the_power_fails_everywhere() -> None:
    with Simulated() as simulated:
        simulated.create()
        assert simulated.send(b"a") is ErrorCode.NONE
        for node_id in (1, 2, 3):
            simulated.run(simulated.cluster.kill(node_id, power_fails=True))
        for node_id in (1, 2, 3):
            simulated.run(simulated.cluster.restart(node_id))

        simulated.wait_until(lambda: simulated.leader != -1)
        assert simulated.values(simulated.leader) == []
