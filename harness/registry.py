"""What is installed: built-in plugins, handed in by those who may import them, and the entry points of others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Protocol, TypeVar

import pluggy

from kafka_conformance.harness import hookspecs
from kafka_conformance.harness.capabilities import check_names
from kafka_conformance.harness.client import ClientKind
from kafka_conformance.harness.command import Command
from kafka_conformance.harness.errors import UsageError, did_you_mean
from kafka_conformance.harness.events import Event
from kafka_conformance.harness.requirements import Catalogue, load_catalogue
from kafka_conformance.harness.target import Target, TargetKind


class _Named(Protocol):
    @property
    def kind(self) -> str: ...


K = TypeVar("K", bound=_Named)


class Registry:
    """Answers by name; each hook is called when it is first needed."""

    def __init__(self, *builtin: object, entry_points: bool = True) -> None:
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        for plugin in builtin:
            self._manager.register(plugin)
        if entry_points:
            self._manager.load_setuptools_entrypoints(hookspecs.PROJECT)
        self._manager.check_pending()

    @cached_property
    def targets(self) -> dict[str, TargetKind]:
        """Kinds of target by name."""
        return _by_kind(self._manager.hook.kafka_conformance_targets())

    @cached_property
    def clients(self) -> dict[str, ClientKind]:
        """Clients by name."""
        return _by_kind(self._manager.hook.kafka_conformance_clients())

    @cached_property
    def commands(self) -> dict[str, Command]:
        """Subcommands by name, in the order of their names."""
        found = {
            command.name: command for group in self._manager.hook.kafka_conformance_commands() for command in group
        }
        return dict(sorted(found.items()))

    @cached_property
    def catalogue(self) -> Catalogue:
        """All requirements. Raises UsageError for the first fault in a file."""
        directories = [path for group in self._manager.hook.kafka_conformance_requirements() for path in group]
        catalogue = load_catalogue(*directories)
        for entry in catalogue.values():
            check_names(entry.needs, where=f"the needs of {entry.id}")
        return catalogue

    @property
    def suites(self) -> list[str]:
        """The packages with cases."""
        return [package for group in self._manager.hook.kafka_conformance_suites() for package in group]

    def announce(self, event: Event) -> None:
        """Tells observers of an event."""
        self._manager.hook.kafka_conformance_event(event=event)

    def target(self, text: str, *, where: str = "--target") -> Target:
        """The target that is written KIND or KIND:ARGUMENT, not started. Raises UsageError."""
        name, _, argument = text.partition(":")
        found = _known(self.targets, name, "kind of target", where)
        try:
            return found.create(argument, text)
        except UsageError as error:
            raise error.at(where) from None

    def client(self, text: str, *, where: str = "--client") -> ClientKind:
        """The client of that name. Raises UsageError."""
        return _known(self.clients, text.partition(":")[0], "client", where)


def _by_kind(groups: Iterable[Iterable[K]]) -> dict[str, K]:
    found: dict[str, K] = {}
    for group in groups:
        for entry in group:
            if entry.kind in found:
                raise UsageError(f"two plugins offer {entry.kind!r}", where="plugins")
            found[entry.kind] = entry
    return dict(sorted(found.items()))


def _known(kinds: dict[str, K], name: str, what: str, where: str) -> K:
    if name not in kinds:
        hint = did_you_mean(name, kinds)
        raise UsageError(f"no {what} {name!r}.{hint}", allowed=", ".join(kinds), where=where)
    return kinds[name]


MakeRegistry = Callable[[], Registry]
