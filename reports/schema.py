"""The published JSON Schema of a line of the NDJSON report, made from the event classes.

`python -m kafka_conformance.reports.schema` writes schema/events.schema.json again; a test holds the two together.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args, get_origin

from kafka_conformance.harness.event_json import field_types, is_required, optional_of
from kafka_conformance.harness.events import KINDS, SCHEMA_VERSION

PATH = Path(__file__).with_name("schema") / "events.schema.json"

_SIMPLE: Mapping[type, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}


def event_schema() -> dict[str, Any]:
    """One schema that takes every event, draft 7 so that most validators of most languages read it."""
    definitions: dict[str, Any] = {}
    kinds = [{"$ref": f"#/definitions/{_define(cls, definitions, kind)}"} for kind, cls in KINDS.items()]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": f"A line of a kafka-conformance report, schema version {SCHEMA_VERSION}",
        "oneOf": kinds,
        "definitions": dict(sorted(definitions.items())),
    }


def as_text(schema: Mapping[str, Any]) -> str:
    """The file's text."""
    return json.dumps(schema, indent=2) + "\n"


def _define(cls: type, definitions: dict[str, Any], kind: str | None = None) -> str:
    if cls.__name__ not in definitions:
        definitions[cls.__name__] = {}  # taken: a class may name itself
        definitions[cls.__name__] = _object(cls, definitions, kind)
    return cls.__name__


def _object(cls: Any, definitions: dict[str, Any], kind: str | None) -> dict[str, Any]:
    types = field_types(cls)
    properties = {name: _type(hint, definitions) for name, hint in types.items()}
    required = [declared.name for declared in fields(cls) if is_required(declared)]
    if kind is not None:
        properties = {"event": {"const": kind}, **properties}
        required = ["event", *required]
    if "schema_version" in properties:
        properties["schema_version"] = {"const": SCHEMA_VERSION}
        required.append("schema_version")
    described = {"description": (cls.__doc__ or "").split("\n")[0]}
    return {
        **described,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _type(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    inner = optional_of(hint)
    if inner is not None:
        return {"anyOf": [_type(inner, definitions), {"type": "null"}]}
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _type(get_args(hint)[0], definitions)}
    if get_origin(hint) is Mapping:
        return {"type": "object", "additionalProperties": _type(get_args(hint)[1], definitions)}
    if is_dataclass(hint):
        assert isinstance(hint, type)
        return {"$ref": f"#/definitions/{_define(hint, definitions)}"}
    if issubclass(hint, StrEnum):
        return {"enum": [member.value for member in hint]}
    return {"type": _SIMPLE[hint]}


if __name__ == "__main__":
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(as_text(event_schema()), encoding="utf-8")
