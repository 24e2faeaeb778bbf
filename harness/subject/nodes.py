"""The brokers of a cluster: where each is, and one connection to each that helpers share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count

from kafka_conformance.harness.blocking import Blocking
from kafka_conformance.harness.errors import TargetError
from kafka_conformance.harness.patience import Patience
from kafka_conformance.harness.subject.connection import Connection, Versions, advertised
from kafka_conformance.harness.target import Address, Target
from kafka_conformance.harness.wire.connection import CLIENT_ID, open_connection
from kafka_conformance.harness.wire.errors import Unreachable, WireError
from kafka_conformance.harness.wire.history import History
from kafka_conformance.protocol.messages.api_versions import ApiVersionsRequest
from kafka_conformance.protocol.messages.metadata import MetadataRequest, MetadataResponse


class Nodes:
    """Opens connections, knows addresses, closes what a case left open."""

    def __init__(self, target: Target, blocking: Blocking, history: History, patience: Patience) -> None:
        self._target = target
        self._blocking = blocking
        self._history = history
        self._patience = patience
        self._addresses: dict[int, Address] = {}
        self._shared: dict[int, Connection] = {}
        self._opened: list[Connection] = []
        self._numbers = count(1)
        self._versions: Versions | None = None
        self._away: set[int] = set()
        """Nodes that a case has killed or frozen."""
        self._remembered: dict[int, Address] = {}
        """Where each node was that Metadata ever named: one that is fenced it names again only later."""

    @property
    def ids(self) -> tuple[int, ...]:
        """The node ids that Metadata has named, in order, without those that a case has killed or frozen."""
        return tuple(sorted({*self.addresses, *self._remembered} - self._away))

    @property
    def are_all_here(self) -> bool:
        """Whether none is killed or frozen."""
        return not self._away

    def goes_away(self, node_id: int) -> None:
        """Whoever asks any node does not ask this one from now on."""
        self._away.add(node_id)

    def comes_back(self, node_id: int) -> None:
        """It may be asked again."""
        self._away.discard(node_id)

    @property
    def addresses(self) -> Mapping[int, Address]:
        """Host and port by node id; asked of the cluster once, and again after `forget`."""
        if not self._addresses:
            self.refresh()
        return self._addresses

    @property
    def known_addresses(self) -> dict[str, int]:
        """Node ids by HOST:PORT, without asking."""
        return {f"{host}:{port}": node_id for node_id, (host, port) in self._addresses.items()}

    @property
    def versions(self) -> Versions:
        """What the cluster advertises; asked once on a connection that is not recorded."""
        if self._versions is None:
            with self._bootstrap(History(self._blocking.now_s)) as connection:
                self._versions = advertised(connection.send(ApiVersionsRequest(), version=0))
        return self._versions

    def refresh(self) -> MetadataResponse:
        """Asks any broker for the cluster's members."""
        with self._bootstrap(History(self._blocking.now_s)) as connection:
            answer: MetadataResponse = connection.send(MetadataRequest(topics=[]), version=1)
        self._addresses = {broker.node_id: (broker.host, broker.port) for broker in answer.brokers}
        self._remembered |= self._addresses
        return answer

    def are_named(self, *node_ids: int) -> bool:
        """Whether Metadata names these nodes now."""
        self.refresh()
        return {*node_ids} <= self._addresses.keys()

    def open(self, node_id: int | None, *, name: str | None = None, client_id: str | None = CLIENT_ID) -> Connection:
        """A new connection, to any node where none is named. It is the case's to close; if it does not, we do."""
        label = name or f"connection {next(self._numbers)}"
        connection = self._connect(self._address(node_id), label, client_id, self._history)
        self._opened.append(connection)
        return connection

    def shared(self, node_id: int) -> Connection:
        """The connection to that node which all helpers use, opened again where it was closed."""
        known = self._shared.get(node_id)
        if known is None or known.wire.closed.done():
            known = self._connect(self._address(node_id), f"node {node_id}", CLIENT_ID, self._history)
            self._shared[node_id] = known
        return known

    def close_opened(self) -> None:
        """Closes the connections of a case that it left open, and those of helpers on which an answer is still owed."""
        opened, self._opened = self._opened, []
        for connection in opened:
            connection.close()
        self._numbers = count(1)
        for node_id, connection in list(self._shared.items()):
            if connection.wire.is_busy:
                connection.close()
                del self._shared[node_id]

    def forget(self) -> None:
        """Drops addresses and shared connections: a node went away or came back."""
        shared, self._shared = self._shared, {}
        for connection in shared.values():
            connection.close()
        self._addresses = {}

    def close(self) -> None:
        """Closes everything."""
        self.close_opened()
        self.forget()
        self._away.clear()
        self._remembered.clear()

    def _address(self, node_id: int | None) -> Address:
        if node_id is None:
            node_id = self.ids[0]
        if node_id not in self.addresses:
            self.refresh()
        if node_id not in self._remembered:
            raise TargetError("reach", f"Metadata of {self._target.name} names no node {node_id}")
        return self._remembered[node_id]

    def _bootstrap(self, history: History) -> Connection:
        problems: list[str] = []
        away = {self._remembered.get(node_id) for node_id in self._away}
        for address in sorted(self._target.bootstrap, key=lambda address: address in away):
            try:
                return self._connect(address, "bootstrap", CLIENT_ID, history)
            except WireError as error:
                problems.append(str(error))
        raise Unreachable("; ".join(problems) or f"{self._target.name} has no address")

    def _connect(self, address: Address, name: str, client_id: str | None, history: History) -> Connection:
        opening = open_connection(*address, history, name=name, client_id=client_id, patience=self._patience)
        wire = self._blocking.run(opening)
        versions: Callable[[], Versions] | None = None if history is not self._history else lambda: self.versions
        return Connection(self._blocking, wire, versions)
