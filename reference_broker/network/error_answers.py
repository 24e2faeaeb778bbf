"""The answer to a request of any API that says one error everywhere.

Kafka writes one by hand for each API (AbstractRequest.getErrorResponse). They follow one pattern: the outermost error
code of the response is set; where that stands inside an array, there is one element for each element of the request.
"""

from __future__ import annotations

from typing import Any

from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.catalogue import response_type
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.layout import Field, Message, Struct

_INVALID = {"base_offset": -1, "high_watermark": -1, "low_watermark": -1, "committed_offset": -1, "node_id": -1}
"""What stands in a response beside an error, where that is not the field's default."""

_PER_ELEMENT = frozenset((ApiKey.METADATA,))
"""Has an error code of its own from v13 on, which means something else (REBOOTSTRAP_REQUIRED)."""


def error_answer(request: Message, version: int, error: ErrorCode) -> Message | None:
    """Return a response to `request` with `error` in it; None where the API's responses cannot say one."""
    kind = response_type(request.api_key)
    response = kind()
    if request.api_key not in _PER_ELEMENT and _set_error(response, version, error):
        return response
    return response if _fill(request, response, version, error) else None


def _present(cls: Any, version: int) -> dict[str, Field]:
    return {name: field for name, field in cls.fields.items() if version in field.versions}


def _error_field(cls: Any, version: int) -> str | None:
    return next((name for name in _present(cls, version) if name.endswith("error_code")), None)


def _set_error(struct: Struct, version: int, error: ErrorCode) -> bool:
    cls = type(struct)
    name = _error_field(cls, version)
    if name is None:
        return False
    setattr(struct, name, int(error))
    if name == "error_code":
        for field, value in _INVALID.items():
            if field in cls.fields:
                setattr(struct, field, value)
    return True


def _fill(request: Struct, response: Struct, version: int, error: ErrorCode) -> bool:
    """Mirror the request's elements in the first array of the response whose elements can say an error."""
    for name, field in _present(type(response), version).items():
        if field.kind == "array" and not isinstance(field.of, str) and _says_errors(field.of, version):
            elements = [_mirror(element, field.of, version, error) for element in _elements(request, version)]
            setattr(response, name, elements)
            return True
    return False


def _says_errors(cls: Any, version: int) -> bool:
    if _error_field(cls, version) is not None:
        return True
    return any(
        field.kind == "array" and not isinstance(field.of, str) and _says_errors(field.of, version)
        for field in _present(cls, version).values()
    )


def _elements(request: Struct, version: int) -> list[Any]:
    for name, field in _present(type(request), version).items():
        if field.kind == "array" and (found := getattr(request, name)):
            return list(found)
    return []


def _mirror(element: Any, cls: Any, version: int, error: ErrorCode) -> Struct:
    made: Struct = cls()
    fields = _present(cls, version)
    if isinstance(element, Struct):
        for name in fields:
            if name in type(element).fields and name not in _INVALID and not name.endswith("error_code"):
                value = getattr(element, name)
                if not isinstance(value, list):
                    setattr(made, name, value)
        if not _set_error(made, version, error):
            _fill(element, made, version, error)
        return made
    wanted = "int32" if isinstance(element, int) else "string"
    target = next(name for name, field in fields.items() if field.kind == wanted)
    setattr(made, target, element)
    _set_error(made, version, error)
    return made
