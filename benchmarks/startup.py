"""The time to the first Metadata: in this process from the call, and from the start of a process."""

import asyncio
import random
import socket
import time
from functools import partial

from benchmarks.peers import start, stop
from benchmarks.rounds import Figure, compare
from kafka_conformance.protocol.frames import decode_response, encode_request
from kafka_conformance.protocol.messages.metadata import MetadataRequest
from kafka_conformance.reference_broker.cluster.cluster import Cluster
from kafka_conformance.reference_broker.config.departures import reference_config
from kafka_conformance.reference_broker.environment import Environment, SystemClock
from kafka_conformance.reference_broker.hosting.thread import LoopThread


def ask_metadata(address: str) -> None:
    """Connect, ask for all topics, and read the whole answer."""
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as peer, peer.makefile("rb") as stream:
        peer.sendall(b"".join(encode_request(MetadataRequest(topics=None), 1, 1, "benchmark")))
        decode_response(MetadataRequest.api_key, 1, stream.read(int.from_bytes(stream.read(4), "big")))


def in_process() -> float:
    """Milliseconds from the call that makes a cluster to the first Metadata answered by it."""

    async def up() -> Cluster:
        cluster = Cluster(reference_config({}), Environment(asyncio.get_running_loop(), SystemClock(), random.Random()))
        await cluster.start()
        return cluster

    began = time.perf_counter()
    thread = LoopThread().start()
    cluster = thread.call(up())
    ask_metadata(cluster.bootstrap_servers)
    took = (time.perf_counter() - began) * 1000
    thread.call(cluster.stop())
    thread.stop()
    return took


def as_process(name: str) -> float:
    """Milliseconds from starting a broker's process to the first Metadata answered by it."""
    began = time.perf_counter()
    process, address = start(name)
    if name != "mock":  # it asked itself before it printed its address
        ask_metadata(address)
    took = (time.perf_counter() - began) * 1000
    stop(process)
    return took


def run(rounds: int) -> list[Figure]:
    """Measure both."""
    in_process()  # imports are not part of the call, nor is the compilation of bytecode
    for name in ("reference", "mock"):
        as_process(name)
    return [
        compare("first Metadata, in process", "ms", {"reference": in_process}, rounds=rounds, higher_is_better=False),
        compare(
            "first Metadata, a process of its own",
            "ms",
            {name: partial(as_process, name) for name in ("reference", "mock")},
            rounds=rounds,
            higher_is_better=False,
        ),
    ]
