"""Where brokers of others are to listen."""

from __future__ import annotations

import contextlib
import socket
import sys
from pathlib import Path

import pytest

from kafka_conformance.harness.errors import TargetError
from kafka_conformance.harness.readiness import FIRST_PORT, free_port

HOST = "127.0.0.1"


def test_a_port_can_be_listened_on() -> None:
    with contextlib.closing(socket.create_server((HOST, free_port(HOST)))) as server:
        assert server.getsockname()[1] >= FIRST_PORT


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which ports these are")
def test_a_port_is_below_those_that_systems_give_to_outgoing_connections() -> None:
    first, _ = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    assert max(free_port(HOST) for _ in range(50)) < first


def test_a_host_that_is_not_here_has_no_free_port() -> None:
    with pytest.raises(TargetError, match="no port"):
        free_port("192.0.2.1")
