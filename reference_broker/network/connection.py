"""One client's connection: frames in, answers out, in the order of the requests and one request at a time.

While a request is being served nothing more is read, nor while the client does not take its answers: what a connection
holds is bounded by one read. Source: Kafka mutes a channel while its request is in progress (SocketServer, KIP-511);
observed on 4.3.1: three pipelined requests are answered in order, cheap ones wait behind a waiting Fetch.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING, Any

from kafka_conformance.protocol.layout import Buffer
from kafka_conformance.reference_broker.network.outcome import Abandonable, Close, Outcome, Pending
from kafka_conformance.reference_broker.network.unsent import Unsent

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.network.listener import Listener

_log = logging.getLogger(__name__)

REQUESTS_PER_TURN = 64
"""After so many pipelined requests the other connections get their turn."""


class Connection(asyncio.BufferedProtocol):
    """The server's side of a connection."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._dispatcher = listener.dispatcher
        self._loop = listener.loop
        self._receiver = listener.new_receiver()
        self._frames: deque[Buffer] = deque()
        self._pending: dict[asyncio.Future[Any], None] = {}
        self._unsent = Unsent()
        self._transport: asyncio.Transport | None = None
        self._reading_paused = False
        self._writing_paused = False
        self._frozen = False
        self._ended = False
        self._last_active_s = 0.0
        self._idle_timer: asyncio.TimerHandle | None = None
        self.id = ""
        self.client_host = ""

    @property
    def held_bytes(self) -> int:
        """The memory that a frame occupies of which the rest is owed."""
        return self._receiver.held_bytes

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio: the connection is there."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.id, self.client_host = self._listener.opened(self, transport)
        self._last_active_s = self._loop.time()
        self._watch_idleness(self._listener.max_idle_s)
        if self._listener.frozen:
            self.freeze()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Asyncio: where to put the next bytes."""
        return self._receiver.buffer()

    def buffer_updated(self, nbytes: int) -> None:
        """Asyncio: bytes have come."""
        self._last_active_s = self._loop.time()
        frames = self._receiver.received(nbytes)
        if frames:
            self._frames.extend(frames)
            self._serve()
        elif self._receiver.error is not None:
            self._serve()

    def eof_received(self) -> bool:
        """Asyncio: the client sends no more; what it asked for is still answered."""
        self._ended = True
        self._serve()
        return True

    def connection_lost(self, error: Exception | None) -> None:
        """Asyncio: the connection is gone. Waits that serve only its client are given up."""
        self._transport = None
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        self._frames.clear()
        for future in list(self._pending):
            if isinstance(future, Abandonable):
                future.abandon()
        self._pending.clear()
        self._listener.closed(self)

    def pause_writing(self) -> None:
        """Asyncio: the client does not take its answers."""
        self._writing_paused = True

    def resume_writing(self) -> None:
        """Asyncio: it takes them again."""
        if self._frozen:
            return
        self._writing_paused = False
        self._send()
        self._serve()

    def close(self, reason: str) -> None:
        """Close it, after what has been answered already."""
        transport = self._transport
        if transport is not None and not transport.is_closing():
            _log.debug("%s closed: %s", self.id, reason)
            self._frames.clear()
            while self._unsent:
                transport.write(self._unsent.next_piece())
            transport.close()

    def freeze(self) -> None:
        """Neither read nor write, as a process that stands still, or one that nothing reaches."""
        self._frozen = self._writing_paused = True
        if self._transport is not None and not self._reading_paused and not self._ended:
            self._reading_paused = True
            self._transport.pause_reading()

    def thaw(self) -> None:
        """Go on: what has come meanwhile is served."""
        self._frozen = False
        self.resume_writing()

    def abort(self) -> None:
        """Cut it, as a killed broker would."""
        if self._transport is not None:
            self._transport.abort()

    def _serve(self) -> None:
        turns = REQUESTS_PER_TURN
        frames = self._frames
        while frames and self._may_serve():
            if not turns:
                self._loop.call_soon(self._serve)
                break
            turns -= 1
            self._follow(self._dispatcher.handle(self, frames.popleft()))
        self._adjust_reading()
        if not frames and not self._pending and not self._unsent:
            if self._receiver.error is not None:
                self.close(self._receiver.error.message)
            elif self._ended:
                self.close("the client has finished")

    def _may_serve(self) -> bool:
        transport = self._transport
        if transport is None or transport.is_closing() or self._writing_paused:
            return False
        return self._dispatcher.accepts_next(len(self._pending))

    def _follow(self, outcome: Outcome) -> None:
        transport = self._transport
        if transport is None:
            return
        if isinstance(outcome, list):
            if outcome:
                self._unsent.add(outcome)
                self._send()
        elif isinstance(outcome, Close):
            self.close(outcome.reason)
        else:
            self._wait(outcome)

    def _send(self) -> None:
        transport = self._transport
        while self._unsent and transport is not None and not self._writing_paused:
            transport.write(self._unsent.next_piece())
            transport = self._transport

    def _wait(self, pending: Pending) -> None:
        def completed(future: asyncio.Future[Any]) -> None:
            if future not in self._pending:
                if not future.cancelled():
                    future.exception()  # nobody is left who could be told
                return
            del self._pending[future]
            self._last_active_s = self._loop.time()
            self._follow(pending.conclude(future))
            self._serve()

        self._pending[pending.future] = None
        pending.future.add_done_callback(completed)

    def _adjust_reading(self) -> None:
        transport = self._transport
        if transport is None or transport.is_closing() or self._ended or self._frozen:
            return
        full = bool(self._frames)
        if full and not self._reading_paused:
            self._reading_paused = True
            transport.pause_reading()
        elif not full and self._reading_paused:
            self._reading_paused = False
            transport.resume_reading()

    def _watch_idleness(self, left_s: float) -> None:
        if left_s > 0:
            self._idle_timer = self._loop.call_later(left_s, self._check_idleness)

    def _check_idleness(self) -> None:
        left_s = self._last_active_s + self._listener.max_idle_s - self._loop.time()
        if left_s > 0:
            self._watch_idleness(left_s)
        else:
            self.close("idle for longer than connections.max.idle.ms")
