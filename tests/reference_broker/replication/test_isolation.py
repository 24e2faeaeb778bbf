"""Brokers that stand still or are cut off: what they still say, and what becomes of it."""

from __future__ import annotations

import asyncio

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.groups.log_port import TransactionEnd
from kafka_conformance.reference_broker.replication.coordinator_log import append_marker, end_marker
from tests.reference_broker.replication.support import Simulated
from tests.reference_broker.wire import batch


def test_a_deposed_leader_acknowledges_to_itself_until_it_knows_but_never_for_all() -> None:
    with Simulated() as simulated:
        simulated.create()
        simulated.send(b"kept")
        simulated.cluster.pause(1)
        simulated.wait_until(lambda: simulated.leader == 2)
        assert simulated.send(b"new") is ErrorCode.NONE

        simulated.cluster.resume(1)
        alone = simulated.run(simulated.produce(b"lost", node=1, acks=1))
        for_all = simulated.run(simulated.produce(b"lost, too", node=1, acks=-1))

        assert (alone.error_code, alone.base_offset) == (ErrorCode.NONE, 1)
        assert (for_all.error_code, for_all.base_offset) == (ErrorCode.NOT_LEADER_OR_FOLLOWER, 2)
        assert simulated.send(b"refused", node=1, acks=1) is ErrorCode.NOT_LEADER_OR_FOLLOWER
        simulated.wait_until(lambda: simulated.state().isr == (1, 2, 3), within=2)
        assert simulated.values(1) == [b"kept", b"new"]


def test_a_deposed_leader_that_leads_again_shows_the_transactions_that_were_stable() -> None:
    with Simulated(settings={"transaction.partition.verification.enable": "false"}) as simulated:
        simulated.create(min_insync_replicas="3")
        leader = simulated.replica(1)
        data = batch(b"kept", producer_id=7, producer_epoch=0, base_sequence=0, transactional=True)
        leader.append_as_leader(memoryview(bytearray(data)))
        append_marker(leader, end_marker(TransactionEnd(7, 0, 0, True, 0), 0), 0)
        simulated.wait_until(lambda: simulated.replica(3).log.last_stable_offset == 2)
        # From now on nothing is committed: there are too few replicas
        simulated.run(simulated.cluster.kill(2))
        simulated.wait_until(lambda: simulated.state().isr == (1, 3))
        simulated.send(b"copied", acks=1)
        simulated.wait_until(lambda: simulated.replica(3).log.log_end_offset == 3)
        simulated.cluster.isolate(3, controller=False)
        simulated.send(b"not copied", acks=1)
        simulated.cluster.pause(1)
        simulated.wait_until(lambda: simulated.leader == 3)
        simulated.cluster.heal(3)
        simulated.cluster.resume(1)
        simulated.wait_until(lambda: simulated.state().isr == (1, 3))

        simulated.run(simulated.cluster.kill(3))
        simulated.wait_until(lambda: simulated.leader == 1)

        assert simulated.values(1)[-1] == b"copied"
        assert (leader.log.high_watermark, leader.log.last_stable_offset) == (2, 2)


def test_a_paused_follower_holds_acknowledgements_up_until_it_is_out_of_the_isr() -> None:
    with Simulated() as simulated:
        simulated.create()
        simulated.send(b"a")
        simulated.cluster.pause(3)
        simulated.wait(0.6)
        begun = simulated.loop.time()

        assert simulated.send(b"b") is ErrorCode.NONE

        assert 1.0 < simulated.loop.time() - begun < 3.75
        assert simulated.state().isr == (1, 2)
        simulated.cluster.resume(3)
        simulated.wait_until(lambda: simulated.state().isr == (1, 2, 3), within=1)


def test_a_leader_that_the_controller_does_not_hear_is_replaced() -> None:
    with Simulated() as simulated:
        simulated.create()
        simulated.send(b"a")

        simulated.cluster.isolate(1, peers=False)

        simulated.wait_until(lambda: simulated.leader == 2, within=10)
        # It does not know yet, and nobody follows it any more
        assert simulated.replica(1).is_leader
        assert simulated.send(b"lost", node=1, timeout_ms=1000) is ErrorCode.REQUEST_TIMED_OUT
        simulated.cluster.heal()
        simulated.wait_until(lambda: simulated.state().isr == (1, 2, 3), within=3)
        assert simulated.values(1) == simulated.values(2) == [b"a"]


def test_a_leader_without_followers_and_controller_cannot_shrink_its_isr() -> None:
    with Simulated() as simulated:
        simulated.create()
        simulated.cluster.isolate(1)

        answer = simulated.run(simulated.produce(b"a", node=1, timeout_ms=5000))

        assert answer.error_code == ErrorCode.REQUEST_TIMED_OUT
        assert simulated.visible(1) == []


def test_what_only_the_controller_can_answer_waits_until_it_can_be_reached() -> None:
    with Simulated() as simulated:
        simulated.create()
        simulated.cluster.isolate(1)

        async def ask() -> int:
            asked = simulated.broker(1).forward(lambda: simulated.cluster.controller.image.offset)
            assert not isinstance(asked, int)
            done, _ = await asyncio.wait([asked.future], timeout=60)
            assert not done
            simulated.cluster.heal()
            return await asked

        assert simulated.run(ask()) > 0


def test_a_slow_link_delays_what_is_committed() -> None:
    with Simulated() as simulated:
        simulated.create()
        simulated.cluster.links.slow(1, 3, extra_ms=200)
        begun = simulated.loop.time()

        assert simulated.send(b"a") is ErrorCode.NONE

        assert 0.4 < simulated.loop.time() - begun < 1.2


def test_one_way_is_enough_to_fall_behind() -> None:
    with Simulated() as simulated:
        simulated.create()
        simulated.cluster.links.cut(1, 3, one_way=True)  # the answers do not arrive

        assert simulated.send(b"a") is ErrorCode.NONE

        assert simulated.state().isr == (1, 2)
