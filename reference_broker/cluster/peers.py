"""How a broker asks a broker: as a client would, but over the links of the cluster, or over none where it asks itself.

A broker carries out the request as one that came on a connection named "peer", so that faults strike it too.
Source: NetworkClient of TransactionMarkerChannelManager and AddPartitionsToTxnManager.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING, Any

from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.layout import Message
from kafka_conformance.reference_broker.cluster.context import Context
from kafka_conformance.reference_broker.faults.faults import Fault, Struck
from kafka_conformance.reference_broker.faults.rules import AnswerError, Delay, Hold, Stage
from kafka_conformance.reference_broker.network.error_answers import error_answer

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.cluster.broker import Broker
    from kafka_conformance.reference_broker.cluster.links import Links

PEER = "peer"


class PeerError(Exception):
    """Raised where a broker does not answer; the text says which."""


class Peers:
    """The brokers of a cluster as one of them reaches them."""

    def __init__(self, broker: Broker, links: Links | None, brokers: Mapping[int, Broker]) -> None:
        self._broker = broker
        self._links = links
        self._brokers = brokers
        self._waiting: dict[int, dict[asyncio.Future[Any], None]] = {}
        """By node, in the order in which they were asked."""
        self._carried_out: set[asyncio.Task[Message]] = set()

    async def ask(self, node_id: int, request: Message, version: int) -> Any:
        """Ask a broker and return its answer. Raises PeerError, if need be after request.timeout.ms."""
        if node_id == self._broker.node_id:
            return await self.carry_out(request, version)
        if self._links is None:
            raise self._unreachable(node_id)
        future: asyncio.Future[Any] = self._broker.env.loop.create_future()
        waiting = self._waiting.setdefault(node_id, {})
        waiting[future] = None
        self._links.send(self._broker.node_id, node_id, self._arrive, node_id, request, version, future)
        try:
            return await asyncio.wait_for(future, self._broker.config.int("request.timeout.ms") / 1000)
        except TimeoutError:
            raise self._unreachable(node_id) from None
        finally:
            waiting.pop(future, None)

    def lost(self, node_id: int) -> None:
        """A broker has ended: who waits for it is told, as by a reset connection."""
        for future in self._waiting.get(node_id, ()):
            if not future.done():
                future.set_exception(self._unreachable(node_id))

    def _unreachable(self, node_id: int) -> PeerError:
        return PeerError(f"broker {node_id} cannot be reached from broker {self._broker.node_id}")

    def _arrive(self, node_id: int, request: Message, version: int, future: asyncio.Future[Any]) -> None:
        target = self._brokers.get(node_id)
        if target is None or not target.running:
            self._reply(node_id, future, self._unreachable(node_id))
            return
        task = self._broker.env.loop.create_task(target.peers.carry_out(request, version))
        self._carried_out.add(task)

        def done(task: asyncio.Task[Message]) -> None:
            self._carried_out.discard(task)
            if not task.cancelled():
                self._reply(node_id, future, task.exception() or task.result())

        task.add_done_callback(done)

    def _reply(self, node_id: int, future: asyncio.Future[Any], answer: Message | BaseException) -> None:
        assert self._links is not None

        def arrive() -> None:
            if future.done():
                return
            if isinstance(answer, BaseException):
                future.set_exception(answer)
            else:
                future.set_result(answer)

        self._links.send(node_id, self._broker.node_id, arrive)

    async def carry_out(self, request: Message, version: int) -> Message:
        """Answer a request of a broker of this cluster. Raises PeerError."""
        if not self._broker.running:
            raise self._unreachable(self._broker.node_id)
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
