"""The rules that are in force at a cluster, and how often each has struck."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from kafka_conformance.protocol.layout import Message

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.faults.rules import Rule
    from kafka_conformance.reference_broker.faults.subjects import TopicName


class Struck(NamedTuple):
    """What is known of a request when it is compared with the rules."""

    node_id: int
    connection_id: str
    client_id: str | None
    request: Message
    topic_name: TopicName


class Fault:
    """A handle on a rule that was added. As a context manager it is in force within the block."""

    def __init__(self, rule: Rule, faults: Faults) -> None:
        self.rule = rule
        self.count = 0
        """How many requests have been struck."""
        self._faults = faults
        self._held: list[asyncio.Future[None]] = []

    @property
    def active(self) -> bool:
        """Whether it can still strike."""
        return self in self._faults.active

    def remove(self) -> None:
        """Let it strike no more, and let go what it holds."""
        self._faults.remove(self)
        self.let_go()

    @property
    def held(self) -> int:
        """How many requests wait for it to be removed (Hold)."""
        return sum(1 for future in self._held if not future.done())

    def released(self, loop: asyncio.AbstractEventLoop) -> asyncio.Future[None]:
        """What is done when the fault has been removed."""
        self._held = [future for future in self._held if not future.done()]
        future: asyncio.Future[None] = loop.create_future()
        self._held.append(future)
        return future

    def let_go(self) -> None:
        """Let the requests go on that it holds."""
        held, self._held = self._held, []
        for future in held:
            if not future.done():
                future.set_result(None)

    def __enter__(self) -> Fault:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


class Faults:
    """The faults of a cluster, or of one broker."""

    def __init__(self) -> None:
        self.active: list[Fault] = []
        """In the order in which they were added: the first that matches strikes."""
        self._all: list[Fault] = []

    def add(self, rule: Rule) -> Fault:
        """Put a rule in force."""
        fault = Fault(rule, self)
        self.active.append(fault)
        self._all.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Take a rule out of force; nothing happens where it was not."""
        for faults in (self.active, self._all):
            if fault in faults:
                faults.remove(fault)

    def clear(self) -> None:
        """Take all rules out of force, and let go what they hold."""
        for fault in list(self._all):
            fault.remove()

    def strike(self, struck: Struck) -> Fault | None:
        """Return the fault whose action shall be done to a request, and count it."""
        for fault in self.active:
            if matches(fault.rule, struck):
                fault.count += 1
                if fault.rule.times is not None and fault.count >= fault.rule.times:
                    self.active.remove(fault)
                return fault
        return None


def matches(rule: Rule, struck: Struck) -> bool:
    """Whether a rule selects a request."""
    from kafka_conformance.reference_broker.faults.subjects import groups_of, subjects_of  # with the first rule

    plain = (
        (rule.api_key, struck.request.api_key),
        (rule.client_id, struck.client_id),
        (rule.connection_id, struck.connection_id),
        (rule.node_id, struck.node_id),
    )
    if any(wanted is not None and wanted != found for wanted, found in plain):
        return False
    if rule.group_id is not None and rule.group_id not in groups_of(struck.request):
        return False
    if rule.topic is None and rule.partition is None:
        return True
    return any(
        rule.topic in (None, subject.topic) and rule.partition in (None, subject.partition)
        for subject in subjects_of(struck.request, struck.topic_name)
    )
