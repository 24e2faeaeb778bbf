"""The source of a decoder: from a layout and a version to `codec(b, p) -> (message, position)`."""

from __future__ import annotations

from struct import Struct as Packing
from struct import calcsize
from struct import error as StructError
from typing import Any, NoReturn

from kafka_conformance.protocol.errors import MalformedError, ProtocolError, TruncatedError
from kafka_conformance.protocol.layout import Field
from kafka_conformance.protocol.primitives import unsigned_varint_tail
from kafka_conformance.protocol.source_writer import FIXED_FORMATS, SourceWriter, present_fields


def decoder_source(cls: type[Any], version: int) -> SourceWriter:
    """Write the decoder of `cls` at `version`."""
    writer = SourceWriter(f"decode {cls.__name__} v{version}", {"varint_tail": unsigned_varint_tail})
    _Decoder(writer, version, version in getattr(cls, "flexible_versions", ())).function(cls)
    return writer


class _Decoder:
    def __init__(self, writer: SourceWriter, version: int, flexible: bool) -> None:
        self.w = writer
        self.version = version
        self.flexible = flexible

    def function(self, cls: type[Any]) -> None:
        w = self.w
        w.scope["fail"] = self._failure(cls)
        w.scope["null"] = _null
        w.scope["short"] = _short
        w.scope["caught"] = (StructError, IndexError, UnicodeDecodeError, ProtocolError)
        with w.block("def codec(b, p):"):
            w.line("e = len(b)")
            with w.block("try:"):
                self.struct(cls, "m")
                w.line("return m, p")
            with w.block("except caught as x:"):
                w.line("fail(x, p)")

    def _failure(self, cls: type[Any]) -> Any:
        w, what = self.w, f"{cls.__name__} v{self.version}"

        def fail(error: Exception, position: int) -> NoReturn:
            field = w.field_at(error.__traceback__)
            where = f"{what}, {field}" if field else what
            if isinstance(error, UnicodeDecodeError):
                raise MalformedError(f"{where}: a string that is not UTF-8", position=position) from None
            if isinstance(error, ProtocolError):
                raise type(error)(f"{where}: {error.message}", position=position) from None
            raise TruncatedError(f"{where}: the bytes end within", position=position) from None

        return fail

    def struct(self, cls: type[Any], target: str) -> None:
        """Read a struct into the new variable `target`."""
        w = self.w
        in_place, tagged = present_fields(cls, self.version, self.flexible)
        values = self._in_place(in_place)
        for name, field in tagged:
            values[name] = variable = w.fresh("v")
            w.line(f"{variable} = {self._default(cls, name, field)}")
        if self.flexible:
            self._tags([(values[name], name, field) for name, field in tagged])
        absent = {name: self._default(cls, name, cls.fields[name]) for name in cls.fields if name not in values}
        kind = w.bind("c", cls)
        w.line(f"{target} = {w.bind('new', cls.__new__)}({kind})")
        for name in cls.fields:
            w.line(f"{target}.{name} = {values.get(name) or absent[name]}")

    def _default(self, cls: type[Any], name: str, field: Field) -> str:
        default = cls.defaults[name]
        if isinstance(default, list):
            return "[]"
        if field.kind == "struct" and default is not None:
            return f"{self.w.bind('c', field.of)}()"
        return repr(default) if isinstance(default, (int, float, str, bytes, type(None))) else self.w.bind("d", default)

    def _in_place(self, fields: list[tuple[str, Field]]) -> dict[str, str]:
        values: dict[str, str] = {}
        run: list[tuple[str, Field]] = []
        for name, field in fields:
            values[name] = self.w.fresh("v")
            if field.kind in FIXED_FORMATS:
                run.append((name, field))
                continue
            self._fixed_run(run, values)
            run = []
            with self.w.about(name):
                self.value(field, values[name])
        self._fixed_run(run, values)
        return values

    def _fixed_run(self, run: list[tuple[str, Field]], values: dict[str, str]) -> None:
        if not run:
            return
        letters = "".join(FIXED_FORMATS[field.kind] for _, field in run)
        with self.w.about("/".join(name for name, _ in run)):
            self._unpack(letters, [values[name] for name, _ in run])

    def _unpack(self, letters: str, targets: list[str]) -> None:
        unpack = self.w.bind(f"unpack_{letters.replace('?', 'o')}", Packing(f">{letters}").unpack_from)
        self.w.line(f"{', '.join(targets)}, = {unpack}(b, p)")
        self.w.line(f"p += {calcsize('>' + letters)}")

    def value(self, field: Field, target: str) -> None:
        """Read a field that has no fixed width, or is tagged, into `target`."""
        w, nullable = self.w, self.version in field.nullable
        if field.kind in FIXED_FORMATS:
            self._unpack(FIXED_FORMATS[field.kind], [target])
        elif field.kind == "uuid":
            self._uuid(target)
        elif field.kind == "struct":
            self._nested(field, target, nullable)
        else:
            length = self._length(field.kind)
            with w.block(f"if {length} < 0:"):
                w.line(f"{target} = None" if nullable else "null()")
            with w.block("else:"):
                if field.kind == "array":
                    self._array(field, target, length)
                else:
                    self._sized(field.kind, target, length)

    def _uuid(self, target: str) -> None:
        self.w.line("if e - p < 16: short(16, e - p)")
        self.w.line(f"{target} = bytes(b[p:p + 16])")
        self.w.line("p += 16")

    def _nested(self, field: Field, target: str, nullable: bool) -> None:
        if not nullable:
            self.struct(field.of, target)
            return
        marker = self.w.fresh("n")
        self._unpack("b", [marker])
        with self.w.block(f"if {marker} < 0:"):
            self.w.line(f"{target} = None")
        with self.w.block("else:"):
            self.struct(field.of, target)

    def _varint(self, target: str) -> None:
        self.w.line(f"{target} = b[p]")
        self.w.line("p += 1")
        self.w.line(f"if {target} > 127: {target}, p = varint_tail(b, p, {target})")

    def _length(self, kind: str) -> str:
        """Read a length, negative for null, into a new variable; refuse what is more than is left."""
        w = self.w
        length = w.fresh("n")
        if self.flexible:
            self._varint(length)
            w.line(f"{length} = {length} - 1 if {length} < 0x80000000 else -1")
        else:
            self._unpack("h" if kind == "string" else "i", [length])
        w.line(f"if {length} > e - p: short({length}, e - p)")
        return length

    def _sized(self, kind: str, target: str, length: str) -> None:
        w = self.w
        read = {
            "string": "str(b[p:p + {0}], 'utf-8')",
            "bytes": "bytes(b[p:p + {0}])",
            "records": "memoryview(b)[p:p + {0}]",
        }[kind]
        w.line(f"{target} = {read.format(length)}")
        w.line(f"p += {length}")

    def _array(self, field: Field, target: str, length: str) -> None:
        w = self.w
        if isinstance(field.of, str) and field.of in FIXED_FORMATS:
            letter = FIXED_FORMATS[field.of]
            size = calcsize(">" + letter)
            w.line(f"if {length} * {size} > e - p: short({length} * {size}, e - p)")
            w.line(f"{target} = list({w.bind('unpack', _unpack_many)}(f'>{{{length}}}{letter}', b, p))")
            w.line(f"p += {length} * {size}")
            return
        element, append = w.fresh("v"), w.fresh("a")
        w.line(f"{target} = []")
        w.line(f"{append} = {target}.append")
        with w.block(f"for _ in range({length}):"):
            if isinstance(field.of, str):
                self.value(Field(field.of, field.versions), element)
            else:
                self.struct(field.of, element)
            w.line(f"{append}({element})")

    def _tags(self, tagged: list[tuple[str, str, Field]]) -> None:
        w = self.w
        count = w.fresh("n")
        self._varint(count)
        with w.block(f"if {count}:"):
            w.line(f"if {count} > e - p: short({count}, e - p)")
            with w.block(f"for _ in range({count}):"):
                tag, size = w.fresh("t"), w.fresh("n")
                self._varint(tag)
                self._varint(size)
                w.line(f"if {size} > e - p: short({size}, e - p)")
                branch = "if"
                for variable, name, field in tagged:
                    with w.block(f"{branch} {tag} == {field.tag}:"), w.about(name):
                        self.value(field, variable)
                    branch = "elif"
                if tagged:
                    w.line(f"else: p += {size}")
                else:
                    w.line(f"p += {size}")


def _null() -> NoReturn:
    raise MalformedError("null where the version allows none")


def _short(announced: int, left: int) -> NoReturn:
    raise TruncatedError(f"{announced} bytes or elements announced, {left} bytes left")


def _unpack_many(letters: str, buffer: bytes, position: int) -> tuple[Any, ...]:
    return Packing(letters).unpack_from(buffer, position)
