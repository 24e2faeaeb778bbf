"""Recording what clients do and see, as it happens; times are the target's, in virtual time too."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from kafka_conformance.harness.histories.history import Fault, History
from kafka_conformance.harness.histories.schema import CommitKind, Kind, Outcome, PositionKind
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

COMMIT_REFUSED = frozenset(
    {
        ErrorCode.FENCED_INSTANCE_ID,
        ErrorCode.GROUP_AUTHORIZATION_FAILED,
        ErrorCode.ILLEGAL_GENERATION,
        ErrorCode.INVALID_GROUP_ID,
        ErrorCode.OFFSET_METADATA_TOO_LARGE,
        ErrorCode.REBALANCE_IN_PROGRESS,
        ErrorCode.UNKNOWN_MEMBER_ID,
    }
)
"""Errors of OffsetCommit after which the offset was certainly not committed. One that was answered with
COORDINATOR_NOT_AVAILABLE may take effect (observed on 4.3.1)."""


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


def outcome_of_commit(error: ErrorCode) -> Outcome:
    """What a member knows of a commit that was answered with this error."""
    if error is ErrorCode.NONE:
        return Outcome.OK
    return Outcome.FAIL if error in COMMIT_REFUSED else Outcome.INFO


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

    def transaction(self) -> RecordedTransaction:
        """Before it begins one: the operations in it are begun by the transaction."""
        return RecordedTransaction(self._recorder, self._proc, self._assignments)


class RecordedTransaction:
    """One transaction: its sends, polls and commits have no fate before it has one."""

    def __init__(self, recorder: Recorder, proc: int, assignments: dict[int, int]) -> None:
        self._recorder = recorder
        self._proc = proc
        self._assignments = assignments
        self._waiting: list[tuple[str, dict[str, int]]] = []
        self._number = -1

    def begin(self) -> Operation:
        """Before a call that belongs to it; the first one numbers the transaction."""
        operation = Operation(self._recorder, self._proc, self._assignments, self)
        self._number = operation.op if self._number < 0 else self._number
        return operation

    def keep(self, table: str, cells: dict[str, int]) -> None:
        """A row that gets the transaction's outcome."""
        self._waiting.append((table, cells | {"txn": self._number}))

    def ended(self, outcome: Outcome) -> None:
        """OK: it committed; FAIL: it aborted, or nobody ever asked for its commit; INFO: nobody knows."""
        ended_ns = -1 if outcome is Outcome.INFO else self._recorder.now_ns()
        for table, cells in self._waiting:
            ended = {"ended_ns": ended_ns} if table == "commits" else {}
            self._recorder.history.add(table, **{**cells, **ended, "outcome": outcome})
        self._waiting.clear()


class Operation:
    """One call of a client."""

    def __init__(
        self,
        recorder: Recorder,
        proc: int,
        assignments: dict[int, int],
        transaction: RecordedTransaction | None = None,
    ) -> None:
        self._recorder = recorder
        self._history = recorder.history
        self._proc = proc
        self._assignments = assignments
        self._transaction = transaction
        self.op = recorder.next_operation()
        self.began_ns = recorder.now_ns()

    def sending(self, values: Iterable[bytes]) -> None:
        """It is about to send them: from now on others may see them. Only where clients work at the same time."""
        for value in values:
            self._history.names.number("val", _text(value))

    def sent(
        self,
        partition: str,
        values: Iterable[bytes],
        outcome: Outcome,
        base_offset: int = -1,
        *,
        sources: Iterable[bytes] = (),
    ) -> None:
        """It sent these values in one batch, which lies at that offset if it was acknowledged.

        `outcome` is the batch's; in a transaction what was acknowledged shares the transaction's fate. `sources`: the
        values that they are copies of.
        """
        ended_ns = -1 if outcome is Outcome.INFO else self._recorder.now_ns()
        copied = [self._history.names.known("val", _text(source)) for source in sources]
        for seq, value in enumerate(values):
            cells = self._cells(partition, ended_ns) | {
                "seq": seq,
                "kind": Kind.SEND,
                "off": base_offset + seq if base_offset >= 0 else -1,
                "val": self._history.names.number("val", _text(value)),
                "source": copied[seq] if copied else -1,
            }
            self._add("records", cells, outcome, isolated=self._transaction is not None)

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
            cells = self._cells(partition, ended_ns) | {
                "seq": seq,
                "kind": Kind.POLL,
                "off": off,
                "val": self._history.names.known("val", _text(value)),
                "epoch": epoch,
            }
            self._add("records", cells, Outcome.OK, isolated=isolated)
        self._position(partition, PositionKind.AFTER_POLL, position, high_watermark, last_stable_offset)

    def committed(self, group: str, partition: str, off: int, outcome: Outcome) -> None:
        """It committed an offset of a group."""
        self._commit(CommitKind.COMMIT, group, partition, off, outcome)

    def fetched_commit(self, group: str, partition: str, off: int) -> None:
        """It was told which offset a group has committed; -1: none."""
        self._commit(CommitKind.FETCHED, group, partition, off, Outcome.OK)

    def _commit(self, kind: CommitKind, group: str, partition: str, off: int, outcome: Outcome) -> None:
        ended_ns = -1 if outcome is Outcome.INFO else self._recorder.now_ns()
        cells = self._cells(partition, ended_ns) | {
            "kind": kind,
            "grp": self._history.names.number("grp", group),
            "off": off,
        }
        del cells["asg"]
        self._add("commits", cells, outcome)

    def _add(self, table: str, cells: dict[str, int], outcome: Outcome, **more: int) -> None:
        if self._transaction is not None and outcome is not Outcome.FAIL:
            self._transaction.keep(table, cells | more)
        else:
            self._history.add(table, **cells, **more, txn=self.op, outcome=outcome)

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
