"""How a broker asks a broker: as a client would, but with no connection where it asks itself.

A broker that asks itself carries out the request as one that came on a connection named "peer", so that faults strike
it too. Source: NetworkClient of TransactionMarkerChannelManager and AddPartitionsToTxnManager.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.layout import Message
from kafka_conformance.reference_broker.cluster.context import Context
from kafka_conformance.reference_broker.faults.faults import Fault, Struck
from kafka_conformance.reference_broker.faults.rules import AnswerError, Delay, Hold, Stage
from kafka_conformance.reference_broker.network.error_answers import error_answer

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.cluster.broker import Broker

PEER = "peer"


class PeerError(Exception):
    """Raised where a broker does not answer; the text says which."""


class Peers:
    """The brokers of a cluster as one of them reaches them."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    async def ask(self, node_id: int, request: Message, version: int) -> Any:
        """Ask a broker and return its answer. Raises PeerError."""
        if node_id != self._broker.node_id or not self._broker.running:
            raise PeerError(f"broker {node_id} cannot be reached from broker {self._broker.node_id}")
        fault = self._strike(request)
        if fault is None:
            return await self._serve(request, version)
        if fault.rule.action.stage is Stage.BEFORE:
            refused = await self._suffer(fault, request, version)
            return await self._serve(request, version) if refused is None else refused
        answer = await self._serve(request, version)
        refused = await self._suffer(fault, request, version)
        return answer if refused is None else refused

    def _strike(self, request: Message) -> Fault | None:
        broker = self._broker
        if not broker.faults.active:
            return None
        return broker.faults.strike(Struck(broker.node_id, PEER, PEER, request, broker.image.topic_names.get))

    async def _serve(self, request: Message, version: int) -> Message:
        broker = self._broker
        context = Context(broker, version, PEER, "/127.0.0.1", PEER, broker.env.clock.now_ms())
        answer = broker.apis[ApiKey(request.api_key)].handler(context, request)
        answer = await answer if isinstance(answer, Awaitable) else answer
        assert answer is not None
        return answer

    async def _suffer(self, fault: Fault, request: Message, version: int) -> Message | None:
        """Let a fault do its work; return the answer that takes the place of the broker's own. Raises PeerError."""
        action, loop = fault.rule.action, self._broker.env.loop
        if isinstance(action, AnswerError):
            return error_answer(request, version, action.error)
        if isinstance(action, Delay):
            await asyncio.sleep(action.delay_ms / 1000)
            return None
        if isinstance(action, Hold):
            await fault.released(loop)
            return None
        raise PeerError(f"broker {self._broker.node_id} does not answer: a fault")
