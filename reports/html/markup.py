"""HTML from plain functions: `element("td", text, class_="id")`.

A child that is no Markup is text, made printable and escaped; so is each attribute. There is no other way in.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from kafka_conformance.reports.printable import printable

_VOID = frozenset({"meta", "input", "br", "hr"})


class Markup(str):
    """Text that is HTML already; made here and from files of this package, never from data."""

    __slots__ = ()


Child = str | Markup | Iterable["Child"] | None
Attribute = str | int | bool | None


def element(tag: str, *children: Child, **attributes: Attribute) -> Markup:
    """One element. `class_` is class, other underscores are hyphens; True is a bare attribute, None and False none."""
    opening = tag + "".join(_attribute(name, value) for name, value in attributes.items())
    return Markup(f"<{opening}>" if tag in _VOID else f"<{opening}>{join(children)}</{tag}>")


def join(children: Child) -> Markup:
    """The children one after the other."""
    if children is None:
        return Markup("")
    if isinstance(children, Markup):
        return children
    if isinstance(children, str):
        return Markup(escape(printable(children)))
    return Markup("".join(map(join, children)))


def _attribute(name: str, value: Attribute) -> str:
    name = name.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{escape(printable(str(value)))}"'
