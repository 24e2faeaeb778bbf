"""The control interface, as a test suite in another language uses it."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest

from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.metadata import MetadataRequest
from kafka_conformance.reference_broker.faults.rules import AnswerError, Delay, Disconnect, Hold, NoAnswer, Rule, Stage
from kafka_conformance.reference_broker.hosting.addresses import Address
from kafka_conformance.reference_broker.hosting.control import Control
from kafka_conformance.reference_broker.hosting.fault_rules import RuleError, parse_rule
from tests.reference_broker.wire import RunningCluster, batch, produce

ACTIONS = ("kill", "stop", "restart", "pause", "resume", "isolate", "heal")


class Controlled:
    """A cluster of two brokers, and its control interface."""

    def __init__(self) -> None:
        self.running = RunningCluster(brokers=2)
        self.control = Control(self.running.cluster)
        self.address = self.running.thread.call(self.control.start(Address("127.0.0.1", 0)))

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of an answer."""
        connection = HTTPConnection(*self.address, timeout=10)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            response = connection.getresponse()
            data = response.read()
            return response.status, json.loads(data) if data else None
        finally:
            connection.close()

    def send(self, data: bytes) -> bytes:
        """What comes back for these bytes."""
        with socket.create_connection(self.address, 10) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(4096), b""))

    def close(self) -> None:
        async def stop() -> None:
            self.control.stop()
            await asyncio.sleep(0)

        self.running.thread.call(stop())
        self.running.stop()


@pytest.fixture(scope="module")
def controlled() -> Iterator[Controlled]:
    controlled = Controlled()
    yield controlled
    controlled.close()


def test_health_tells_which_brokers_run(controlled: Controlled) -> None:
    status, body = controlled.ask("GET", "/health")

    assert status == 200
    assert list(body["brokers"]) == ["1", "2"]
    assert body["bootstrap.servers"] == ",".join(broker["address"] for broker in body["brokers"].values())
    assert all(broker["running"] for broker in body["brokers"].values())


def test_a_fault_strikes_as_often_as_it_says_and_tells_how_often_it_did(controlled: Controlled) -> None:
    topic = controlled.running.topic()
    leader = controlled.running.cluster.controller.image.topics[topic].partitions[0].leader
    rule = {"api": "Produce", "topic": topic, "times": 1, "action": {"error": "NOT_LEADER_OR_FOLLOWER"}}

    status, fault = controlled.ask("POST", "/faults", rule)
    assert (status, fault["count"], fault["active"]) == (201, 0, True)

    with controlled.running.wire(leader) as wire:
        assert produce(wire, topic, batch(b"a")).error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER
        assert produce(wire, topic, batch(b"a")).error_code == ErrorCode.NONE
    assert controlled.ask("GET", f"/faults/{fault['id']}") == (200, {"id": fault["id"], "count": 1, "active": False})


def test_a_fault_that_is_removed_strikes_no_more(controlled: Controlled) -> None:
    _, fault = controlled.ask("POST", "/faults", {"api": "METADATA", "action": {"disconnect": True}})

    assert controlled.ask("DELETE", f"/faults/{fault['id']}") == (204, None)

    with controlled.running.wire() as wire:
        assert wire.ask(MetadataRequest(topics=[]), 12).brokers
    assert controlled.ask("GET", f"/faults/{fault['id']}")[1]["active"] is False


def test_all_faults_can_be_removed_at_once(controlled: Controlled) -> None:
    for _ in range(2):
        controlled.ask("POST", "/faults", {"action": {"no_answer": True}})

    assert controlled.ask("DELETE", "/faults") == (204, None)

    assert not any(fault["active"] for fault in controlled.ask("GET", "/faults")[1])


def test_the_trace_shows_requests_with_their_answers(controlled: Controlled) -> None:
    controlled.ask("DELETE", "/trace")
    with controlled.running.wire(client_id="traced") as wire:
        wire.ask(MetadataRequest(topics=[]), 12)

    _, entries = controlled.ask("GET", "/trace")

    (entry,) = [each for each in entries if each["client_id"] == "traced"]
    assert (entry["api"], entry["version"], entry["node"]) == ("METADATA", 12, 1)
    assert entry["request"]["topics"] == []
    assert [broker["node_id"] for broker in entry["response"]["brokers"]] == [1, 2]
    assert entry["answered_ms"] >= entry["arrived_ms"]


@pytest.mark.parametrize("how", ["kill", "stop"])
def test_a_broker_goes_and_comes_back_where_it_was(controlled: Controlled, how: str) -> None:
    before = controlled.ask("GET", "/health")[1]["brokers"]["2"]

    assert controlled.ask("POST", f"/brokers/2/{how}") == (204, None)
    assert controlled.ask("GET", "/health")[1]["brokers"]["2"]["running"] is False

    assert controlled.ask("POST", "/brokers/2/restart") == (204, None)
    assert controlled.ask("GET", "/health")[1]["brokers"]["2"] == before


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/", 404, "there is /health, /faults, /brokers, /links, /trace"),
        ("GET", "/health/x", 404, "there is no /x here"),
        ("POST", "/health", 405, "GET is allowed, not POST"),
        ("GET", "/faults/99", 404, "there is no fault 99"),
        ("GET", "/faults/x", 404, "there is no fault x"),
        ("PUT", "/faults", 405, "DELETE is allowed, not PUT"),
        ("POST", "/faults", 400, "a rule is an object"),
        ("POST", "/brokers/9/kill", 404, "there is no broker 9"),
        ("GET", "/brokers/1/kill", 405, "POST is allowed, not GET"),
        (
            "POST",
            "/brokers/1/explode",
            404,
            "there is "
            + ", ".join(
                f"/brokers/ID/{do}" for do in ("kill", "stop", "restart", "pause", "resume", "isolate", "heal")
            ),
        ),
    ],
)
def test_what_is_not_there_is_refused(
    controlled: Controlled, method: str, path: str, status: int, message: str
) -> None:
    assert controlled.ask(method, path) == (status, {"error": message})


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET /health", 400),
        (b"GET /health SPDY/3\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", 431),
        (b"POST /faults HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
        (b"POST /faults HTTP/1.1\r\nContent-Length: 9\r\n\r\n{}", 400),
        (b"POST /faults HTTP/1.1\r\nContent-Length: 3\r\n\r\n{x}", 400),
        (b"POST /faults HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n", 413),
        (b"POST /faults HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 501),
    ],
)
def test_bytes_that_are_no_request_are_refused(controlled: Controlled, data: bytes, status: int) -> None:
    assert controlled.send(data).startswith(b"HTTP/1.1 %d " % status)


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (
            {"action": {"error": "NOT_COORDINATOR", "stage": "after"}, "group": "g"},
            Rule(AnswerError(ErrorCode.NOT_COORDINATOR, Stage.AFTER), group_id="g"),
        ),
        (
            {"action": {"delay_ms": 5}, "api": "OffsetCommit", "node": 2, "partition": 0},
            Rule(Delay(5), api_key=ApiKey.OFFSET_COMMIT, node_id=2, partition=0),
        ),
        (
            {"action": {"disconnect": True}, "client_id": "c", "connection": "x"},
            Rule(Disconnect(), client_id="c", connection_id="x"),
        ),
        ({"action": {"no_answer": True}, "topic": "t", "times": 3}, Rule(NoAnswer(), topic="t", times=3)),
        (
            {"action": {"hold": True, "stage": "after"}, "api": "EndTxn"},
            Rule(Hold(Stage.AFTER), api_key=ApiKey.END_TXN),
        ),
    ],
)
def test_a_rule_selects_and_acts(body: object, rule: Rule) -> None:
    assert parse_rule(body) == rule


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "a rule needs an action"),
        ({"action": {}}, "an action is one of error, delay_ms, disconnect, no_answer, hold"),
        (
            {"action": {"delay_ms": 1, "disconnect": True}},
            "an action is one of error, delay_ms, disconnect, no_answer, hold",
        ),
        ({"action": {"delay_ms": -1}}, "delay_ms: at least 0"),
        ({"action": {"delay_ms": True}}, "delay_ms: expected a number, not True"),
        ({"action": {"disconnect": 1}}, "disconnect: true, or leave it out"),
        ({"action": {"disconnect": True, "stage": "now"}}, "stage: 'before' or 'after', not 'now'"),
        (
            {"action": {"error": "NOT_LEADER"}},
            "error: Kafka has no 'NOT_LEADER'; did you mean 'NOT_LEADER_OR_FOLLOWER'?",
        ),
        ({"action": {"disconnect": True}, "api": "Prodce"}, "api: Kafka has no 'Prodce'; did you mean 'PRODUCE'?"),
        ({"action": {"disconnect": True}, "topik": "t"}, "a rule has no 'topik'; did you mean 'topic'?"),
        ({"action": {"disconnect": True}, "topic": 1}, "topic: expected a string, not 1"),
        ({"action": {"disconnect": True}, "times": 0}, "times: at least 1"),
        ({"action": 1}, "an action is an object"),
    ],
)
def test_what_is_no_rule_is_refused_with_why(body: object, message: str) -> None:
    with pytest.raises(RuleError) as refused:
        parse_rule(body)

    assert str(refused.value) == message


def test_brokers_are_paused_isolated_and_joined_again(controlled: Controlled) -> None:
    cluster = controlled.running.cluster
    assert controlled.ask("POST", "/brokers/2/pause")[0] == 204
    assert cluster.brokers[2].paused
    assert controlled.ask("POST", "/brokers/2/resume")[0] == 204
    assert not cluster.brokers[2].paused

    assert controlled.ask("POST", "/brokers/2/isolate", {"controller": False})[0] == 204
    assert cluster.links.is_cut(1, 2)
    assert not cluster.links.is_cut(0, 2)
    assert controlled.ask("POST", "/brokers/2/heal")[0] == 204
    assert not cluster.links.is_cut(1, 2)

    status, body = controlled.ask("POST", "/brokers/2/isolate", {"friends": True})
    assert (status, body["error"]) == (400, "expected true or false for peers, controller, clients")


def test_links_are_cut_slowed_and_healed(controlled: Controlled) -> None:
    links = controlled.running.cluster.links
    assert controlled.ask("POST", "/links", {"from": 1, "to": 2, "one_way": True})[0] == 204
    assert links.is_cut(1, 2)
    assert not links.is_cut(2, 1)
    assert controlled.ask("POST", "/links", {"from": 2, "to": 1, "slow_ms": 50})[0] == 204
    assert links.latency_s(2, 1) == 0.05
    assert not links.is_cut(2, 1)
    assert controlled.ask("DELETE", "/links")[0] == 204
    assert not links.is_cut(1, 2)
    assert links.latency_s(2, 1) == 0

    assert controlled.ask("POST", "/links", {"from": 1, "to": 7})[0] == 400
    assert controlled.ask("POST", "/links", {"from": 1, "to": 2, "slow_ms": "much"})[0] == 400
