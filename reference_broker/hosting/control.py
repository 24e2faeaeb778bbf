"""The control interface of a served cluster: faults, brokers and the trace, as HTTP and JSON.

GET    /health                      the brokers, and which of them run
POST   /faults                      put a rule in force (see fault_rules); answers with its id
GET    /faults, /faults/ID          how often it struck, and whether it still can
DELETE /faults, /faults/ID          take all rules, or one, out of force
POST   /brokers/ID/kill|stop|restart|pause|resume
POST   /brokers/ID/isolate          cut it off; {"peers": true, "controller": true, "clients": false} unless said
POST   /brokers/ID/heal             end that
POST   /links                       {"from": 1, "to": 3, "cut": true, "one_way": false, "slow_ms": 0}; 0: the controller
DELETE /links                       heal all of them
GET    /trace                       the latest requests with their answers, decoded
DELETE /trace                       forget them
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.reference_broker.cluster.cluster import Cluster
from kafka_conformance.reference_broker.cluster.links import CONTROLLER
from kafka_conformance.reference_broker.faults.faults import Fault
from kafka_conformance.reference_broker.hosting.addresses import Address
from kafka_conformance.reference_broker.hosting.fault_rules import RuleError, parse_rule, show_fault
from kafka_conformance.reference_broker.hosting.http import HttpAnswer, HttpError, HttpRequest, serve_http
from kafka_conformance.reference_broker.network.trace import TracedRequest

DONE = HttpAnswer(None, HTTPStatus.NO_CONTENT)


class Control:
    """Answers the requests of a control interface. From its start on the cluster's requests are recorded."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._faults: dict[int, Fault] = {}
        self._server: asyncio.Server | None = None
        self._resources: dict[str, Callable[[str, tuple[str, ...], Any], Awaitable[HttpAnswer]]] = {
            "health": self._health,
            "faults": self._faults_resource,
            "brokers": self._brokers,
            "links": self._links,
            "trace": self._trace,
        }

    async def start(self, address: Address) -> Address:
        """Listen; return the address with its port. Raises OSError where it cannot be had."""
        self._server = await serve_http(self.handle, address.host, address.port)
        self._cluster.trace.start()
        return Address(address.host, self._server.sockets[0].getsockname()[1])

    def stop(self) -> None:
        """Stop listening, and stop recording."""
        if self._server is not None:
            self._server.close()
            self._cluster.trace.stop()

    async def handle(self, request: HttpRequest) -> HttpAnswer:
        """Answer one request. Raises HttpError."""
        first, *rest = request.path or ("",)
        resource = self._resources.get(first)
        if resource is None:
            raise HttpError(HTTPStatus.NOT_FOUND, f"there is /{', /'.join(self._resources)}")
        return await resource(request.method, tuple(rest), request.body)

    async def _health(self, method: str, path: tuple[str, ...], body: Any) -> HttpAnswer:
        _expect(method, "GET", path, 0)
        brokers = {
            str(node_id): {"address": str(Address(*broker.advertised)), "running": broker.running}
            for node_id, broker in self._cluster.brokers.items()
        }
        return HttpAnswer({"bootstrap.servers": self._cluster.bootstrap_servers, "brokers": brokers})

    async def _faults_resource(self, method: str, path: tuple[str, ...], body: Any) -> HttpAnswer:
        if method == "POST":
            _expect(method, "POST", path, 0)
            return self._add_fault(body)
        if not path:
            if method == "GET":
                return HttpAnswer([show_fault(identity, fault) for identity, fault in self._faults.items()])
            _expect(method, "DELETE", path, 0)
            self._cluster.faults.clear()
            return DONE
        identity, fault = self._find_fault(path)
        if method == "GET":
            return HttpAnswer(show_fault(identity, fault))
        _expect(method, "DELETE", path, 1)
        fault.remove()
        return DONE

    def _add_fault(self, body: Any) -> HttpAnswer:
        try:
            rule = parse_rule(body)
        except RuleError as error:
            raise HttpError(HTTPStatus.BAD_REQUEST, str(error)) from None
        identity = len(self._faults) + 1
        fault = self._faults[identity] = self._cluster.faults.add(rule)
        return HttpAnswer(show_fault(identity, fault), HTTPStatus.CREATED)

    def _find_fault(self, path: tuple[str, ...]) -> tuple[int, Fault]:
        identity = _number(path[0])
        if len(path) > 1 or identity not in self._faults:
            raise HttpError(HTTPStatus.NOT_FOUND, f"there is no fault {'/'.join(path)}")
        return identity, self._faults[identity]

    async def _brokers(self, method: str, path: tuple[str, ...], body: Any) -> HttpAnswer:
        cluster = self._cluster
        actions: dict[str, Callable[[int], Awaitable[None] | None]] = {
            "kill": cluster.kill,
            "stop": cluster.stop_broker,
            "restart": cluster.restart,
            "pause": cluster.pause,
            "resume": cluster.resume,
            "isolate": lambda node_id: cluster.isolate(node_id, **_switches(body, "peers", "controller", "clients")),
            "heal": cluster.heal,
        }
        if len(path) != 2 or path[1] not in actions:
            raise HttpError(HTTPStatus.NOT_FOUND, f"there is /brokers/ID/{', /brokers/ID/'.join(actions)}")
        _expect(method, "POST", path, 2)
        node_id = _number(path[0])
        if node_id not in cluster.brokers:
            raise HttpError(HTTPStatus.NOT_FOUND, f"there is no broker {path[0]}")
        done = actions[path[1]](node_id)
        if done is not None:
            await done
        return DONE

    async def _links(self, method: str, path: tuple[str, ...], body: Any) -> HttpAnswer:
        if method == "DELETE":
            _expect(method, "DELETE", path, 0)
            self._cluster.heal()
            return DONE
        _expect(method, "POST", path, 0)
        known: set[Any] = {CONTROLLER, *self._cluster.brokers}
        source: Any = body.get("from") if isinstance(body, dict) else None
        target: Any = body.get("to") if isinstance(body, dict) else None
        if source not in known or target not in known or source == target:
            raise HttpError(HTTPStatus.BAD_REQUEST, f"expected two of {sorted(known)} as from and to")
        slow_ms = body.get("slow_ms", 0)
        if not isinstance(slow_ms, int | float) or slow_ms < 0:
            raise HttpError(HTTPStatus.BAD_REQUEST, "slow_ms is a number of milliseconds")
        switches = _switches({key: body[key] for key in ("cut", "one_way") if key in body}, "cut", "one_way")
        self._cluster.links.slow(source, target, slow_ms)
        if switches.get("cut", not slow_ms):
            self._cluster.links.cut(source, target, one_way=switches.get("one_way", False))
        return DONE

    async def _trace(self, method: str, path: tuple[str, ...], body: Any) -> HttpAnswer:
        if method == "DELETE":
            _expect(method, "DELETE", path, 0)
            self._cluster.trace.clear()
            return DONE
        _expect(method, "GET", path, 0)
        return HttpAnswer([_show_traced(entry) for entry in self._cluster.trace])


def _expect(method: str, expected: str, path: tuple[str, ...], parts: int) -> None:
    if len(path) != parts:
        raise HttpError(HTTPStatus.NOT_FOUND, f"there is no /{'/'.join(path)} here")
    if method != expected:
        raise HttpError(HTTPStatus.METHOD_NOT_ALLOWED, f"{expected} is allowed, not {method}")


def _switches(body: Any, *names: str) -> dict[str, bool]:
    """The switches that a body sets; one that is left out keeps its default. Raises HttpError."""
    given = {} if body is None else body
    if not isinstance(given, dict) or not all(key in names and isinstance(given[key], bool) for key in given):
        raise HttpError(HTTPStatus.BAD_REQUEST, f"expected true or false for {', '.join(names)}")
    return given


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() else -1


def _show_traced(entry: TracedRequest) -> dict[str, Any]:
    header = entry.header
    return {
        "node": entry.node_id,
        "connection": entry.connection_id,
        "client_host": entry.client_host,
        "client_id": header.client_id,
        "api": ApiKey(header.api_key).name,
        "version": header.api_version,
        "correlation_id": header.correlation_id,
        "arrived_ms": entry.arrived_ms,
        "answered_ms": entry.answered_ms,
        "request": entry.request.as_dict(),
        "response": None if entry.response is None else entry.response.as_dict(),
    }
