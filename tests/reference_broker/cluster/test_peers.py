"""Requests between the brokers of a cluster, in virtual time."""

import asyncio

import pytest

from kafka_conformance.protocol.messages.list_transactions import ListTransactionsRequest, ListTransactionsResponse
from kafka_conformance.reference_broker.cluster.peers import PeerError
from tests.reference_broker.replication.support import Simulated


def test_a_broker_is_asked_over_its_link() -> None:
    with Simulated() as simulated:
        answer = simulated.run(simulated.cluster.brokers[1].peers.ask(2, ListTransactionsRequest(), 0))

        assert isinstance(answer, ListTransactionsResponse)


def test_a_broker_that_has_ended_cannot_be_reached() -> None:
    with Simulated() as simulated:
        simulated.run(simulated.cluster.kill(2))

        with pytest.raises(PeerError, match="broker 2 cannot be reached from broker 1"):
            simulated.run(simulated.cluster.brokers[1].peers.ask(2, ListTransactionsRequest(), 0))


def test_who_waits_for_a_broker_learns_that_it_has_ended() -> None:
    with Simulated() as simulated:
        simulated.cluster.links.slow(1, 2, 5_000)

        async def ask_while_it_ends() -> float:
            asked = asyncio.ensure_future(simulated.cluster.brokers[1].peers.ask(2, ListTransactionsRequest(), 0))
            await asyncio.sleep(1)
            await simulated.cluster.kill(2)
            with pytest.raises(PeerError):
                await asked
            return simulated.loop.time()

        began = simulated.loop.time()
        assert simulated.run(ask_while_it_ends()) - began == pytest.approx(1)


def test_a_broker_behind_a_cut_is_waited_for_until_request_timeout_ms() -> None:
    with Simulated(settings={"request.timeout.ms": "7000"}) as simulated:
        simulated.cluster.links.cut(1, 2)
        began = simulated.loop.time()

        with pytest.raises(PeerError):
            simulated.run(simulated.cluster.brokers[1].peers.ask(2, ListTransactionsRequest(), 0))

        assert simulated.loop.time() - began == pytest.approx(7)
