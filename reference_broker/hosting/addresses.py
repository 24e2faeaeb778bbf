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


def configured_address(config: BrokerConfig) -> Address | None:
    """Return where `listeners` says that the broker listens, None where it is not set.

    One PLAINTEXT listener is supported, advertised as it is; those of controllers are read over. A listener without
    a host, or on all interfaces, takes the advertised host, else the loopback address. Raises ConfigError.
    """
    if "listeners" not in config.static:
        if "advertised.listeners" in config.static:
            raise _refused("advertised.listeners", "needs listeners")
        return None
    listens = _only_listener(config, "listeners")
    if "advertised.listeners" not in config.static:
        return listens if listens.host else Address(LOOPBACK, listens.port)
    advertised = _only_listener(config, "advertised.listeners")
    if listens.port != advertised.port or listens.host not in ("", *WILDCARDS, advertised.host):
        raise _refused("advertised.listeners", f"the broker advertises where it listens, {listens}")
    return advertised


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
