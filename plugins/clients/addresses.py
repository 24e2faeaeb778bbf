"""Where a target is, in the words of client libraries."""

from __future__ import annotations

from kafka_conformance.harness.target import Target


def bootstrap_servers(target: Target) -> list[str]:
    """HOST:PORT of each address."""
    return [f"{host}:{port}" for host, port in target.bootstrap]


def bootstrap_text(target: Target) -> str:
    """The same between commas."""
    return ",".join(bootstrap_servers(target))
