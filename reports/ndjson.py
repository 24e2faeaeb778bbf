"""The canonical report: one JSON object on each line, one line for each event, in the order of the stream.

A line is on its way to the disk before the next case begins, so a run that dies leaves all that it judged.
`schema/events.schema.json` describes a line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NoReturn

from kafka_conformance.harness.errors import UsageError
from kafka_conformance.harness.event_json import from_json, to_json
from kafka_conformance.harness.events import Event, Footer, Header
from kafka_conformance.harness.verdicts import Run, fold


class NdjsonWriter:
    """Writes each event to a new file as it comes and flushes it; a context manager."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: TextIOWrapper = path.open("w", encoding="ascii", newline="\n")

    def handle(self, event: Event) -> None:
        """Writes one line; raises ValueError for a number that JSON cannot hold."""
        self._file.write(encode_line(event))
        self._file.flush()

    def close(self) -> None:
        """Closes the file; a footer is the caller's to write."""
        self._file.close()

    def __enter__(self) -> NdjsonWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def encode_line(event: Event) -> str:
    """The event as one line of ASCII with its line feed."""
    return json.dumps(to_json(event), separators=(",", ":"), allow_nan=False) + "\n"


def read_events(path: Path) -> Iterator[Event]:
    """The events of a file; raises UsageError with the number of the line that cannot be read."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path)) from error
    with file:
        yield from decode_lines(file, where=str(path))


def decode_lines(lines: Iterable[bytes] | IO[bytes], *, where: str) -> Iterator[Event]:
    """The events of lines. A last line that was cut (no line feed) is left out: the report is incomplete anyway."""
    previous: Event | None = None
    for number, line in enumerate(lines, 1):
        place = f"{where}:{number}"
        if not line.strip():
            continue
        try:
            event = from_json(_parse(line))
        except UsageError as error:
            if not line.endswith(b"\n"):
                return
            raise error.at(place) from error
        _in_order(previous, event, place)
        yield event
        previous = event


def read_run(path: Path) -> Run:
    """The run that a report tells; raises UsageError as `read_events` does."""
    return fold(read_events(path))


def _in_order(previous: Event | None, event: Event, place: str) -> None:
    if previous is None and not isinstance(event, Header):
        raise UsageError("a report begins with its header", where=place)
    if previous is not None and isinstance(event, Header):
        raise UsageError("a second header: this file holds more than one run", where=place)
    if isinstance(previous, Footer):
        raise UsageError("nothing follows a footer", where=place)


def _parse(line: bytes) -> Any:
    try:
        return json.loads(line.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"is not JSON: {error}") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
