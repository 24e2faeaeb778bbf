"""What becomes of a request, as the dispatcher tells the connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

from kafka_conformance.protocol.layout import Buffer

Answer = list[Buffer]
"""The frame to send, in pieces; empty where the request asks for no answer."""


class Close(NamedTuple):
    """Close the connection without an answer."""

    reason: str


class Pending(NamedTuple):
    """Wait for `future`, then ask `conclude` what becomes of the request."""

    future: asyncio.Future[Any]
    conclude: Callable[[asyncio.Future[Any]], Outcome]


Outcome = Answer | Close | Pending


class Abandonable:
    """Mixed into a future that need not be completed once the client is gone."""

    def abandon(self) -> None:
        """Let go of what waits for it."""
        raise NotImplementedError
