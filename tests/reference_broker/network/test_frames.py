"""What closes a connection and what does not, as observed on Apache Kafka 4.3.1."""

from __future__ import annotations

import socket
import struct

import pytest

from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.frames import MAX_FRAME_BYTES, encode_request
from kafka_conformance.protocol.messages.api_versions import ApiVersionsRequest
from kafka_conformance.protocol.messages.metadata import MetadataRequest
from tests.reference_broker.wire import RunningCluster, Wire, batch, fetch_request, produce, produce_request


def header(key: int, version: int, correlation_id: int = 1) -> bytes:
    return struct.pack(">hhih", key, version, correlation_id, -1)


def framed(body: bytes) -> bytes:
    return struct.pack(">i", len(body)) + body


@pytest.mark.parametrize("size", [0, -1, -(2**31), MAX_FRAME_BYTES + 1, 2**31 - 1])
def test_a_frame_size_that_cannot_be_closes_the_connection(wire: Wire, size: int) -> None:
    wire.send_bytes(struct.pack(">i", size))

    assert wire.is_closed()


def test_the_largest_frame_is_awaited(wire: Wire) -> None:
    wire.send_bytes(struct.pack(">i", MAX_FRAME_BYTES) + bytes(1000))

    assert wire.is_silent()


def test_half_a_frame_is_awaited_until_the_client_closes(wire: Wire) -> None:
    wire.send_bytes(struct.pack(">i", 100) + bytes(10))
    assert wire.is_silent()

    wire.socket.shutdown(socket.SHUT_WR)

    assert wire.is_closed()


def test_an_answer_still_comes_after_the_client_has_closed_its_side(wire: Wire) -> None:
    wire.send(MetadataRequest(topics=[]), 1)
    wire.socket.shutdown(socket.SHUT_WR)

    assert wire.receive(ApiKey.METADATA, 1)[0] == 1
    assert wire.is_closed()


@pytest.mark.parametrize(
    "body",
    [
        b"\0\3\0\1",
        struct.pack(">hhi", 3, 1, 7),
        header(9999, 0),
        header(-1, 0),
        header(56, 0),
        header(ApiKey.METADATA, 99),
        header(ApiKey.METADATA, -1),
        header(ApiKey.FETCH, 3),
        header(ApiKey.PRODUCE, 2),
        header(ApiKey.PRODUCE, 0),
        header(ApiKey.INIT_PRODUCER_ID, 6),
        header(ApiKey.API_VERSIONS, 3) + b"\0",
        header(ApiKey.METADATA, 1) + b"\x7f\xff\xff\xff",
    ],
    ids=lambda body: body.hex(),
)
def test_what_cannot_be_read_or_is_not_served_closes_the_connection(wire: Wire, body: bytes) -> None:
    wire.send_bytes(framed(body))

    assert wire.is_closed()


def test_other_connections_live_when_one_sends_garbage(running: RunningCluster, wire: Wire) -> None:
    with running.wire() as other:
        other.send_bytes(framed(b"\xff" * 64))
        assert other.is_closed()

    assert wire.ask(MetadataRequest(topics=[]), 1).controller_id == 1


@pytest.mark.parametrize(("request_", "version"), [(ApiVersionsRequest(), 0), (MetadataRequest(topics=[]), 1)])
def test_bytes_behind_a_body_are_ignored(wire: Wire, request_: ApiVersionsRequest, version: int) -> None:
    body = b"".join(encode_request(request_, version, 5, "c"))[4:] + b"abc"
    wire.send_bytes(framed(body))

    assert wire.receive(request_.api_key, version)[0] == 5


def test_unknown_tagged_fields_are_ignored_whatever_their_order(wire: Wire) -> None:
    body = header(ApiKey.METADATA, 9) + b"\2\5\1a\3\1b" + b"\1\0\0\0" + b"\2\6\1c\6\1d"
    wire.send_bytes(framed(body))

    assert wire.receive(ApiKey.METADATA, 9)[1].controller_id == 1


def test_pipelined_requests_are_answered_in_order_also_behind_a_waiting_fetch(running: RunningCluster) -> None:
    topic = running.topic()
    with running.wire() as wire:
        wire.send(fetch_request(topic, max_wait_ms=200, min_bytes=1), 11)
        wire.send(ApiVersionsRequest(), 0)
        wire.send(MetadataRequest(topics=[]), 1)

        answered = [wire.receive(key, version)[0] for key, version in [(1, 11), (18, 0), (3, 1)]]

    assert answered == [1, 2, 3]


def test_thousands_of_pipelined_requests_are_all_answered(wire: Wire) -> None:
    one = b"".join(encode_request(MetadataRequest(topics=[]), 1, 0, None))
    wire.send_bytes(one * 3000)

    assert all(wire.receive(ApiKey.METADATA, 1)[0] == 0 for _ in range(3000))


def test_a_frame_of_megabytes_arrives_whole(running: RunningCluster, wire: Wire) -> None:
    topic = running.topic(max_message_bytes="20000000")
    big = batch(bytes(range(256)) * 40_000)

    assert produce(wire, topic, big).error_code == ErrorCode.NONE

    answer = wire.ask(fetch_request(topic, partition_max_bytes=1), 11)
    assert bytes(answer.responses[0].partitions[0].records)[61:] == big[61:]


def test_an_idle_connection_is_closed() -> None:
    with RunningCluster({"connections.max.idle.ms": "150"}) as running, running.wire() as wire:
        assert wire.ask(MetadataRequest(topics=[]), 1).controller_id == 1

        assert wire.is_closed()


def test_produce_without_acknowledgement_is_not_answered(running: RunningCluster, wire: Wire) -> None:
    topic = running.topic()
    wire.send(produce_request(topic, batch(b"v"), acks=0), 9)

    assert wire.ask(MetadataRequest(topics=[]), 1).controller_id == 1
    fetched = wire.ask(fetch_request(topic), 11).responses[0].partitions[0]
    assert fetched.high_watermark == 1
