"""Layouts of messages as declarations: a class for each struct, a field class for each of its fields.

    class HeartbeatRequest(Message, key=12, versions="0-4", flexible="4+"):
        group_id: Annotated[str, string("0+")] = ""
        group_instance_id: Annotated[str | None, string("3+", nullable="3+")] = None

Versions are written as in Kafka's own message definitions: "0+", "2-5", "3" or "none". The type checker reads the
types and defaults, `codec` the field classes. Instances are slotted, mutable, and compared by value.
The classes are our own because msgspec, else the fastest, costs a broker's process 50 ms of imports (docs/decisions).
Source: KIP-482 (flexible versions, tagged fields); the comments in Kafka's clients/src/main/resources/common/message.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar, NamedTuple, dataclass_transform

Buffer = bytes | bytearray | memoryview
Records = Buffer | Sequence[Buffer] | None
"""A record set: one slice of the received bytes when decoded; when encoded also a sequence of buffers."""

_ENDLESS = 0x7FFF


class VersionRange(NamedTuple):
    """An inclusive range of versions; empty when `last` is below `first`."""

    first: int
    last: int

    def __contains__(self, version: object) -> bool:
        return isinstance(version, int) and self.first <= version <= self.last


NO_VERSION = VersionRange(0, -1)


@cache
def version_range(text: str) -> VersionRange:
    """Parse "0+", "2-5", "3" or "none". Raises ValueError."""
    if text == "none":
        return NO_VERSION
    if text.endswith("+"):
        return VersionRange(int(text[:-1]), _ENDLESS)
    first, _, last = text.partition("-")
    return VersionRange(int(first), int(last or first))


class Field(NamedTuple):
    """How one field is written: its kind, and the versions in which it is there, nullable and tagged."""

    kind: str
    versions: VersionRange
    nullable: VersionRange = NO_VERSION
    tag: int = -1
    tagged: VersionRange = NO_VERSION
    of: Any = None
    """The element's kind or class for an array, the class for a struct."""


def _field(kind: str, versions: str, nullable: str, tag: int, tagged: str, of: Any = None) -> Field:
    return Field(kind, version_range(versions), version_range(nullable), tag, version_range(tagged), of)


def _kind(kind: str) -> Any:
    def declare(versions: str, *, nullable: str = "none", tag: int = -1, tagged: str = "none") -> Field:
        return _field(kind, versions, nullable, tag, tagged)

    declare.__name__ = kind
    return declare


boolean = _kind("bool")
int8 = _kind("int8")
int16 = _kind("int16")
uint16 = _kind("uint16")
int32 = _kind("int32")
int64 = _kind("int64")
float64 = _kind("float64")
string = _kind("string")
bytestring = _kind("bytes")
record_set = _kind("records")
uuid = _kind("uuid")


def array(of: Any, versions: str, *, nullable: str = "none", tag: int = -1, tagged: str = "none") -> Field:
    """An array of `of`: the name of a primitive kind, or a Struct class."""
    return _field("array", versions, nullable, tag, tagged, of)


def struct(of: Any, versions: str, *, nullable: str = "none", tag: int = -1, tagged: str = "none") -> Field:
    """A single nested struct of class `of`."""
    return _field("struct", versions, nullable, tag, tagged, of)


def _annotations(namespace: dict[str, Any]) -> dict[str, Any]:
    if "__annotations__" in namespace or sys.version_info < (3, 14):
        found: dict[str, Any] = namespace.get("__annotations__", {})
        return found
    import annotationlib  # type: ignore[import-not-found, unused-ignore]  # PEP 649: only where classes are lazy

    annotate = annotationlib.get_annotate_from_class_namespace(namespace)
    return annotationlib.call_annotate_function(annotate, annotationlib.Format.VALUE) if annotate else {}


def _compile_init(name: str, defaults: dict[str, Any]) -> Any:
    """Write `__init__` with the declared defaults; a default that is mutable is made anew for each instance."""
    scope: dict[str, Any] = {}
    parameters, body = [], []
    for number, (field, default) in enumerate(defaults.items()):
        scope[f"d{number}"] = default
        if isinstance(default, (list, Struct)):
            fresh = "[]" if isinstance(default, list) else f"type(d{number})()"
            parameters.append(f"{field}=d{number}")
            body.append(f" self.{field} = {fresh} if {field} is d{number} else {field}")
        else:
            parameters.append(f"{field}=d{number}")
            body.append(f" self.{field} = {field}")
    star = ", *, " if parameters else ""
    source = f"def __init__(self{star}{', '.join(parameters)}):\n" + ("\n".join(body) or " pass")
    exec(compile(source, f"<{name}.__init__>", "exec"), scope)
    return scope["__init__"]


@dataclass_transform(kw_only_default=True)
class StructMeta(type):
    """Turns annotated class attributes into slots and a table of fields."""

    fields: dict[str, Field]
    defaults: dict[str, Any]

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> StructMeta:
        """Collect the fields of `namespace`; `options` go to `__init_subclass__`."""
        fields: dict[str, Field] = {}
        for field, annotation in _annotations(namespace).items():
            for extra in getattr(annotation, "__metadata__", ()):
                if isinstance(extra, Field):
                    fields[field] = extra
        defaults = {field: namespace.pop(field) for field in fields}
        namespace.setdefault("__slots__", tuple(fields))
        cls = super().__new__(mcs, name, bases, namespace, **options)
        cls.fields = fields
        cls.defaults = defaults
        return cls


class Struct(metaclass=StructMeta):
    """The base of all structs: keyword construction, equality by value, a repr that shows what is not default."""

    __slots__ = ()
    fields: ClassVar[dict[str, Field]]
    defaults: ClassVar[dict[str, Any]]

    def __init__(self, **values: Any) -> None:
        cls = type(self)
        cls.__init__ = _compile_init(cls.__name__, cls.defaults)  # type: ignore[method-assign]
        cls.__init__(self, **values)

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in type(self).fields)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        cls = type(self)
        shown = [
            f"{name}={_brief(value)}"
            for name, default in cls.defaults.items()
            if (value := getattr(self, name, "<unset>")) != default
        ]
        return f"{cls.__name__}({', '.join(shown)})"

    def as_dict(self) -> dict[str, Any]:
        """The fields as plain data for traces and reports; bytes become hexadecimal text."""
        return {name: _plain(getattr(self, name)) for name in type(self).fields}


def _brief(value: object) -> str:
    if isinstance(value, (bytes, bytearray, memoryview)) and len(value) > 32:
        return f"<{len(value)} bytes>"
    return repr(bytes(value)) if isinstance(value, memoryview) else repr(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Struct):
        return value.as_dict()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if isinstance(value, (list, tuple)):
        return [_plain(element) for element in value]
    return value


class Message(Struct):
    """A struct that is a whole message: it knows its API key and its versions."""

    __slots__ = ()
    api_key: ClassVar[int] = -1
    valid_versions: ClassVar[VersionRange] = NO_VERSION
    flexible_versions: ClassVar[VersionRange] = NO_VERSION

    def __init_subclass__(cls, *, key: int = -1, versions: str = "none", flexible: str = "none") -> None:
        cls.api_key = key
        cls.valid_versions = version_range(versions)
        cls.flexible_versions = version_range(flexible)
