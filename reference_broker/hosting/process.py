"""A cluster as a process: started by options, stopped by a signal.

What it stores, if anything, is in one data directory (`data_directory.py`).
"""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from errno import EADDRINUSE
from typing import NamedTuple

from kafka_conformance.protocol.errors import ProtocolError
from kafka_conformance.reference_broker.cluster.cluster import FIRST_NODE_ID, Cluster
from kafka_conformance.reference_broker.config.broker import BrokerConfig
from kafka_conformance.reference_broker.config.departures import reference_config
from kafka_conformance.reference_broker.config.errors import ConfigError
from kafka_conformance.reference_broker.environment import Environment, SystemClock
from kafka_conformance.reference_broker.hosting.addresses import Address, listening
from kafka_conformance.reference_broker.hosting.data_directory import DataDirectory
from kafka_conformance.reference_broker.parts import Parts
from kafka_conformance.reference_broker.storage import StorageError


class StartError(Exception):
    """The process cannot start as it was asked to; the text says what to change."""


class ProcessOptions(NamedTuple):
    """What a process serves. Without `listen` the setting `listeners` decides, else a free port of the loopback."""

    brokers: int = 1
    listen: Address | None = None
    data: str | None = None
    """The data directory; without it the setting log.dirs decides, else everything is in memory."""
    settings: Mapping[str, str] = {}
    parts: Parts | None = None
    control: Address | None = None
    """Where the control interface listens; without it there is none."""


class Served(NamedTuple):
    """A cluster that is ready."""

    cluster: Cluster
    addresses: tuple[Address, ...]
    """Of the brokers, in the order of their ids."""
    control: Address | None = None

    @property
    def bootstrap_servers(self) -> str:
        """The addresses as clients take them."""
        return ",".join(map(str, self.addresses))


def run_process(options: ProcessOptions, ready: Callable[[Served], object]) -> None:
    """Serve until SIGINT or SIGTERM, then stop in order. A second signal ends the process at once.

    `ready` is called once clients can connect. Raises StartError, and ConfigError with the name of the setting.
    """
    asyncio.run(_serve(options, ready))


async def _serve(options: ProcessOptions, ready: Callable[[Served], object]) -> None:
    stopping = _stop_signals(asyncio.get_running_loop())
    cluster, address = make_cluster(options, asyncio.get_running_loop())
    async with AsyncExitStack() as running:
        running.push_async_callback(cluster.stop)
        await _start(cluster, address)
        control = None
        if options.control is not None:
            control = await _start_control(cluster, options.control, running)
        addresses = tuple(Address(*broker.advertised) for broker in cluster.brokers.values())
        ready(Served(cluster, addresses, control))
        await stopping.wait()


async def _start(cluster: Cluster, address: Address) -> None:
    try:
        await cluster.start()
    except (StorageError, ProtocolError) as error:
        raise StartError(f"cannot use what is stored: {error}") from error
    except OSError as error:
        raise _cannot_listen(address, error) from error


async def _start_control(cluster: Cluster, address: Address, running: AsyncExitStack) -> Address:
    from kafka_conformance.reference_broker.hosting.control import Control

    control = Control(cluster)
    running.callback(control.stop)
    try:
        return await control.start(address)
    except OSError as error:
        raise _cannot_listen(address, error) from error


def _cannot_listen(address: Address, error: OSError) -> StartError:
    why = "the address is in use" if error.errno == EADDRINUSE else error.strerror or str(error)
    return StartError(f"cannot listen on {address}: {why}")


def _stop_signals(loop: asyncio.AbstractEventLoop) -> asyncio.Event:
    stopping = asyncio.Event()

    def stop() -> None:
        stopping.set()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    return stopping


def make_cluster(options: ProcessOptions, loop: asyncio.AbstractEventLoop) -> tuple[Cluster, Address]:
    """Return the cluster, not started, and the address of its first broker. Raises StartError, ConfigError."""
    data = _data_directory(options)
    config = reference_config(options.settings, brokers=options.brokers, in_memory=data is None)
    _check_node_id(config)
    address, advertised = listening(config, options.listen)
    env = Environment(loop, SystemClock(), random.Random())
    ports = _ports(address, options.brokers)
    try:
        directories = None if data is None else DataDirectory(data, env.random)
        cluster = Cluster(
            config,
            env,
            options.parts,
            directories,
            brokers=options.brokers,
            host=address.host,
            advertised=advertised,
            ports=ports,
            cluster_id=None if directories is None else directories.cluster_id,
        )
    except StorageError as error:
        raise StartError(f"cannot use the directory {data}: {error.reason}") from error
    return cluster, address


def _check_node_id(config: BrokerConfig) -> None:
    for name in ("node.id", "broker.id"):
        if name in config.static and config.int(name) != FIRST_NODE_ID:
            raise ConfigError(f"{name}: brokers are numbered from {FIRST_NODE_ID}", name=name)


def _data_directory(options: ProcessOptions) -> str | None:
    if options.data is not None:
        return options.data
    for name in ("log.dirs", "log.dir"):
        if name in options.settings:
            directories = [each.strip() for each in options.settings[name].split(",") if each.strip()]
            if len(directories) != 1:
                raise ConfigError(f"{name}: one log directory is supported, not {len(directories)}", name=name)
            return directories[0]
    return None


def _ports(address: Address, brokers: int) -> tuple[int, ...]:
    """Consecutive ports from the one that was named; none of them where any will do."""
    if address.port == 0:
        return ()
    last = address.port + brokers - 1
    if last > 65535:
        raise StartError(f"{brokers} brokers from port {address.port} on need port {last}, and there is none")
    return tuple(range(address.port, last + 1))
