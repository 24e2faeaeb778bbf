"""What the copiers in Python have in common: what they are told, their loop, and how they end.

The command line is BOOTSTRAP SOURCE TARGET GROUP TRANSACTIONAL_ID. A copier goes on until its standard input ends.
Every seventh transaction it aborts itself and does it again, as an application does whose processing failed.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, NoReturn

FENCED = 3
"""The exit status of a copier that was told that another has taken over its transactional id."""
GAVE_UP = 4
"""The exit status of a copier whose library says that this producer can do no more: whoever runs it starts it again."""
SHARE = 5
"""Records in a transaction, at most."""
ABORTS_EVERY = 7
SESSION_TIMEOUT_MS = 3_000
HEARTBEAT_INTERVAL_MS = 300
POLL_S = 0.2
HANGS_AFTER_S = 8.0
"""A loop that does not come round for so long hangs. kafka-python and librdkafka can (their copiers say how), against
Apache Kafka too: an application of theirs needs somebody who looks after it."""
STEPS = 16
END_WITHIN_S = 45.0
"""A copier that was asked to end and cannot (its cluster is gone, for one) does not stay for longer."""


class Fenced(Exception):
    """Another producer has the transactional id."""


class Abortable(Exception):
    """The transaction cannot be committed, but it can be aborted and done again."""


class Told(NamedTuple):
    """The command line."""

    bootstrap: str
    source: str
    target: str
    group: str
    transactional_id: str


class Record(NamedTuple):
    """A record of the source."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes


class Library(ABC):
    """What the loop wants of a library. Whatever else one raises ends the copier with GAVE_UP."""

    @abstractmethod
    def initialise(self) -> None:
        """Takes over the transactional id; only then joins the group. Raises Fenced."""

    @abstractmethod
    def poll(self) -> Sequence[Record]:
        """Some records, or none."""

    @abstractmethod
    def begin(self) -> None:
        """Begins a transaction. Raises Fenced, Abortable."""

    @abstractmethod
    def send(self, partition: int, key: bytes | None, value: bytes) -> None:
        """Sends a record to the target. Raises Fenced, Abortable."""

    @abstractmethod
    def send_offsets(self, offsets: Mapping[int, int]) -> None:
        """Commits offsets of the source in the transaction. Raises Fenced, Abortable."""

    @abstractmethod
    def commit(self) -> None:
        """Commits. Raises Fenced, Abortable where the transaction certainly is not committed."""

    @abstractmethod
    def abort(self) -> None:
        """Aborts. Raises Fenced."""

    @abstractmethod
    def rewind(self, offsets: Mapping[int, int]) -> None:
        """Goes back to these offsets in those partitions that are still its own."""

    @abstractmethod
    def close(self) -> None:
        """Leaves the group."""


def copied(value: bytes) -> bytes:
    """What processing makes of a value."""
    return b"copy of " + value


class Watchdog:
    """Ends the process with GAVE_UP when nobody has stroked it for long, until it is released."""

    def __init__(self) -> None:
        self._stroked = threading.Event()
        self._released = False
        threading.Thread(target=self._watch, daemon=True).start()

    def stroke(self) -> None:
        """Say that the loop goes round."""
        self._stroked.set()

    def release(self) -> None:
        """Watch no more."""
        self._released = True

    def _watch(self) -> None:
        # By steps: a process that was frozen has not waited for as long as the clock says.
        steps = 0
        while steps < STEPS:
            steps += 1
            if self._stroked.wait(HANGS_AFTER_S / STEPS):
                self._stroked.clear()
                steps = 0
        if not self._released:
            say("gave up: it hangs")
            os._exit(GAVE_UP)


def copy(library: Library, stopping: threading.Event) -> None:
    """The loop of an application."""
    watchdog = Watchdog()
    library.initialise()
    number = 0
    while not stopping.is_set():
        watchdog.stroke()
        records = library.poll()
        if not records:
            continue
        number += 1
        try:
            library.begin()
            for record in records:
                library.send(record.partition, record.key, copied(record.value))
            library.send_offsets({record.partition: record.offset + 1 for record in records})
            if number % ABORTS_EVERY == 0:
                raise Abortable("as every so often")
            library.commit()
            say(f"committed {ranges(records)}")
        except Abortable as error:
            say(f"aborting {ranges(records)}: {error}")
            library.abort()
            library.rewind({record.partition: record.offset for record in reversed(records)})
    watchdog.release()


def ranges(records: Sequence[Record]) -> str:
    """Which records, for a person."""
    return " ".join(f"{record.partition}@{record.offset}" for record in records)


def say(text: str) -> None:
    """A line for whoever asks why a copy failed."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _wait_for_the_end_of_input(stopping: threading.Event) -> None:
    # Not through sys.stdin, whose lock a process cannot do without when it ends.
    while os.read(0, 4096):
        pass
    stopping.set()
    time.sleep(END_WITHIN_S)
    os._exit(GAVE_UP)


def main(create: Callable[[Told], Library]) -> int:
    """Copies until standard input ends; the exit status."""
    stopping = threading.Event()
    threading.Thread(target=_wait_for_the_end_of_input, args=(stopping,), daemon=True).start()
    library = create(Told(*sys.argv[1:]))
    try:
        copy(library, stopping)
    except Fenced as error:
        _leave(FENCED, f"fenced: {error}")
    except Exception:  # noqa: BLE001 - whatever a library raises
        _leave(GAVE_UP, f"gave up: {traceback.format_exc()}")
    library.close()
    return 0


def _leave(status: int, reason: str) -> NoReturn:
    """End at once: a library whose producer has failed is not trusted to tidy up. (librdkafka 2.16.0, that of a frozen
    copier, freed a broker's handle twice when its producer was destroyed, and the process ended with SIGABRT.)"""
    say(reason)
    os._exit(status)
