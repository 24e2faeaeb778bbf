"""The named hosts of a simulated network, their addresses and ports; and which of them the running code is on.

The host is a context variable: tasks and callbacks that are started inside `on_host("broker-1")` stay on it, as
threads stay on a machine. Loopback names mean the host that asks.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

DEFAULT_HOST = "localhost"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
WILDCARD = frozenset({"", "0.0.0.0", "::"})
FIRST_EPHEMERAL_PORT = 32_768  # Linux, net.ipv4.ip_local_port_range
LAST_EPHEMERAL_PORT = 60_999

_here: ContextVar[str] = ContextVar("simulated_host", default=DEFAULT_HOST)


@contextmanager
def on_host(name: str) -> Iterator[None]:
    """Run the block, and all that it starts, on the host `name`."""
    token = _here.set(name)
    try:
        yield
    finally:
        _here.reset(token)


class Hosts:
    """Names and addresses. Every name exists: it gets the next address of 10.0.0.0/16 when it is first used."""

    def __init__(self) -> None:
        self._addresses = {DEFAULT_HOST: "127.0.0.1"}
        self._names = {"127.0.0.1": DEFAULT_HOST}
        self._next_port = FIRST_EPHEMERAL_PORT

    def name(self, host: str | None) -> str:
        """Return the one name of a host that is given by name or address; loopback and wildcard are this host."""
        if host is None or host in WILDCARD or host in LOOPBACK:
            return _here.get()
        return self._names.get(host, host)

    def address(self, host: str | None) -> str:
        """Return the IP address of a host."""
        if host is not None and host in LOOPBACK:
            return "127.0.0.1"
        name = self.name(host)
        if name not in self._addresses:
            address = name if _is_address(name) else self._new_address()
            self._addresses[name] = address
            self._names[address] = name
        return self._addresses[name]

    def ephemeral_port(self) -> int:
        """Return a port that was not given out before (until all 28 thousand were)."""
        port = self._next_port
        self._next_port = FIRST_EPHEMERAL_PORT if port == LAST_EPHEMERAL_PORT else port + 1
        return port

    def _new_address(self) -> str:
        number = len(self._addresses)
        return f"10.0.{number >> 8}.{number & 255}"


def _is_address(name: str) -> bool:
    return ":" in name or name.replace(".", "").isdigit()
