"""`expect(what).claim(...)`: claims about answers, topics and connections that explain themselves when they fail.

Each raises ConformanceViolation with what was expected and what was seen. Any other value is compared by `equals`
and its like.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Generic, TypeVar, overload

from kafka_conformance.harness.subject.answers import Committed, Fetched, ListedOffset, Produced
from kafka_conformance.harness.subject.connection import Connection
from kafka_conformance.harness.subject.topic import RecordLike, Topic, new_records
from kafka_conformance.harness.violation import ConformanceViolation
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.records import NewRecord, Record

T = TypeVar("T")
A = TypeVar("A", bound=Produced | Fetched | ListedOffset | Committed)

Content = tuple[bytes | None, bytes | None, tuple[tuple[str, bytes | None], ...]]


class Expectation(Generic[T]):
    """Claims about any value; `what` names it in a failure."""

    def __init__(self, subject: T, what: str) -> None:
        self.subject = subject
        self.what = what

    def equals(self, expected: object) -> None:
        """The same value. An error code is shown by its name."""
        if self.subject != expected:
            raise ConformanceViolation(self.what, expected=shown(expected), actual=shown(self.subject))

    def differs_from(self, other: object) -> None:
        """Another value."""
        if self.subject == other:
            raise ConformanceViolation(self.what, expected=f"anything but {shown(other)}", actual=shown(self.subject))

    def is_one_of(self, *allowed: object) -> None:
        """One of several values."""
        if self.subject not in allowed:
            expected = " or ".join(shown(value) for value in allowed)
            raise ConformanceViolation(self.what, expected=expected, actual=shown(self.subject))

    def is_at_least(self, smallest: Any) -> None:
        """Not below."""
        if not self.subject >= smallest:
            raise ConformanceViolation(self.what, expected=f"at least {shown(smallest)}", actual=shown(self.subject))

    def is_at_most(self, largest: Any) -> None:
        """Not above."""
        if not self.subject <= largest:
            raise ConformanceViolation(self.what, expected=f"at most {shown(largest)}", actual=shown(self.subject))

    def holds(self, element: object) -> None:
        """The element is among its elements, or the text within it."""
        if not isinstance(self.subject, (Collection, str)) or element not in self.subject:
            raise ConformanceViolation(self.what, expected=f"{shown(element)} within", actual=shown(self.subject))

    def is_true(self) -> None:
        """Truthy; prefer a claim that says more."""
        if not self.subject:
            raise ConformanceViolation(self.what, expected="true", actual=shown(self.subject))


class AnswerExpectation(Expectation[A]):
    """Claims about the answer for a partition."""

    def succeeds(self) -> None:
        """No error."""
        if self.subject.error is not ErrorCode.NONE:
            raise ConformanceViolation(self.what, expected="no error", actual=f"{self.subject!r}")

    def fails_with(self, *allowed: ErrorCode) -> None:
        """One of these errors."""
        if self.subject.error not in allowed:
            expected = " or ".join(code.name for code in allowed)
            raise ConformanceViolation(self.what, expected=expected, actual=f"{self.subject!r}")


class ProducedExpectation(AnswerExpectation[Produced]):
    """Claims about the answer to a Produce."""

    def acknowledged_at(self, base_offset: int) -> None:
        """No error, and this base offset."""
        if self.subject.error is not ErrorCode.NONE or self.subject.base_offset != base_offset:
            expected = f"acknowledged at offset {base_offset}"
            raise ConformanceViolation(self.what, expected=expected, actual=f"{self.subject!r}")

    def refused_with(self, *allowed: ErrorCode) -> None:
        """One of these errors, and no offset."""
        self.fails_with(*allowed)
        if self.subject.base_offset != -1:
            raise ConformanceViolation(self.what, expected="base offset -1 with an error", actual=f"{self.subject!r}")


class FetchedExpectation(AnswerExpectation[Fetched]):
    """Claims about the answer to a Fetch."""

    def holds_exactly(self, records: Sequence[RecordLike]) -> None:
        """No error, and exactly these keys, values and headers in this order."""
        self.succeeds()
        _same(self.what, records, self.subject.records)

    def is_empty(self) -> None:
        """No error and no bytes."""
        self.succeeds()
        if self.subject.raw:
            raise ConformanceViolation(self.what, expected="no records", actual=f"{self.subject!r}")


class TopicExpectation(Expectation[Topic]):
    """Claims about what is in a topic's log now."""

    def holds_exactly(self, *batches: Sequence[RecordLike], partition: int = 0) -> None:
        """The records of these batches in this order, with their keys, values and headers, at offsets without a gap."""
        found = self.subject.records(partition)
        _same(f"the log of {self.subject.name}-{partition}", [entry for batch in batches for entry in batch], found)
        offsets = [record.offset for record in found]
        wanted = list(range(offsets[0], offsets[0] + len(offsets))) if offsets else []
        if offsets != wanted:
            raise ConformanceViolation("the offsets of the log", expected=shown(wanted), actual=shown(offsets))

    def is_empty(self, partition: int = 0) -> None:
        """No records."""
        self.holds_exactly(partition=partition)

    def ends_at(self, offset: int, *, partition: int = 0) -> None:
        """The log's end."""
        expect(self.subject.end_offset(partition), f"the end offset of {self.subject.name}-{partition}").equals(offset)


class ConnectionExpectation(Expectation[Connection]):
    """Claims about whether a connection still lives."""

    def is_closed(self, within_s: float = 5.0) -> None:
        """The broker closes it within so many seconds."""
        if not self.subject.is_closed(within_s):
            expected = f"closed by the broker within {within_s:g} s"
            raise ConformanceViolation(self.what, expected=expected, actual="still open")

    def is_usable(self) -> None:
        """A further request on it is answered."""
        if not self.subject.is_usable():
            raise ConformanceViolation(self.what, expected="a further request is answered", actual="it is not")


@overload
def expect(subject: Produced, what: str = ...) -> ProducedExpectation: ...
@overload
def expect(subject: Fetched, what: str = ...) -> FetchedExpectation: ...
@overload
def expect(subject: ListedOffset, what: str = ...) -> AnswerExpectation[ListedOffset]: ...
@overload
def expect(subject: Committed, what: str = ...) -> AnswerExpectation[Committed]: ...
@overload
def expect(subject: Topic, what: str = ...) -> TopicExpectation: ...
@overload
def expect(subject: Connection, what: str = ...) -> ConnectionExpectation: ...
@overload
def expect(subject: T, what: str = ...) -> Expectation[T]: ...


def expect(subject: Any, what: str = "") -> Expectation[Any]:
    """Claims about `subject`; `what` names it in the message of a failure."""
    for kind, (claims, name) in _CLAIMS.items():
        if isinstance(subject, kind):
            return claims(subject, what or name)
    return Expectation(subject, what or "a value that is not as expected")


_CLAIMS: dict[type, tuple[type[Expectation[Any]], str]] = {
    Produced: (ProducedExpectation, "the answer to Produce"),
    Fetched: (FetchedExpectation, "the answer to Fetch"),
    ListedOffset: (AnswerExpectation, "the answer to ListOffsets"),
    Committed: (AnswerExpectation, "the answer to OffsetFetch"),
    Topic: (TopicExpectation, "the topic"),
    Connection: (ConnectionExpectation, "the connection"),
}


def shown(value: object) -> str:
    """A value as a person reads it: error codes by their names, a long one cut."""
    text = _text(value)
    return text if len(text) <= 1_000 else f"{text[:999]}…"


def _text(value: object) -> str:
    if isinstance(value, ErrorCode):
        return value.name
    if type(value) is list:
        return f"[{', '.join(map(_text, value))}]"
    if type(value) is tuple:
        return f"({', '.join(map(_text, value))}{',' * (len(value) == 1)})"
    if type(value) is dict:
        return "{" + ", ".join(f"{_text(key)}: {_text(entry)}" for key, entry in value.items()) + "}"
    return repr(value)


def content(record: NewRecord | Record) -> Content:
    """What a producer gave: key, value, headers."""
    return record.key, record.value, tuple(record.headers)


def _same(what: str, expected: Sequence[RecordLike], found: Sequence[Record]) -> None:
    wanted = [content(record) for record in new_records(expected)]
    seen = [content(record) for record in found]
    if wanted == seen:
        return
    places = (place for place, pair in enumerate(zip(wanted, seen, strict=False)) if pair[0] != pair[1])
    first = next(places, min(len(wanted), len(seen)))
    raise ConformanceViolation(
        f"{what} differs from what was written, first at record {first}",
        expected=f"{len(wanted)} records: {shown(wanted)}",
        actual=f"{len(seen)} records: {shown(seen)}",
    )
