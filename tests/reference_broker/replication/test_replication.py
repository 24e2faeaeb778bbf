"""Three brokers that are all there: what is copied, committed and acknowledged."""

from __future__ import annotations

from kafka_conformance.protocol.error_codes import ErrorCode
from tests.reference_broker.replication.support import Simulated


def test_followers_copy_what_the_leader_has() -> None:
    with Simulated() as simulated:
        simulated.create()

        assert simulated.send(b"a", b"b") is ErrorCode.NONE

        assert [simulated.values(node_id) for node_id in (1, 2, 3)] == [[b"a", b"b"]] * 3


def test_a_record_is_committed_once_all_in_sync_replicas_have_it() -> None:
    with Simulated() as simulated:
        simulated.create()
        simulated.cluster.links.cut(1, 3)

        answer = simulated.run(simulated.produce(b"a", timeout_ms=1000))

        assert (answer.error_code, answer.base_offset) == (ErrorCode.REQUEST_TIMED_OUT, 0)
        assert simulated.visible(1) == []
        simulated.cluster.links.heal()
        simulated.wait_until(lambda: simulated.visible(1) == [b"a"], within=1)


def test_a_follower_learns_the_high_watermark_with_its_next_answer() -> None:
    with Simulated() as simulated:
        simulated.create()
        simulated.send(b"a")
        assert simulated.visible(2) == []

        assert 0.4 < simulated.wait_until(lambda: simulated.visible(2) == [b"a"]) < 0.6


def test_a_follower_that_lags_is_put_out_of_the_isr_and_comes_back() -> None:
    with Simulated() as simulated:
        simulated.create()
        simulated.cluster.links.cut(1, 3)
        simulated.wait(1.0)  # its poll is over: it asks again, and nothing arrives

        begun = simulated.loop.time()
        assert simulated.send(b"a") is ErrorCode.NONE
        assert 1.0 < simulated.loop.time() - begun < 3.75
        assert simulated.state().isr == (1, 2)

        simulated.cluster.links.heal()
        simulated.wait_until(lambda: simulated.state().isr == (1, 2, 3), within=1)
        assert simulated.state().leader_epoch == 0


def test_the_start_of_the_log_follows_the_leader() -> None:
    with Simulated() as simulated:
        simulated.create()
        simulated.send(b"a", b"b")

        assert simulated.replica(1).delete_records(1) == 1

        simulated.wait_until(lambda: simulated.replica(3).log.log_start_offset == 1, within=1)
