"""What is built in, offered through the same hooks that others use. A kind imports its module when one is made."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from kafka_conformance.harness.client import ClientKind
from kafka_conformance.harness.hookspecs import hookimpl
from kafka_conformance.harness.registry import Registry
from kafka_conformance.harness.target import TargetKind
from kafka_conformance.plugins.clients.kinds import CLIENT_KINDS
from kafka_conformance.plugins.targets.kinds import TARGET_KINDS


@hookimpl
def kafka_conformance_targets() -> Iterable[TargetKind]:
    """Those of `plugins.targets.kinds`."""
    return TARGET_KINDS


@hookimpl
def kafka_conformance_clients() -> Iterable[ClientKind]:
    """Those of `plugins.clients.kinds`."""
    return CLIENT_KINDS


@hookimpl
def kafka_conformance_requirements() -> Iterable[Path]:
    """The suite's own catalogue."""
    package = import_module("kafka_conformance.conformance")
    return [Path(path) / "requirements" for path in package.__path__]


@hookimpl
def kafka_conformance_suites() -> Iterable[str]:
    """The suite."""
    return ["kafka_conformance.conformance"]


def make_registry() -> Registry:
    """A registry with everything that is installed."""
    return Registry(import_module(__name__))
