"""What a broker holds for its clients is bounded, whatever they send."""

from __future__ import annotations

import random
import socket
import struct
import time

from kafka_conformance.protocol.frames import encode_request
from kafka_conformance.protocol.messages.delete_topics import DeleteTopicsRequest
from kafka_conformance.protocol.messages.metadata import MetadataRequest
from kafka_conformance.reference_broker.network.frame_receiver import WHOLE_BYTES
from tests.reference_broker.wire import RunningCluster, Wire, batch, fetch_request, produce


def until_gone(running: RunningCluster, count: int) -> None:
    listener = running.cluster.brokers[1].listener
    deadline = time.monotonic() + 5
    while len(listener.connections) > count:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_random_bytes_end_in_closed_connections_and_others_are_served(running: RunningCluster, wire: Wire) -> None:
    chance = random.Random(5)
    assert wire.ask(MetadataRequest(topics=[]), 1).controller_id == 1  # its own connection has been accepted by now
    before = len(running.cluster.brokers[1].listener.connections)
    for _ in range(60):
        with running.wire() as other:
            body = chance.randbytes(chance.randrange(1, 200))
            sized = chance.random() < 0.7
            try:
                other.send_bytes(struct.pack(">i", len(body)) + body if sized else body)
            except OSError:
                continue
    assert wire.ask(MetadataRequest(topics=[]), 1).controller_id == 1
    until_gone(running, before)


def test_large_announcements_cost_little_until_their_bytes_come() -> None:
    with RunningCluster() as running:
        wires = [running.wire() for _ in range(20)]
        for each in wires:
            each.send_bytes(struct.pack(">i", 100_000_000) + b"x")
        with running.wire() as wire:
            wire.ask(MetadataRequest(topics=[]), 1)
        held = [each._receiver.held_bytes for each in running.cluster.brokers[1].listener.connections.values()]
        assert sum(held) <= 20 * WHOLE_BYTES
        for each in wires:
            each.close()


def test_a_client_that_does_not_read_its_answers_is_not_read_either(running: RunningCluster) -> None:
    one = b"".join(encode_request(MetadataRequest(topics=None), 9, 0, None))
    with running.wire() as other:
        other.socket.settimeout(0.5)
        sent = 0
        try:
            while sent < 200_000_000:
                sent += other.socket.send(one * 1000)
        except TimeoutError:
            pass
        assert sent < 200_000_000


def test_a_client_whose_connection_breaks_takes_its_waiting_fetch_with_it(running: RunningCluster) -> None:
    topic = running.topic()
    replica = running.cluster.brokers[1].partitions[topic, 0]
    with running.wire() as other:
        other.send(fetch_request(topic, max_wait_ms=2**31 - 1, min_bytes=1), 11)
        deadline = time.monotonic() + 5
        while not replica._watchers:
            assert time.monotonic() < deadline
        other.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close() resets

    while replica._watchers:
        assert time.monotonic() < deadline


def test_the_deletion_of_a_topic_ends_the_fetches_that_wait_there(running: RunningCluster, wire: Wire) -> None:
    topic = running.topic()
    produce(wire, topic, batch(b"v"))
    wire.send(fetch_request(topic, 1, max_wait_ms=60_000, min_bytes=1), 11)
    with running.wire() as other:
        other.ask(DeleteTopicsRequest(topic_names=[topic], timeout_ms=1000), 4)

    _, answer = wire.receive(1, 11)
    assert answer.responses[0].partitions[0].error_code == 3
