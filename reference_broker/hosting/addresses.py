"""Addresses as people write them: HOST:PORT, and Kafka's listeners."""

from __future__ import annotations

from typing import NamedTuple

from kafka_conformance.reference_broker.config.broker import BrokerConfig
from kafka_conformance.reference_broker.config.errors import ConfigError

LOOPBACK = "127.0.0.1"
WILDCARDS = ("0.0.0.0", "::", "*")


class Address(NamedTuple):
    """Where to listen; port 0 takes a free one."""

    host: str
    port: int

    def __str__(self) -> str:
        """As clients take it, an IPv6 address in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_address(text: str) -> Address:
    """Read HOST:PORT; an IPv6 address stands in brackets. Raises ValueError with a sentence."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdecimal():
        raise ValueError(f"expected HOST:PORT, not {text!r}")
    if int(port) > 65535:
        raise ValueError(f"a port is at most 65535, not {port}")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError(f"an IPv6 address needs brackets: [{host}]:{port}")
    if not host:
        raise ValueError(f"expected HOST:PORT, not {text!r}")
    return Address(host, int(port))


class Listening(NamedTuple):
    """Where the first broker listens, and where clients are told that it does."""

    listen: Address
    advertised: Address
    """Port 0: the port that it listens on."""


def listening(config: BrokerConfig, chosen: Address | None) -> Listening:
    """Return where to listen and what to advertise: `chosen` stands over the setting listeners.

    One PLAINTEXT listener is supported; those of controllers are read over. Without advertised.listeners the address
    itself is advertised. Raises ConfigError, also where that is no address that a client could connect to.
    """
    listen = chosen or (_only_listener(config, "listeners") if "listeners" in config.static else Address(LOOPBACK, 0))
    if "advertised.listeners" in config.static:
        advertised = _only_listener(config, "advertised.listeners")
        name = "advertised.listeners"
    else:
        listen = listen if listen.host else Address(LOOPBACK, listen.port)
        advertised, name = listen, "listeners"
    if advertised.host in ("", *WILDCARDS):
        where = advertised.host or "an address without a host"
        raise ConfigError(f"clients cannot connect to {where}: set advertised.listeners", name=name)
    return Listening(Address(listen.host or "0.0.0.0", listen.port), advertised)


def _only_listener(config: BrokerConfig, name: str) -> Address:
    protocols = dict(each.rsplit(":", 1) for each in config.str("listener.security.protocol.map").split(",") if each)
    controllers = config.list("controller.listener.names")
    listeners = [listener for listener in config.list(name) if listener.partition("://")[0] not in controllers]
    if len(listeners) != 1:
        raise _refused(name, f"one listener is supported, not {len(listeners)}")
    kind, _, place = listeners[0].partition("://")
    if protocols.get(kind.upper(), kind.upper()) != "PLAINTEXT":
        raise _refused(name, f"{kind} is no PLAINTEXT listener")
    try:
        return parse_address(place) if not place.startswith(":") else parse_address(f"*{place}")._replace(host="")
    except ValueError as error:
        raise _refused(name, str(error)) from None


def _refused(name: str, why: str) -> ConfigError:
    return ConfigError(f"{name} is not supported by the reference broker: {why}", name=name)
