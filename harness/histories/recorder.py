"""Recording what clients do and see, as it happens; times are the target's, in virtual time too."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from kafka_conformance.harness.histories.history import Fault, History
from kafka_conformance.harness.histories.schema import Kind, Outcome, PositionKind
from kafka_conformance.protocol.error_codes import ErrorCode

REFUSED = frozenset(
    {
        ErrorCode.CORRUPT_MESSAGE,
        ErrorCode.INVALID_PRODUCER_EPOCH,
        ErrorCode.INVALID_RECORD,
        ErrorCode.INVALID_REQUIRED_ACKS,
        ErrorCode.INVALID_TIMESTAMP,
        ErrorCode.MESSAGE_TOO_LARGE,
        ErrorCode.NOT_ENOUGH_REPLICAS,
        ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
        ErrorCode.PRODUCER_FENCED,
        ErrorCode.TOPIC_AUTHORIZATION_FAILED,
        ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
    }
)
"""Errors of Produce after which the batch is certainly not in the log. After any other nobody knows (KAFKA-13574)."""


class Seen(NamedTuple):
    """A record that a poll gave, the leader epoch of its batch where that is known."""

    off: int
    value: bytes | None
    epoch: int = -1


def outcome_of(error: ErrorCode) -> Outcome:
    """What a producer knows of a batch that was answered with this error."""
    if error is ErrorCode.NONE:
        return Outcome.OK
    return Outcome.FAIL if error in REFUSED else Outcome.INFO


class Recorder:
    """Fills one history. Values are unique: what was polled is found by its value."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self.history = History()
        self._now_s = now_s
        self._operations = 0

    def now_ns(self) -> int:
        """The target's clock."""
        return round(self._now_s() * 1e9)

    def client(self, name: str) -> RecordedClient:
        """A client that does one thing after the other; one that was restarted is another one."""
        return RecordedClient(self, name)

    def fault(self, kind: str, target: str, start_ns: int, detail: str = "") -> None:
        """Something was done to the cluster, from then until now."""
        self.history.faults.append(Fault(kind, target, start_ns, self.now_ns(), detail))

    def next_operation(self) -> int:
        """The number of an operation that begins now."""
        self._operations += 1
        return self._operations - 1


class RecordedClient:
    """What one client does."""

    def __init__(self, recorder: Recorder, name: str) -> None:
        self._recorder = recorder
        self._names = recorder.history.names
        self._proc = self._names.number("proc", name)
        self._assignments: dict[int, int] = {}

    def begin(self) -> Operation:
        """Before it calls: what comes of it is told to the operation."""
        return Operation(self._recorder, self._proc, self._assignments)


class Operation:
    """One call of a client."""

    def __init__(self, recorder: Recorder, proc: int, assignments: dict[int, int]) -> None:
        self._recorder = recorder
        self._history = recorder.history
        self._proc = proc
        self._assignments = assignments
        self.op = recorder.next_operation()
        self.began_ns = recorder.now_ns()

    def sends(self, values: Iterable[bytes]) -> None:
        """It is sending these values now: others may be given them before `sent` tells what became of them."""
        for value in values:
            self._history.names.number("val", _text(value))

    def sent(self, partition: str, values: Iterable[bytes], outcome: Outcome, base_offset: int = -1) -> None:
        """It sent these values in one batch, which lies at that offset if it was acknowledged."""
        ended_ns = -1 if outcome is Outcome.INFO else self._recorder.now_ns()
        for seq, value in enumerate(values):
            self._history.add(
                "records",
                **self._cells(partition, ended_ns),
                seq=seq,
                kind=Kind.SEND,
                off=base_offset + seq if base_offset >= 0 else -1,
                val=self._history.names.number("val", _text(value)),
                outcome=outcome,
                txn=self.op,
            )

    def assigned(self, partition: str, position: int) -> None:
        """From now on it reads the partition from there: after an assignment, a seek, a rebalance."""
        tp = self._history.names.number("tp", partition)
        self._assignments[tp] = self._assignments.get(tp, -1) + 1
        self._position(partition, PositionKind.START, position)

    def polled(
        self,
        partition: str,
        seen: Iterable[Seen],
        *,
        position: int,
        high_watermark: int = -1,
        last_stable_offset: int = -1,
        isolated: bool = False,
    ) -> None:
        """It was given these records and will go on at `position`; `isolated`: at read_committed."""
        ended_ns = self._recorder.now_ns()
        for seq, (off, value, epoch) in enumerate(seen):
            self._history.add(
                "records",
                **self._cells(partition, ended_ns),
                seq=seq,
                kind=Kind.POLL,
                off=off,
                val=self._history.names.known("val", _text(value)),
                outcome=Outcome.OK,
                txn=self.op,
                isolated=isolated,
                epoch=epoch,
            )
        self._position(partition, PositionKind.AFTER_POLL, position, high_watermark, last_stable_offset)

    def _position(self, partition: str, kind: PositionKind, off: int, hw: int = -1, lso: int = -1) -> None:
        cells = self._cells(partition, self._recorder.now_ns())
        self._history.add("positions", **cells, kind=kind, off=off, hw=hw, lso=lso)

    def _cells(self, partition: str, ended_ns: int) -> dict[str, int]:
        tp = self._history.names.number("tp", partition)
        return {
            "op": self.op,
            "proc": self._proc,
            "asg": self._assignments.get(tp, 0),
            "tp": tp,
            "began_ns": self.began_ns,
            "ended_ns": ended_ns,
        }


def _text(value: bytes | None) -> str:
    return "null" if value is None else value.decode("utf-8", "backslashreplace")
