"""Writes the Python source of one compiled codec function, and remembers which field each line is about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from kafka_conformance.protocol.layout import Field


class SourceWriter:
    """Lines of source with their indentation, the names that they use, and the field behind each line."""

    def __init__(self, name: str, scope: dict[str, Any]) -> None:
        self.name = name
        self.scope = scope
        self._lines: list[str] = []
        self._fields: list[str] = []
        self._indent = 0
        self._field = ""
        self._names = 0

    def line(self, text: str) -> None:
        """Add one line at the current indentation."""
        self._lines.append(" " * self._indent + text)
        self._fields.append(self._field)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Add `head`, and indent what is written within."""
        self.line(head)
        self._indent += 1
        written = len(self._lines)
        yield
        if len(self._lines) == written:
            self.line("pass")
        self._indent -= 1

    @contextmanager
    def about(self, field: str) -> Iterator[None]:
        """Say that the lines written within are about `field`, a name or several of them."""
        before = self._field
        self._field = f"{before}.{field}" if before else field
        yield
        self._field = before

    def fresh(self, stem: str) -> str:
        """Return a name that was not used before in this function."""
        self._names += 1
        return f"{stem}{self._names}"

    def bind(self, stem: str, value: object) -> str:
        """Make `value` reachable from the source and return its name there."""
        for name, known in self.scope.items():
            if known is value and name.startswith(stem):
                return name
        name = f"{stem}_{len(self.scope)}"
        self.scope[name] = value
        return name

    def field_at(self, traceback: TracebackType | None) -> str:
        """Return the field that the failing line was about."""
        while traceback is not None and traceback.tb_frame.f_code.co_filename != f"<{self.name}>":
            traceback = traceback.tb_next
        if traceback is None:
            return ""
        return self._fields[traceback.tb_lineno - 1]

    def compile(self) -> Any:
        """Compile the lines, which define one function called `codec`, and return it."""
        exec(compile("\n".join(self._lines), f"<{self.name}>", "exec"), self.scope)
        return self.scope["codec"]


def present_fields(cls: Any, version: int, flexible: bool) -> tuple[list[tuple[str, Field]], list[tuple[str, Field]]]:
    """Return the fields of a struct that a version has: those in place, and those that are tagged, by tag."""
    in_place, tagged = [], []
    for name, field in cls.fields.items():
        if version not in field.versions:
            continue
        if flexible and version in field.tagged:
            tagged.append((name, field))
        else:
            in_place.append((name, field))
    return in_place, sorted(tagged, key=lambda item: item[1].tag)


FIXED_FORMATS = {"bool": "?", "int8": "b", "int16": "h", "uint16": "H", "int32": "i", "int64": "q", "float64": "d"}
"""Kinds of a fixed width, with their letters in `struct`'s language."""
