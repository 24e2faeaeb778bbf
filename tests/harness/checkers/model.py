"""A small model of a Kafka: what clients do to it is a script of numbers, what they did and saw is a history.

Without a defect every history is legal, whatever the script; each defect is one thing that the model does wrongly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count

from hypothesis import strategies as st

from kafka_conformance.harness.histories.history import Fault, History
from kafka_conformance.harness.histories.schema import AmountKind, CommitKind, Kind, Outcome, PositionKind

Step = tuple[int, int, int]

PLAIN, COPIES, COMPACTED = (0, 1), 2, 3
"""The partitions: two that producers write, one for what is made of them, one that is compacted."""

DEFECTS = (
    "aborted_commit",
    "aborted_read",
    "circular_reads",
    "commit_beyond_position",
    "conservation",
    "copied_wrongly",
    "duplicate",
    "epoch_regression",
    "inconsistent_offsets",
    "int_nonmonotonic_poll",
    "int_nonmonotonic_send",
    "int_poll_skip",
    "latest_value",
    "lost_commit",
    "lost_write",
    "nonmonotonic_poll",
    "nonmonotonic_send",
    "poll_skip",
    "precommitted_read",
    "torn_transaction",
    "unassigned_read",
    "unsent_read",
    "wrong_aggregate",
)
"""Named by the check that must find it."""


def scripts(*, min_size: int = 40, max_size: int = 90) -> st.SearchStrategy[list[Step]]:
    """What clients do, step by step."""
    number = st.integers(0, 7)
    return st.lists(st.tuples(st.integers(0, 11), number, number), min_size=min_size, max_size=max_size)


@dataclass
class Entry:
    """What lies at an offset. A marker has a value of None; a value of -1 came from nobody."""

    val: int | None
    state: str = "committed"
    key: int = -1
    amount: int = 0
    epoch: int = 0
    owner: int = -1


@dataclass
class Reader:
    """A client that reads, perhaps in transactions."""

    proc: int
    isolated: int
    asg: int = 0
    positions: dict[int, int] = field(default_factory=dict)
    txn: int = -1
    began_at: dict[int, int] = field(default_factory=dict)
    rows: list[dict[str, int]] = field(default_factory=list)
    commits: list[dict[str, int]] = field(default_factory=list)
    sent: list[Entry] = field(default_factory=list)


class Model:
    """Four partitions, two producers, two copiers with transactions, two readers."""

    def __init__(self, defect: str = "") -> None:
        self.history = History(faults=[Fault("kill", "node 1", 3_000_000, 5_000_000)])
        self.defect = defect
        self.logs: list[list[Entry]] = [[], [], [], []]
        self.epoch = 0
        self.committed = -1
        self._ops, self._times, self._values = count(), count(0, 1_000_000), count()
        self._rows: list[dict[str, int]] = []
        self.readers = [Reader(2, 1), Reader(3, 1), Reader(4, 1), Reader(5, 0)]
        for reader in self.readers:
            self.assign(reader, dict.fromkeys((*PLAIN,) if reader.proc < 4 else range(4), 0))

    def play(self, script: Iterable[Step]) -> History:
        """All steps, then whatever is open ends in a way that nobody knows, and everything is read."""
        for action, a, b in script:
            self.step(action, a, b)
        for copier in self.readers[:2]:
            self.end(copier, Outcome.INFO, applied=True)
        for reader in self.readers[2:]:
            for tp in range(4):
                self.poll(reader, tp, 1000, 0)
        for row in self._rows:
            self.history.add("records", **row)
        return self.history

    def step(self, action: int, a: int, b: int) -> None:
        """One thing that one client does."""
        copier, reader = self.readers[a % 2], self.readers[2 + a % 2]
        match action:
            case 0 | 1 | 2:
                self.send(a % 2, PLAIN[b % 2], 1 + a // 4, b // 4)
            case 3:
                self.send_keyed(a % 2, b % 3)
            case 4 | 5:
                self.copy(copier, PLAIN[a % 2], 1 + b // 2)
            case 6:
                self.end(copier, (Outcome.OK, Outcome.OK, Outcome.FAIL, Outcome.INFO)[b % 4], applied=b < 4)
            case 7 | 8 | 9:
                self.poll(reader, b % 4, 1 + a // 2, a)
            case 10:
                self.epoch += 1
                self.fetch_commit(a)
            case _:
                self.assign(reader, {tp: b % (len(self.logs[tp]) + 1) for tp in range(4)})

    # writing

    def send(self, proc: int, tp: int, many: int, fate: int) -> None:
        """A batch of an idempotent producer; with fate 1 its acknowledgement is lost."""
        op, began_ns = next(self._ops), next(self._times)
        entries = [Entry(val := self.value(), amount=val % 7 - 2) for _ in range(many)]
        for entry in entries:
            self.amount(op, AmountKind.ADDED, entry, tp, entry.amount)
        for entry in entries if self.defect != "int_nonmonotonic_send" else reversed(entries):
            self.append(tp, entry)
        if self.defect == "lost_write":
            self.logs[tp][-1] = Entry(None)
        if self.defect == "unsent_read":
            self.append(tp, Entry(-1))
        if self.defect == "duplicate":
            self.append(tp, Entry(entries[-1].val))
        offsets = [self.offset_of(tp, entry, many - n) for n, entry in enumerate(entries)]
        ended_ns = next(self._times)
        for seq, (entry, off) in enumerate(zip(entries, offsets, strict=True)):
            self.row(
                op,
                seq,
                Kind.SEND,
                proc,
                0,
                tp,
                -1 if fate else off,
                entry,
                fate,
                op,
                0,
                began_ns=began_ns,
                ended_ns=-1 if fate else ended_ns,
            )

    def offset_of(self, tp: int, entry: Entry, from_end: int) -> int:
        """What the producer is told."""
        log = self.logs[tp]
        off = log.index(entry) if entry in log else len(log) - from_end
        if self.defect in ("inconsistent_offsets", "nonmonotonic_send"):
            return max(0, off - 1)
        return off

    def send_keyed(self, proc: int, key: int) -> None:
        """A record to the compacted partition; an earlier one of its key goes sooner or later."""
        op, began_ns = next(self._ops), next(self._times)
        log, entry = self.logs[COMPACTED], Entry(self.value(), key=key)
        self.append(COMPACTED, entry)
        for off, earlier in enumerate(log[:-1]):
            if earlier.key == key and (off + len(log)) % 2:
                log[off] = Entry(None)
        if self.defect == "latest_value":
            log[-1] = Entry(None)
        off = len(log) - 1
        self.row(
            op, 0, Kind.SEND, proc, 0, COMPACTED, off, entry, 0, op, 0, began_ns=began_ns, ended_ns=next(self._times)
        )

    def append(self, tp: int, entry: Entry) -> int:
        """At the end of the log, in the leader's epoch."""
        entry.epoch = self.epoch if self.defect != "epoch_regression" else 7 - self.epoch
        self.logs[tp].append(entry)
        return len(self.logs[tp]) - 1

    # transactions

    def copy(self, copier: Reader, tp: int, many: int) -> None:
        """Polls, sends what it makes of it and commits its position, in a transaction that goes on until it ends."""
        op, began_ns = next(self._ops), next(self._times)
        if copier.txn < 0:
            copier.txn, copier.began_at = op, dict(copier.positions)
        seen = self.take(copier, tp, many)
        for seq, (off, entry) in enumerate(seen):
            copier.rows.append(
                self.row(
                    op, seq, Kind.POLL, copier.proc, copier.asg, tp, off, entry, 1, copier.txn, 1, began_ns=began_ns
                )
            )
        self.position(op, copier, tp, began_ns)
        made = [entry for _, entry in seen]
        if self.defect == "copied_wrongly" and made:
            made = made[1:] if op % 2 else [*made, made[0]]
        op = next(self._ops)
        offsets = {entry.val: off for off, entry in seen}
        for seq, entry in enumerate(made):
            copy = Entry(self.value(), "open", owner=copier.proc)
            copier.sent.append(copy)
            self.report(op, copy, tp, offsets[entry.val])
            self.transfer(op, copy, (5, -5)[seq % 2] if seq + len(made) % 2 < len(made) else 0)
            to = self.copies_go_to(tp, seq)
            off = self.append(to, copy)
            copier.rows.append(
                self.row(
                    op,
                    seq,
                    Kind.SEND,
                    copier.proc,
                    0,
                    to,
                    off,
                    copy,
                    1,
                    copier.txn,
                    1,
                    began_ns=began_ns,
                    source=entry.val if entry.val is not None else -1,
                )
            )
        beyond = 3 if self.defect == "commit_beyond_position" else 0
        copier.commits.append(self.commit(copier, tp, copier.positions[tp] + beyond))

    def report(self, op: int, copy: Entry, tp: int, up_to: int) -> None:
        """The copy also says the minimum, sum, maximum or count of what its partition added up to its source."""
        log = self.logs[tp][: up_to + 1]
        added = [entry.amount for entry in log if entry.owner < 0 and entry.val is not None and entry.val >= 0]
        if self.defect == "wrong_aggregate":
            added = [*added, *added[-1:], 9]
        kind, source = AmountKind(1 + op % 4), log[up_to].val
        what = {
            AmountKind.MINIMUM: min,
            AmountKind.SUM: sum,
            AmountKind.MAXIMUM: max,
            AmountKind.COUNT: len,
        }[kind]
        if added and source is not None and source >= 0:
            self.amount(op, kind, copy, tp, what(added), source)

    def transfer(self, op: int, copy: Entry, amount: int) -> None:
        """What one transaction adds to some accounts it takes from others; one that is defect adds it twice."""
        self.amount(op, AmountKind.ADDED, copy, 10 + (amount > 0), amount)
        if self.defect == "conservation" and amount > 0:
            self.append(COPIES, copy)

    def amount(self, op: int, kind: AmountKind, entry: Entry, account: int, amount: int, source: int = -1) -> None:
        """One row of amounts."""
        assert entry.val is not None
        self.history.add("amounts", op=op, kind=kind, val=entry.val, account=account, amount=amount, source=source)

    def copies_go_to(self, tp: int, seq: int) -> int:
        """The partition for what was made of records of `tp`; some defects show only where transactions meet."""
        by_defect = {
            "circular_reads": 1 - tp,
            "precommitted_read": tp,
            "torn_transaction": 1 - tp if seq % 2 else COPIES,
        }
        return by_defect.get(self.defect, COPIES)

    def end(self, copier: Reader, outcome: Outcome, *, applied: bool) -> None:
        """The transaction ends; of one whose outcome nobody knows, `applied` says what became of it."""
        if copier.txn < 0:
            return
        commits = outcome is Outcome.OK or (outcome is Outcome.INFO and applied)
        for number, entry in enumerate(copier.sent):
            torn = self.defect == "torn_transaction" and number % 2
            entry.state = "committed" if commits and not torn else "aborted"
        for to in sorted({row["tp"] for row in copier.rows if row["kind"] == Kind.SEND}):
            self.append(to, Entry(None))
        ended_ns = next(self._times)
        for row in copier.rows:
            row |= {"outcome": outcome, "ended_ns": ended_ns}
        for commit in copier.commits:
            self.history.add("commits", **commit | {"outcome": outcome, "ended_ns": ended_ns if outcome < 1 else -1})
            if commits and commit["tp"] == 0:
                self.committed = commit["off"]
        if self.defect == "aborted_commit" and not commits and outcome is Outcome.FAIL:
            self.committed = next((commit["off"] for commit in copier.commits if commit["tp"] == 0), self.committed)
        if not commits:
            copier.asg += 1
            self.assign(copier, copier.began_at)
        copier.txn, copier.rows, copier.commits, copier.sent = -1, [], [], []

    def commit(self, copier: Reader, tp: int, off: int) -> dict[str, int]:
        """What it commits; its outcome is the transaction's."""
        op, now_ns = next(self._ops), next(self._times)
        return {
            "op": op,
            "kind": CommitKind.COMMIT,
            "proc": copier.proc,
            "grp": copier.proc,
            "tp": tp,
            "off": off,
            "txn": copier.txn,
            "began_ns": now_ns,
        }

    def fetch_commit(self, a: int) -> None:
        """Somebody asks for the offset that the group of the first copier committed."""
        if any(copier.txn >= 0 for copier in self.readers[:1]):
            return
        op, now_ns = next(self._ops), next(self._times)
        off = self.committed if self.defect != "lost_commit" else -1
        self.history.add(
            "commits",
            op=op,
            kind=CommitKind.FETCHED,
            proc=6,
            grp=2,
            tp=0,
            off=off,
            outcome=0,
            txn=op,
            began_ns=now_ns,
            ended_ns=next(self._times),
        )

    # reading

    def poll(self, reader: Reader, tp: int, many: int, a: int) -> None:
        """A poll of a reader, outside of any transaction."""
        op, began_ns = next(self._ops), next(self._times)
        if self.defect == "nonmonotonic_poll" and a % 4 == 3:
            reader.positions[tp] = max(0, reader.positions[tp] - 2)
        seen = self.take(reader, tp, many)
        if self.defect == "poll_skip" and a % 4 == 3:
            seen = seen[1:]
        if self.defect == "int_poll_skip" and a % 4 == 3:
            del seen[1:2]
        if self.defect == "int_nonmonotonic_poll" and a % 4 == 3:
            seen = [*seen, *seen[:1]]
        asg = reader.asg + 100 * (self.defect == "unassigned_read")
        ended_ns = next(self._times)
        for seq, (off, entry) in enumerate(seen):
            self.row(
                op,
                seq,
                Kind.POLL,
                reader.proc,
                asg,
                tp,
                off,
                entry,
                0,
                op,
                reader.isolated,
                began_ns=began_ns,
                ended_ns=ended_ns,
            )
        self.position(op, reader, tp, began_ns)

    def take(self, reader: Reader, tp: int, many: int) -> list[tuple[int, Entry]]:
        """The next records that it may see; its position goes behind them."""
        log, seen = self.logs[tp], []
        off = reader.positions[tp]
        while off < len(log) and len(seen) < many:
            entry = log[off]
            if entry.state == "open" and reader.isolated and not self.shows_open(entry, reader):
                break
            if self.shows(entry, reader):
                seen.append((off, entry))
            off += 1
        reader.positions[tp] = off
        return seen

    def shows(self, entry: Entry, reader: Reader) -> bool:
        """Whether a record is given to that reader."""
        if entry.val is None:
            return False
        return entry.state != "aborted" or not reader.isolated or self.defect == "aborted_read"

    def shows_open(self, entry: Entry, reader: Reader) -> bool:
        """Whether a record of an open transaction is given to a reader at read_committed: never."""
        own = entry.owner == reader.proc
        return (self.defect == "precommitted_read" and own) or (self.defect == "circular_reads" and not own)

    def assign(self, reader: Reader, positions: dict[int, int]) -> None:
        """Reads from there, in a new assignment."""
        reader.asg += 1
        reader.positions = dict(positions)
        op, now_ns = next(self._ops), next(self._times)
        for tp, off in positions.items():
            self.history.add(
                "positions",
                op=op,
                kind=PositionKind.START,
                proc=reader.proc,
                asg=reader.asg,
                tp=tp,
                off=off,
                began_ns=now_ns,
                ended_ns=now_ns,
            )

    def position(self, op: int, reader: Reader, tp: int, began_ns: int) -> None:
        """Where a poll left it."""
        self.history.add(
            "positions",
            op=op,
            kind=PositionKind.AFTER_POLL,
            proc=reader.proc,
            asg=reader.asg,
            tp=tp,
            off=reader.positions[tp],
            hw=len(self.logs[tp]),
            began_ns=began_ns,
            ended_ns=next(self._times),
        )

    def value(self) -> int:
        """One that nobody sent yet."""
        return next(self._values)

    def row(
        self,
        op: int,
        seq: int,
        kind: Kind,
        proc: int,
        asg: int,
        tp: int,
        off: int,
        entry: Entry,
        outcome: int,
        txn: int,
        isolated: int,
        **more: int,
    ) -> dict[str, int]:
        """One row of records; the caller may still change it."""
        val = entry.val if entry.val is not None else -1
        row = {
            "op": op,
            "seq": seq,
            "kind": kind,
            "proc": proc,
            "asg": asg,
            "tp": tp,
            "off": off,
            "val": val,
            "outcome": outcome,
            "txn": txn,
            "isolated": isolated,
            "compacted_key": entry.key,
            "epoch": entry.epoch if kind is Kind.POLL else -1,
            **more,
        }
        self._rows.append(row)
        return row


def played(script: Sequence[Step], defect: str = "") -> History:
    """The history of a script."""
    return Model(defect).play(script)
