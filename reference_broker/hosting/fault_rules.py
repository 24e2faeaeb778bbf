"""Rules for faults as JSON: what a test suite in any language writes.

    {"api": "Produce", "topic": "orders", "times": 2, "action": {"error": "NOT_LEADER_OR_FOLLOWER"}}

Actions are {"error": NAME}, {"delay_ms": N}, {"disconnect": true}, {"no_answer": true} and {"hold": true}
(until the fault is removed), each with a "stage":
"before" the request is carried out (the default), or "after". Selectors that are left out select all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.faults.faults import Fault
from kafka_conformance.reference_broker.faults.rules import (
    Action,
    AnswerError,
    Delay,
    Disconnect,
    Hold,
    NoAnswer,
    Rule,
    Stage,
)

_APIS = {key.name.replace("_", "").lower(): key for key in ApiKey}
_SELECTORS: dict[str, tuple[str, type]] = {
    "topic": ("topic", str),
    "partition": ("partition", int),
    "group": ("group_id", str),
    "client_id": ("client_id", str),
    "connection": ("connection_id", str),
    "node": ("node_id", int),
    "times": ("times", int),
}
_ACTIONS = ("error", "delay_ms", "disconnect", "no_answer", "hold")
_SWITCHES: dict[str, Callable[[Stage], Action]] = {"disconnect": Disconnect, "no_answer": NoAnswer, "hold": Hold}


class RuleError(ValueError):
    """JSON that is no rule; the text says what is wrong with it."""


def parse_rule(body: Any) -> Rule:
    """Read a rule. Raises RuleError."""
    fields = _object(body, "a rule")
    _check_names(fields, ("action", "api", *_SELECTORS), "a rule")
    if "action" not in fields:
        raise RuleError("a rule needs an action")
    selectors = {
        name: _typed(fields[key], kind, key) for key, (name, kind) in _SELECTORS.items() if fields.get(key) is not None
    }
    if selectors.get("times", 1) < 1:
        raise RuleError("times: at least 1")
    return Rule(_parse_action(fields["action"]), api_key=_parse_api(fields.get("api")), **selectors)


def _parse_api(value: Any) -> int | None:
    if value is None:
        return None
    name = _typed(value, str, "api").replace("_", "").lower()
    if name not in _APIS:
        raise RuleError(f"api: Kafka has no {value!r}{_suggest(value.upper(), ApiKey.__members__)}")
    return _APIS[name]


def _parse_action(value: Any) -> Action:
    fields = _object(value, "an action")
    _check_names(fields, (*_ACTIONS, "stage"), "an action")
    stage = _parse_stage(fields.get("stage", Stage.BEFORE.value))
    kinds = [kind for kind in _ACTIONS if kind in fields]
    if len(kinds) != 1:
        raise RuleError(f"an action is one of {', '.join(_ACTIONS)}")
    kind = kinds[0]
    if kind == "error":
        name = _typed(fields["error"], str, "error")
        if name not in ErrorCode.__members__:
            raise RuleError(f"error: Kafka has no {name!r}{_suggest(name, ErrorCode.__members__)}")
        return AnswerError(ErrorCode[name], stage)
    if kind == "delay_ms":
        delay_ms = _typed(fields["delay_ms"], int, "delay_ms")
        if delay_ms < 0:
            raise RuleError("delay_ms: at least 0")
        return Delay(delay_ms, stage)
    if fields[kind] is not True:
        raise RuleError(f"{kind}: true, or leave it out")
    return _SWITCHES[kind](stage)


def _parse_stage(value: Any) -> Stage:
    for stage in Stage:
        if stage.value == value:
            return stage
    raise RuleError(f"stage: 'before' or 'after', not {value!r}")


def _object(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise RuleError(f"{what} is an object")
    return value


def _check_names(fields: Mapping[str, Any], known: tuple[str, ...], what: str) -> None:
    for name in fields:
        if name not in known:
            raise RuleError(f"{what} has no {name!r}{_suggest(name, known)}")


def _typed(value: Any, kind: type, name: str) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise RuleError(f"{name}: expected {'a number' if kind is int else 'a string'}, not {value!r}")
    return value


def _suggest(name: str, known: Any) -> str:
    close = get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def show_fault(identity: int, fault: Fault) -> dict[str, Any]:
    """Return what is known of a fault as JSON."""
    return {"id": identity, "active": fault.active, "count": fault.count}
