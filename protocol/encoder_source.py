"""The source of an encoder: from a layout and a version to `codec(m, parts)`, which appends buffers to `parts`."""

from __future__ import annotations

from struct import Struct as Packing
from struct import error as StructError
from typing import Any, NoReturn

from kafka_conformance.protocol.errors import EncodeError
from kafka_conformance.protocol.layout import Field, Struct
from kafka_conformance.protocol.primitives import unsigned_varint
from kafka_conformance.protocol.source_writer import FIXED_FORMATS, SourceWriter, present_fields

COPIED = 512
"""Record sets up to this size in bytes are copied into the frame; larger ones are sent from where they are."""


def encoder_source(cls: type[Any], version: int) -> SourceWriter:
    """Write the encoder of `cls` at `version`."""
    writer = SourceWriter(f"encode {cls.__name__} v{version}", {"varint": unsigned_varint})
    _Encoder(writer, version, version in getattr(cls, "flexible_versions", ())).function(cls)
    return writer


class _Encoder:
    def __init__(self, writer: SourceWriter, version: int, flexible: bool) -> None:
        self.w = writer
        self.version = version
        self.flexible = flexible

    def function(self, cls: type[Any]) -> None:
        w = self.w
        w.scope["fail"] = self._failure(cls)
        w.scope["null"] = _null
        w.scope["record_parts"] = record_parts
        w.scope["caught"] = (StructError, AttributeError, TypeError, UnicodeEncodeError, EncodeError)
        with w.block("def codec(m, parts):"):
            w.line("w = bytearray()")
            with w.block("try:"):
                self.struct(cls, "m", "w")
            with w.block("except caught as x:"):
                w.line("fail(x)")
            w.line("parts.append(w)")

    def _failure(self, cls: type[Any]) -> Any:
        w, what = self.w, f"{cls.__name__} v{self.version}"

        def fail(error: Exception) -> NoReturn:
            field = w.field_at(error.__traceback__)
            raise EncodeError(f"{what}, {field}: {error}" if field else f"{what}: {error}") from error

        return fail

    def struct(self, cls: type[Any], source: str, out: str) -> None:
        """Write the struct in the variable `source` behind the bytearray in the variable `out`."""
        in_place, tagged = present_fields(cls, self.version, self.flexible)
        run: list[tuple[str, Field]] = []
        for name, field in in_place:
            if field.kind in FIXED_FORMATS:
                run.append((name, field))
                continue
            self._fixed_run(run, source, out)
            run = []
            with self.w.about(name):
                self.value(field, f"{source}.{name}", out)
        self._fixed_run(run, source, out)
        if self.flexible:
            self._tags(cls, tagged, source, out)

    def _fixed_run(self, run: list[tuple[str, Field]], source: str, out: str) -> None:
        if run:
            letters = "".join(FIXED_FORMATS[field.kind] for _, field in run)
            with self.w.about("/".join(name for name, _ in run)):
                self._pack(letters, [f"{source}.{name}" for name, _ in run], out)

    def _pack(self, letters: str, values: list[str], out: str) -> None:
        pack = self.w.bind(f"pack_{letters.replace('?', 'o')}", Packing(f">{letters}").pack)
        self.w.line(f"{out} += {pack}({', '.join(values)})")

    def value(self, field: Field, source: str, out: str) -> None:
        """Write a field that has no fixed width, or is tagged."""
        w = self.w
        if field.kind in FIXED_FORMATS:
            self._pack(FIXED_FORMATS[field.kind], [source], out)
            return
        if field.kind == "uuid":
            w.line(f"{out} += {w.bind('pack_uuid', _pack_uuid)}({source})")
            return
        value = w.fresh("v")
        w.line(f"{value} = {source}")
        if field.kind == "struct":
            self._nested(field, value, out)
            return
        with w.block(f"if {value} is None:"):
            self._null(field, out)
        with w.block("else:"):
            if field.kind == "array":
                self._array(field, value, out)
            else:
                self._sized(field.kind, value, out)

    def _null(self, field: Field, out: str) -> None:
        if self.version not in field.nullable:
            self.w.line("null()")
        elif self.flexible:
            self.w.line(f"{out} += b'\\0'")
        else:
            self._pack("h" if field.kind == "string" else "i", ["-1"], out)

    def _nested(self, field: Field, value: str, out: str) -> None:
        if self.version not in field.nullable:
            self.struct(field.of, value, out)
            return
        with self.w.block(f"if {value} is None:"):
            self._pack("b", ["-1"], out)
        with self.w.block("else:"):
            self._pack("b", ["1"], out)
            self.struct(field.of, value, out)

    def _length(self, kind: str, length: str, out: str) -> None:
        if not self.flexible:
            self._pack("h" if kind == "string" else "i", [length], out)
            return
        size = self.w.fresh("n")
        self.w.line(f"{size} = {length} + 1")
        self.w.line(f"if {size} < 128: {out}.append({size})")
        self.w.line(f"else: {out} += varint({size})")

    def _sized(self, kind: str, value: str, out: str) -> None:
        w = self.w
        if kind == "records":
            self._records(value, out)
            return
        if kind == "string":
            w.line(f"{value} = {value}.encode()")
        self._length(kind, f"len({value})", out)
        w.line(f"{out} += {value}")

    def _records(self, value: str, out: str) -> None:
        w = self.w
        size, buffers = w.fresh("n"), w.fresh("s")
        w.line(f"{size}, {buffers} = record_parts({value})")
        self._length("records", size, out)
        with w.block(f"if {size} > {COPIED} and {out} is w:"):
            w.line("parts.append(w)")
            w.line(f"parts.extend({buffers})")
            w.line("w = bytearray()")
        with w.block("else:"), w.block(f"for {value} in {buffers}:"):
            w.line(f"{out} += {value}")

    def _array(self, field: Field, value: str, out: str) -> None:
        w = self.w
        self._length("array", f"len({value})", out)
        if isinstance(field.of, str) and field.of in FIXED_FORMATS:
            many = w.bind("pack_many", _pack_many)
            w.line(f"{out} += {many}(f'>{{len({value})}}{FIXED_FORMATS[field.of]}', {value})")
            return
        element = w.fresh("v")
        with w.block(f"for {element} in {value}:"):
            if isinstance(field.of, str):
                self.value(Field(field.of, field.versions), element, out)
            else:
                self.struct(field.of, element, out)

    def _tags(self, cls: type[Any], tagged: list[tuple[str, Field]], source: str, out: str) -> None:
        w = self.w
        if not tagged:
            w.line(f"{out} += b'\\0'")
            return
        count, body = w.fresh("n"), w.fresh("w")
        w.line(f"{count} = 0")
        w.line(f"{body} = bytearray()")
        for name, field in tagged:
            with w.about(name), w.block(f"if {self._differs(f'{source}.{name}', cls.defaults[name])}:"):
                one = w.fresh("w")
                w.line(f"{count} += 1")
                w.line(f"{one} = bytearray()")
                self.value(field, f"{source}.{name}", one)
                w.line(f"{body} += varint({field.tag}) + varint(len({one})) + {one}")
        w.line(f"{out} += varint({count})")
        w.line(f"{out} += {body}")

    def _differs(self, value: str, default: Any) -> str:
        """The condition under which a tagged field is written; structs are compared without a call for each."""
        if isinstance(default, Struct) and type(default).fields:
            return " or ".join(
                self._differs(f"{value}.{name}", getattr(default, name)) for name in type(default).fields
            )
        return f"{value} != {self.w.bind('default', default)}"


def record_parts(records: Any) -> tuple[int, tuple[Any, ...]]:
    """Return the size of a record set in bytes, and its buffers."""
    if isinstance(records, (bytes, bytearray, memoryview)):
        return len(records), (records,)
    return sum(map(len, records)), tuple(records)


def _null() -> NoReturn:
    raise EncodeError("null where the version allows none")


def _pack_uuid(value: bytes) -> bytes:
    if len(value) != 16:
        raise EncodeError(f"a UUID of {len(value)} bytes")
    return value


def _pack_many(letters: str, values: list[int]) -> bytes:
    return Packing(letters).pack(*values)
