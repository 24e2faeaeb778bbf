"""The hooks of a plugin: functions that it defines under these names and marks with `hookimpl`.

A distribution offers its plugin by an entry point of the group `kafka_conformance`:

    [project.entry-points.kafka_conformance]
    ours = "our_package.kafka_conformance_plugin"

All are called when something asks for what they give, not at start-up; all are called, none overrules another, and
two kinds of one name are an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from kafka_conformance.harness.client import ClientKind
    from kafka_conformance.harness.command import Command
    from kafka_conformance.harness.events import Event
    from kafka_conformance.harness.target import TargetKind

PROJECT = "kafka_conformance"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def kafka_conformance_targets() -> Iterable[TargetKind]:
    """Called when a target is chosen or listed; gives the kinds of target that the plugin adds."""
    return ()


@hookspec
def kafka_conformance_clients() -> Iterable[ClientKind]:
    """Called when a client is chosen or listed; gives the client libraries that the plugin drives."""
    return ()


@hookspec
def kafka_conformance_commands() -> Iterable[Command]:
    """Called when the command line is parsed; gives subcommands of `kafka-conformance`."""
    return ()


@hookspec
def kafka_conformance_requirements() -> Iterable[Path]:
    """Called when the catalogue is read; gives directories of requirements, each a tree of TOML files."""
    return ()


@hookspec
def kafka_conformance_suites() -> Iterable[str]:
    """Called when a run begins; gives importable packages in which pytest finds cases."""
    return ()


@hookspec
def kafka_conformance_event(event: Event) -> None:
    """Called for each event of a run as it happens, in the process that writes the reports; for observers."""
