"""What was asked of a cluster and what it answered, decoded; off until somebody wants to see it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from kafka_conformance.protocol.frames import RequestHeader
from kafka_conformance.protocol.layout import Message

DEFAULT_ENTRIES = 10_000
DEFAULT_BYTES = 64 * 1024 * 1024


class TracedRequest:
    """One request. Record sets are the broker's own buffers: their base offsets may have been assigned since."""

    __slots__ = (
        "answered_ms",
        "arrived_ms",
        "client_host",
        "connection_id",
        "header",
        "node_id",
        "request",
        "response",
        "size",
    )

    def __init__(
        self,
        *,
        node_id: int,
        connection_id: str,
        client_host: str,
        header: RequestHeader,
        request: Message,
        size: int,
        arrived_ms: int,
    ) -> None:
        self.node_id = node_id
        self.connection_id = connection_id
        self.client_host = client_host
        self.header = header
        self.request = request
        self.size = size
        """Bytes of the request's frame."""
        self.arrived_ms = arrived_ms
        """Wall clock, milliseconds since 1970."""
        self.response: Message | None = None
        """None while there is no answer, and where none was asked for or given."""
        self.answered_ms: int | None = None

    def __repr__(self) -> str:
        return f"TracedRequest(node {self.node_id}, {self.connection_id}, {self.header}, {self.request!r})"


class RequestTrace:
    """The latest requests of a cluster, bounded by their number and by the bytes of their frames."""

    def __init__(self) -> None:
        self.recording = False
        self._entries: deque[TracedRequest] = deque()
        self._max_entries = DEFAULT_ENTRIES
        self._max_bytes = DEFAULT_BYTES
        self._bytes = 0

    def start(self, max_entries: int = DEFAULT_ENTRIES, max_bytes: int = DEFAULT_BYTES) -> None:
        """Record from now on; what was recorded before stays."""
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self.recording = True
        self._trim()

    def stop(self) -> None:
        """Record no more; what was recorded can still be read."""
        self.recording = False

    def clear(self) -> None:
        """Forget what was recorded."""
        self._entries.clear()
        self._bytes = 0

    def add(self, entry: TracedRequest) -> None:
        """Record a request; the oldest ones make room."""
        self._entries.append(entry)
        self._bytes += entry.size
        self._trim()

    def __iter__(self) -> Iterator[TracedRequest]:
        return iter(tuple(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def _trim(self) -> None:
        while self._entries and (len(self._entries) > self._max_entries or self._bytes > self._max_bytes):
            self._bytes -= self._entries.popleft().size
