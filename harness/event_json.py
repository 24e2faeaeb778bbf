"""Events as JSON objects and back: {"event": kind, ...its fields}. The dataclasses of `events` are the one definition.

A field that is None is left out. Reading is strict: a field that the schema does not have, or a value of
another type, is a UsageError that names the field, because a report that is half understood must not become green.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from kafka_conformance.harness.errors import UsageError
from kafka_conformance.harness.events import KINDS, SCHEMA_VERSION, Event, Header

_KIND_OF: Mapping[type, str] = {cls: kind for kind, cls in KINDS.items()}


def to_json(event: Event) -> dict[str, Any]:
    """The event as an object of strings, numbers, lists and objects."""
    return {"event": _KIND_OF[type(event)], **_object(event)}


def from_json(document: object) -> Event:
    """The event that `to_json` gave; raises UsageError for anything else, and for a schema that we do not know."""
    if not isinstance(document, dict):
        raise UsageError("expected a JSON object", value=document)
    kind = document.get("event")
    if not isinstance(kind, str) or kind not in KINDS:
        raise UsageError("expected an event", key="event", value=kind, allowed=", ".join(KINDS))
    if KINDS[kind] is Header and document.get("schema_version") != SCHEMA_VERSION:
        version = document.get("schema_version")
        raise UsageError("expected a known schema", key="schema_version", value=version, allowed=str(SCHEMA_VERSION))
    event: Event = _read(KINDS[kind], {key: value for key, value in document.items() if key != "event"}, kind)
    return event


@cache
def field_types(cls: type) -> Mapping[str, Any]:
    """The types of a dataclass's fields by name, resolved."""
    return get_type_hints(cls)


def is_required(declared: Field[Any]) -> bool:
    """Whether the field has no default."""
    return declared.default is MISSING and declared.default_factory is MISSING


def optional_of(hint: Any) -> Any | None:
    """T for `T | None`, else None."""
    if get_origin(hint) in (Union, types.UnionType):
        return next(argument for argument in get_args(hint) if argument is not type(None))
    return None


def _object(value: Any) -> dict[str, Any]:
    named = ((declared.name, getattr(value, declared.name)) for declared in fields(value))
    return {name: _plain(member) for name, member in named if member is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    if is_dataclass(value):
        return _object(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return dict(value) if isinstance(value, Mapping) else value


def _read(hint: Any, value: Any, at: str) -> Any:
    inner = optional_of(hint)
    if inner is not None:
        return None if value is None else _read(inner, value, at)
    if get_origin(hint) is tuple:
        return tuple(_read(get_args(hint)[0], item, f"{at}[{n}]") for n, item in enumerate(_expect(list, value, at)))
    if get_origin(hint) is Mapping:
        item_type = get_args(hint)[1]
        return {key: _read(item_type, item, f"{at}.{key}") for key, item in _expect(dict, value, at).items()}
    if is_dataclass(hint):
        return _read_object(hint, _expect(dict, value, at), at)
    if issubclass(hint, StrEnum):
        return _read_enum(hint, value, at)
    return _read_float(value, at) if hint is float else _expect(hint, value, at)


def _read_object(cls: Any, value: Mapping[str, Any], at: str) -> Any:
    known = field_types(cls)
    for name in value.keys() - known.keys():
        raise UsageError("unknown field", key=f"{at}.{name}", allowed=", ".join(known))
    for declared in fields(cls):
        if is_required(declared) and declared.name not in value:
            raise UsageError("is missing", key=f"{at}.{declared.name}")
    return cls(**{name: _read(known[name], member, f"{at}.{name}") for name, member in value.items()})


def _read_enum(cls: type[StrEnum], value: Any, at: str) -> StrEnum:
    if value not in list(cls):
        raise UsageError("expected one of a list", key=at, value=value, allowed=", ".join(cls))
    return cls(value)


def _read_float(value: Any, at: str) -> float:
    number = _expect((int, float), value, at)
    if not abs(number) <= sys.float_info.max:  # also true of NaN
        raise UsageError("expected a finite number", key=at)
    return float(number)


def _expect(kind: Any, value: Any, at: str) -> Any:
    # JSON's true is no number, although Python's is.
    wrong = not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)
    if wrong:
        names = " or ".join(one.__name__ for one in (kind if isinstance(kind, tuple) else (kind,)))
        raise UsageError(f"expected {names}", key=at, value=value)
    return value
