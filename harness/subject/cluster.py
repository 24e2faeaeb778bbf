"""The cluster under test as cases see it: the same for every target, and for every run of the session."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, TypeVar

from kafka_conformance.harness.blocking import Blocking
from kafka_conformance.harness.events import LaneKind
from kafka_conformance.harness.patience import Patience
from kafka_conformance.harness.subject.administration import Administration
from kafka_conformance.harness.subject.connection import Connection, Versions
from kafka_conformance.harness.subject.group import Group
from kafka_conformance.harness.subject.nodes import Nodes
from kafka_conformance.harness.subject.producer import IdempotentProducer
from kafka_conformance.harness.subject.topic import Topic
from kafka_conformance.harness.subject.transaction import TransactionalProducer
from kafka_conformance.harness.subject.transaction_requests import TransactionProtocol
from kafka_conformance.harness.subject.waiting import eventually, reachable, throughout
from kafka_conformance.harness.target import Target
from kafka_conformance.harness.violation import ConformanceViolation, NotApplicable
from kafka_conformance.harness.wire.connection import CLIENT_ID
from kafka_conformance.harness.wire.errors import WireError
from kafka_conformance.harness.wire.history import History
from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.layout import Message
from kafka_conformance.protocol.messages.metadata import MetadataResponseTopic

T = TypeVar("T")


class Cluster:
    """A running target. Session scope: what isolates cases is that each makes its own topics, groups and ids."""

    def __init__(
        self,
        target: Target,
        run_id: str,
        *,
        capabilities: frozenset[str] | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.target = target
        self.run_id = run_id
        self.blocking = Blocking(target.loop)
        self.history = History(self.blocking.now_s)
        self.capabilities = target.capabilities if capabilities is None else capabilities
        self.patience = patience or Patience()
        self._nodes = Nodes(target, self.blocking, self.history, self.patience)
        self._administration = Administration(self)
        self._numbers = count(1)

    # names, versions, nodes

    def unique(self, stem: str = "x") -> str:
        """A name that nothing else in this run, or in any other, has."""
        return f"kc-{self.run_id}-{stem}-{next(self._numbers)}"

    @property
    def versions(self) -> Versions:
        """What the brokers advertise: a range for each API key."""
        return self._nodes.versions

    def require(self, api: int, version: int | None = None) -> None:
        """Raises NotApplicable where the target does not advertise the API (in that version)."""
        offered = self.versions.get(api)
        if offered is None or (version is not None and version not in offered):
            name = ApiKey(api).name
            asked = name if version is None else f"{name} version {version}"
            raise NotApplicable(f"the target does not offer {asked}")

    @property
    def node_ids(self) -> tuple[int, ...]:
        """The ids of the brokers that Metadata names, without those that the case has killed or frozen."""
        return self._nodes.ids

    @property
    def is_whole(self) -> bool:
        """Whether the case has neither killed nor frozen a node, as far as it goes."""
        return self._nodes.are_all_here

    # connections

    def connect(
        self,
        node: int | None = None,
        *,
        leader_of: Topic | None = None,
        partition: int = 0,
        coordinator_of: str | None = None,
        client_id: str | None = CLIENT_ID,
        name: str | None = None,
    ) -> Connection:
        """A new connection of the case's own: to a node, a partition's leader, a group's coordinator, or any node."""
        if leader_of is not None:
            node = leader_of.leader(partition)
        elif coordinator_of is not None:
            node = self.coordinator(coordinator_of)
        return self._nodes.open(node, name=name, client_id=client_id)

    @property
    def addresses(self) -> dict[str, int]:
        """Node ids by HOST:PORT, as far as they are known."""
        return self._nodes.known_addresses

    def shared(self, node: int | None = None) -> Connection:
        """The connection that helpers share; for requests whose connection does not matter."""
        return self._nodes.shared(self._nodes.ids[0] if node is None else node)

    def send(self, message: Message, version: int | None = None, *, node: int | None = None) -> Any:
        """One request over the shared connection to a node (any, if none is named)."""
        return self.shared(node).send(message, version)

    # topics

    def topic(
        self,
        partitions: int | None = None,
        configs: Mapping[str, str] | None = None,
        *,
        replication_factor: int = 1,
        assignment: Sequence[Sequence[int]] = (),
        name: str | None = None,
    ) -> Topic:
        """A new topic, led and readable everywhere; a context manager that deletes it.

        It has the partitions that are asked for; where none are, the case looks at partition 0 alone. An `assignment`
        has the replicas of each partition, the one first that is to lead.
        """
        return self._administration.create_topic(
            name or self.unique("topic"), partitions, replication_factor, configs or {}, assignment
        )

    def settled_topic(self, name: str) -> MetadataResponseTopic:
        """The topic's description once every node names a leader for each partition, and each leader knows it."""
        return self._administration.settled_topic(name)

    def internal_topic(self, name: str) -> MetadataResponseTopic:
        """The same of a topic that brokers make for themselves. Raises NotApplicable where there is none."""
        try:
            return self.settled_topic(name)
        except ConformanceViolation as error:
            raise NotApplicable(f"the target has no topic {name} ({error.message})") from error

    def delete_topic(self, name: str) -> None:
        """Deletes a topic; one that does not exist is no error."""
        self._administration.delete_topic(name)

    def delete_records(self, topic: Topic, before_offset: int, partition: int) -> tuple[ErrorCode, int]:
        """Moves a log's start."""
        return self._administration.delete_records(topic, before_offset, partition)

    # producers, groups

    def idempotent_producer(self) -> IdempotentProducer:
        """A producer with a producer id of its own, its sequences counted here; a context manager."""
        return IdempotentProducer(self)

    def transactional_producer(
        self,
        transactional_id: str | None = None,
        *,
        timeout_ms: int = 60_000,
        protocol: TransactionProtocol | None = None,
    ) -> TransactionalProducer:
        """A producer with a transactional id (a fresh one, unless told) that was initialised; a context manager.

        It speaks the newest protocol that the target offers, unless told. Raises NotApplicable where that is none.
        """
        chosen = transactional_id or self.unique("transactional-id")
        return TransactionalProducer(self, chosen, timeout_ms=timeout_ms, protocol=protocol)

    def group(self, name: str | None = None) -> Group:
        """A group with a fresh name whose coordinator is ready; a context manager that deletes the group."""
        return Group(self, name or self.unique("group"))

    def coordinator(self, key: str, *, transactional: bool = False) -> int:
        """The node that coordinates a group, or a transactional id; waits until there is one."""
        return self._administration.coordinator(key, key_type=1 if transactional else 0)

    # faults

    def kill(self, node: int | None = None) -> None:
        """Ends a node without warning (capability `kill`)."""
        chosen = self._fault("kill", node)
        self.target.kill(chosen)
        self._nodes.goes_away(chosen)
        self._nodes.forget()

    def restart(self, node: int | None = None) -> None:
        """Starts a killed node, or stops a running one orderly and starts it (capability `restart`); waits for it."""
        chosen = self._fault("restart", node)
        self.target.restart(chosen)
        self._nodes.comes_back(chosen)
        self._nodes.forget()
        answers = reachable(lambda: self._nodes.are_named(chosen) and self.shared(chosen).is_usable())
        self.eventually(answers, within_s=self.target.settle_s, what=f"node {chosen} answers again")

    def started_again(self) -> None:
        """The target ended by itself and was started again: what was known of its nodes is forgotten."""
        self.clean_up(self._nodes.close)

    @contextlib.contextmanager
    def paused(self, node: int) -> Iterator[None]:
        """A node is frozen, and goes on afterwards (capability `pause`)."""
        chosen = self._fault("pause", node)
        self._nodes.goes_away(chosen)
        self.target.pause(chosen)
        try:
            yield
        finally:
            self._fault("resume", chosen, capability="pause")
            self.target.resume(chosen)
            self._nodes.comes_back(chosen)

    @contextlib.contextmanager
    def isolated(self, node: int) -> Iterator[None]:
        """A node reaches neither the others nor the controller, and does again afterwards (capability `isolate`)."""
        chosen = self._fault("isolate", node)
        self.target.isolate(chosen)
        try:
            yield
        finally:
            self._fault("join again", chosen, capability="isolate")
            self.target.join_again(chosen)

    def _fault(self, name: str, node: int | None, *, capability: str | None = None) -> int:
        if (capability or name) not in self.capabilities:
            raise NotApplicable(f"the target cannot {name} a node")
        chosen = min(self._nodes.addresses) if node is None else node
        self.history.note("faults", name, f"node {chosen}", LaneKind.FAULT)
        return chosen

    # waiting

    def eventually(
        self, look: Callable[[], T], *, within_s: float | Callable[[], float] = 10.0, what: str = "the condition"
    ) -> T:
        """The first truthy value of `look`; a violation that it raises means "not yet" until the time is over."""
        with self.history.polling() as attempt:
            return eventually(self.blocking, look, within_s=within_s, what=what, attempt=attempt)

    def settled(self, look: Callable[[], T], *, step: str, what: str, within_s: float | None = None) -> T:
        """`eventually` within the time that the target may take to settle; less where it never did (Patience).

        `step` is what all such waits have in common, `what` is this one. `within_s`: where it may take another time.
        """
        full = self.target.settle_s if within_s is None else within_s
        limit = full

        def limit_s() -> float:
            nonlocal limit
            limit = self.patience.limit_s(step, full)
            return limit

        try:
            found = self.eventually(look, within_s=limit_s, what=what)
        except ConformanceViolation as error:
            cut = self.patience.waited_in_vain(step, limit, full)
            raise ConformanceViolation(f"{error.message}{cut}", expected=error.expected, actual=error.actual) from error
        self.patience.was_done(step)
        return found

    def throughout(self, look: Callable[[], object], *, for_s: float, what: str = "the condition") -> None:
        """A violation as soon as `look` is not truthy; otherwise returns after `for_s` seconds."""
        throughout(self.blocking, look, for_s=for_s, what=what)

    # the life of a case

    @contextlib.contextmanager
    def case(self) -> Iterator[None]:
        """The frame of one case or example: its history begins, and connections that it left open are closed."""
        self.history.restart()
        try:
            yield
        finally:
            self.clean_up(self._nodes.close_opened)

    def clean_up(self, step: Callable[[], None]) -> None:
        """Runs a step of tidying up; while something else already went wrong, its failure is only noted."""
        already = sys.exception()
        if already is not None:
            self.history.stop()
        try:
            step()
        except WireError as error:
            self.history.note("harness", "could not tidy up", str(error))
            if already is None:
                raise

    def close(self) -> None:
        """Closes all connections; the target is its owner's to stop."""
        self.clean_up(self._nodes.close)
        self.blocking.close()
        self.patience.close()
