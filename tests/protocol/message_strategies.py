"""Hypothesis strategies that make messages from their layouts."""

from typing import Any

from hypothesis import strategies as st

from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.catalogue import request_type, response_type
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.layout import Field, Message, Struct

INTEGER_BITS = {"int8": 8, "int16": 16, "int32": 32, "int64": 64}
YEAR_9000_MS = 220_000_000_000_000


def every_message() -> list[tuple[type[Message], int]]:
    """All (class, version) pairs of the protocol."""
    return [
        (cls, version)
        for key in ApiKey
        for cls in (request_type(key), response_type(key))
        for version in range(cls.valid_versions.first, cls.valid_versions.last + 1)
    ]


def messages(cls: type[Any], version: int) -> st.SearchStrategy[Any]:
    """Messages of `cls` whose fields take any value that `version` can carry.

    Times stay in the years that other implementations can express, and error codes are Kafka's.
    """
    flexible = version in getattr(cls, "flexible_versions", ())
    return structs(cls, version, flexible)


def structs(cls: type[Struct], version: int, flexible: bool) -> st.SearchStrategy[Any]:
    present = {
        name: values(name, field, version, flexible) for name, field in cls.fields.items() if version in field.versions
    }
    return st.builds(cls, **present)


def values(name: str, field: Field, version: int, flexible: bool) -> st.SearchStrategy[Any]:
    value = plain_values(name, field.kind, field.of, version, flexible)
    return st.none() | value if version in field.nullable else value


def plain_values(name: str, kind: str, of: Any, version: int, flexible: bool) -> st.SearchStrategy[Any]:
    if kind == "array":
        element = (
            plain_values(name, of, None, version, flexible) if isinstance(of, str) else structs(of, version, flexible)
        )
        return st.lists(element, max_size=3)
    if kind == "struct":
        return structs(of, version, flexible)
    if kind == "int16" and name.endswith("error_code"):
        return st.sampled_from([int(code) for code in ErrorCode if code <= 133])
    if kind == "int64" and (name.endswith("_ms") or "timestamp" in name):
        return st.integers(0, YEAR_9000_MS)
    if kind == "int32" and name.endswith("_ms"):
        return st.integers(0, 2**31 - 1)
    if kind in INTEGER_BITS:
        half = 1 << (INTEGER_BITS[kind] - 1)
        return st.integers(-half, half - 1)
    simple: dict[str, st.SearchStrategy[Any]] = {
        "bool": st.booleans(),
        "uint16": st.integers(0, 65535),
        "float64": st.floats(allow_nan=False),
        "string": st.text(max_size=12),
        "bytes": st.binary(max_size=20),
        "records": st.binary(max_size=700),
        "uuid": st.binary(min_size=16, max_size=16),
    }
    return simple[kind]
