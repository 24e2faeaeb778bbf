"""Text that others wrote, made fit to show: what would steer a terminal, break XML or reorder a line is spelled out."""

from __future__ import annotations

import re

# Controls but tab and line feed, lone surrogates, non-characters, bidirectional overrides (a payload could use them to
# show something other than what it holds), line and paragraph separators.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)


def printable(text: str) -> str:
    r"""The text with unprintable characters as \x1b or \u202e; tabs and line feeds stay."""
    return _UNPRINTABLE.sub(_spelled_out, text)


def one_line(text: str) -> str:
    r"""Printable text with line feeds and tabs spelled out too, for a table's cell or a log's line."""
    return printable(text).replace("\n", "\\n").replace("\t", "\\t")


def _spelled_out(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
