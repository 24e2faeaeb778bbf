"""Fixtures of the tests on the wire."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.reference_broker.wire import RunningCluster, Wire


@pytest.fixture(scope="session")
def running() -> Iterator[RunningCluster]:
    """One broker with the reference configuration; tests take fresh topics and groups."""
    with RunningCluster() as running:
        yield running


@pytest.fixture
def wire(running: RunningCluster) -> Iterator[Wire]:
    """A connection to it."""
    with running.wire() as wire:
        yield wire
