"""What a handler knows of the request that it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.cluster.broker import Broker
    from kafka_conformance.reference_broker.groups.decision import Caller


class Context(NamedTuple):
    """One request: the broker that got it, its header, its peer and its time of arrival."""

    broker: Broker
    api_version: int
    client_id: str | None
    client_host: str
    """The peer's address, as Kafka writes it: "/127.0.0.1"."""
    connection_id: str
    now_ms: int
    """Wall clock at arrival, milliseconds since 1970."""

    @property
    def caller(self) -> Caller:
        """The same for the group coordinator, which knows no broker."""
        from kafka_conformance.reference_broker.groups.decision import Caller  # with the first group

        return Caller(self.api_version, self.client_id or "", self.client_host, self.now_ms)


class CloseConnection(Exception):
    """Raised by a handler where Kafka closes the connection instead of answering; the text says why."""
