"""How a broker stands with its controller: it registers, sends heartbeats, and asks before it stops.

Source: org.apache.kafka.server.BrokerLifecycleManager. A process is let in once the session of its predecessor is over;
it asks again every tenth of a second, Kafka at growing intervals.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.cluster.links import CONTROLLER, Links

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.cluster.broker import Broker
    from kafka_conformance.reference_broker.controller.image import BrokerImage
    from kafka_conformance.reference_broker.controller.membership import HeartbeatAnswer

RETRY_S = 0.1
CONTROLLED_SHUTDOWN_LIMIT_S = 300.0
"""After so long without the controller's consent a broker stops all the same (BrokerServer.shutdown)."""

_log = logging.getLogger(__name__)


class BrokerLifecycle:
    """Of one process of a broker."""

    def __init__(self, broker: Broker, links: Links) -> None:
        self._broker = broker
        self._links = links
        self._loop = broker.env.loop
        self._interval_s = broker.config.int("broker.heartbeat.interval.ms") / 1000
        self._timer: asyncio.TimerHandle | None = None
        self._wants_shut_down = False
        self._under_way = False
        self.ready: asyncio.Future[None] = self._loop.create_future()
        """Done once the broker is unfenced, or gone."""
        self.may_stop: asyncio.Future[None] = self._loop.create_future()
        """Done once the controller has nothing against a stop."""

    def start(self, registration: BrokerImage, previous_epoch: int) -> None:
        """Register, then send heartbeats."""
        controller, node_id = self._broker.controller, self._broker.node_id

        def arrive() -> None:
            if self._broker.running:
                answer = controller.register(registration, previous_epoch)
                self._links.send(CONTROLLER, node_id, answered, answer)

        def answered(epoch: int | ErrorCode) -> None:
            if not self._broker.running:
                return
            if isinstance(epoch, ErrorCode):
                self._timer = self._loop.call_later(RETRY_S, self.start, registration, previous_epoch)
            else:
                self._broker.epoch = epoch
                self._broker.apply_image(controller.image)
                self._heartbeat()

        self._links.send(node_id, CONTROLLER, arrive)

    def _heartbeat(self) -> None:
        self._timer = None
        if self._under_way or not self._broker.running:
            return
        self._under_way = True
        broker, controller = self._broker, self._broker.controller

        def arrive() -> None:
            answer = controller.heartbeat(
                broker.node_id, broker.epoch, broker.image.offset, want_shut_down=self._wants_shut_down
            )
            self._links.send(CONTROLLER, broker.node_id, self._answered, answer)

        self._links.send(broker.node_id, CONTROLLER, arrive)

    def _answered(self, answer: HeartbeatAnswer) -> None:
        self._under_way = False
        if answer.error is not ErrorCode.NONE:
            _log.warning("broker %d: heartbeat refused: %s", self._broker.node_id, answer.error.name)
        if answer.should_shut_down:
            _finish(self.may_stop)
            return
        if not answer.fenced:
            _finish(self.ready)
        hurry = self._wants_shut_down or not self.ready.done()
        self._next_heartbeat(RETRY_S if hurry else self._interval_s)

    def _next_heartbeat(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, self._heartbeat)

    async def shut_down(self) -> None:
        """Have the controller move what this broker leads; return when it has, or will not do it."""
        if self._broker.epoch < 0:
            return  # it was never let in
        self._wants_shut_down = True
        self._next_heartbeat(0.0)
        await asyncio.wait([self.may_stop], timeout=CONTROLLED_SHUTDOWN_LIMIT_S)

    def close(self) -> None:
        """Be silent from now on."""
        if self._timer is not None:
            self._timer.cancel()
        _finish(self.ready)
        _finish(self.may_stop)


def _finish(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
