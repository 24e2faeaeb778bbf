"""The rules that are in force at a cluster, and how often each has struck."""

from __future__ import annotations

from typing import NamedTuple

from kafka_conformance.protocol.layout import Message
from kafka_conformance.reference_broker.faults.rules import Action, Rule
from kafka_conformance.reference_broker.faults.subjects import TopicName, groups_of, subjects_of


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

    @property
    def active(self) -> bool:
        """Whether it can still strike."""
        return self in self._faults.active

    def remove(self) -> None:
        """Let it strike no more."""
        self._faults.remove(self)

    def __enter__(self) -> Fault:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


class Faults:
    """The faults of a cluster, or of one broker."""

    def __init__(self) -> None:
        self.active: list[Fault] = []
        """In the order in which they were added: the first that matches strikes."""

    def add(self, rule: Rule) -> Fault:
        """Put a rule in force."""
        fault = Fault(rule, self)
        self.active.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Take a rule out of force; nothing happens where it was not."""
        if fault in self.active:
            self.active.remove(fault)

    def clear(self) -> None:
        """Take all rules out of force."""
        self.active.clear()

    def strike(self, struck: Struck) -> Action | None:
        """Return what shall be done to a request, and count it."""
        for fault in self.active:
            if matches(fault.rule, struck):
                fault.count += 1
                if fault.rule.times is not None and fault.count >= fault.rule.times:
                    self.active.remove(fault)
                return fault.rule.action
        return None


def matches(rule: Rule, struck: Struck) -> bool:
    """Whether a rule selects a request."""
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
