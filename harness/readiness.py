"""Whether a broker answers: a connection, and ApiVersions on it."""

from __future__ import annotations

import contextlib
import secrets
import socket
from pathlib import Path

from kafka_conformance.harness.blocking import Blocking
from kafka_conformance.harness.errors import TargetError
from kafka_conformance.harness.subject.waiting import eventually
from kafka_conformance.harness.target import Address, Target
from kafka_conformance.harness.violation import ConformanceViolation
from kafka_conformance.harness.wire.connection import open_connection
from kafka_conformance.harness.wire.errors import WireError
from kafka_conformance.harness.wire.history import History
from kafka_conformance.protocol.messages.api_versions import ApiVersionsRequest

FIRST_PORT = 10_240
USUAL_FIRST_OF_CONNECTIONS = 32_768
MOST_ATTEMPTS = 1_000
LONGEST_PAUSE_S = 0.05
"""Between two looks: a look costs next to nothing, and a run waits for a broker that starts dozens of times."""


def answers(blocking: Blocking, address: Address, *, within_s: float = 2.0) -> bool:
    """Whether ApiVersions is answered there within so many seconds."""

    async def ask() -> None:
        connection = await open_connection(*address, History(blocking.now_s), within_s=within_s)
        try:
            await connection.send(ApiVersionsRequest(), 0, within_s=within_s)
        finally:
            await connection.close()

    try:
        blocking.run(ask())
    except WireError:
        return False
    return True


def wait_until_ready(target: Target, address: Address, *, within_s: float) -> None:
    """Returns as soon as a broker answers there. Raises TargetError at the deadline, or when the target is gone."""
    blocking = Blocking(target.loop)

    def look() -> bool:
        gone = target.problem()
        if gone is not None:
            raise TargetError("start", gone)
        return answers(blocking, address)

    try:
        eventually(blocking, look, within_s=within_s, what="the broker answers", longest_pause_s=LONGEST_PAUSE_S)
    except ConformanceViolation:
        host, port = address
        raise TargetError("start", f"{host}:{port} did not answer ApiVersions within {within_s:g} s") from None


def is_alive(target: Target) -> bool:
    """Whether the target can still be judged: some broker of it answers, given a second chance to."""
    if target.problem() is not None:
        return False
    blocking = Blocking(target.loop)
    return any(answers(blocking, address, within_s=5.0) for _ in range(2) for address in target.bootstrap)


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nothing listens on, and that no outgoing connection is given while a broker that has it is down.

    Systems take those of connections from a range of their own (32768 on, unless Linux says otherwise), so a node
    that was killed would now and then find its port taken when it is started again. Raises TargetError.
    """
    for _ in range(MOST_ATTEMPTS):
        port = FIRST_PORT + secrets.randbelow(_first_of_connections() - FIRST_PORT)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((host, port))
            return port
    raise TargetError("start", f"no port of {host} is free")


def _first_of_connections() -> int:
    with contextlib.suppress(OSError, ValueError, IndexError):
        first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
        return first if first > 2 * FIRST_PORT else USUAL_FIRST_OF_CONNECTIONS
    return USUAL_FIRST_OF_CONNECTIONS
