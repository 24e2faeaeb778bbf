"""`tcp:HOST:PORT[,HOST:PORT...]`: a cluster that already runs. Nothing is started, stopped or assumed of it."""

from __future__ import annotations

from collections.abc import Sequence

from typing_extensions import override

from kafka_conformance.harness.blocking import Blocking
from kafka_conformance.harness.errors import TargetError, UsageError
from kafka_conformance.harness.readiness import answers
from kafka_conformance.harness.target import Address, Target


class TcpTarget(Target):
    """Somebody else's cluster."""

    def __init__(self, name: str, addresses: Sequence[Address]) -> None:
        super().__init__(name)
        self._addresses = tuple(addresses)

    @property
    @override
    def bootstrap(self) -> Sequence[Address]:
        return self._addresses

    @override
    def start(self) -> None:
        blocking = Blocking(self.loop)
        if not any(answers(blocking, address, within_s=5.0) for address in self._addresses):
            places = ", ".join(f"{host}:{port}" for host, port in self._addresses)
            raise TargetError("reach", f"no answer to ApiVersions from {places}")

    @override
    def stop(self) -> None:
        """Nothing was started."""


def parse_address(text: str) -> Address:
    """HOST:PORT, with the host of an IPv6 address in brackets. Raises UsageError."""
    host, _, port = text.strip().rpartition(":")
    number = int(port) if port.isdecimal() and len(port) <= 5 else 0
    if not host or not 0 < number < 65536:
        raise UsageError("expected an address", key="tcp", value=text, allowed="HOST:PORT[,HOST:PORT...]")
    return host.removeprefix("[").removesuffix("]"), number


def create(argument: str, name: str) -> TcpTarget:
    """From HOST:PORT,HOST:PORT. Raises UsageError."""
    return TcpTarget(name, [parse_address(text) for text in argument.split(",")])
