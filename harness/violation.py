"""What a case says of its target when it cannot go on: a requirement is broken, or does not apply."""

from __future__ import annotations

from typing_extensions import override


class ConformanceViolation(AssertionError):
    """A requirement does not hold: what was expected and what was seen, each as text for a person."""

    def __init__(self, message: str, *, expected: str = "", actual: str = "") -> None:
        super().__init__(message, expected, actual)
        self.message = message
        self.expected = expected
        self.actual = actual

    @override
    def __str__(self) -> str:
        lines = [self.message]
        lines += [f"  expected: {self.expected}"] if self.expected else []
        lines += [f"  actual:   {self.actual}"] if self.actual else []
        return "\n".join(lines)


class NotApplicable(Exception):
    """The target does not offer what the case needs; the message says what."""
