"""The tables of a history. Every checker reads these columns, and no other.

All cells are integers, so that millions of rows are cheap; `Names` has the texts of processes, partitions, values,
groups and keys. -1 is unknown or does not apply: no cell is null. Times are nanoseconds of one clock.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class Column(NamedTuple):
    """One column: its name, what it means, and the value of a row that does not say (None: a row must say it)."""

    name: str
    sentence: str
    default: int | None = -1
    names: str = ""
    """The kind of name that its number stands for; empty: the number is meant."""


class Kind(IntEnum):
    """Of a row of `records`."""

    SEND = 0
    POLL = 1


class PositionKind(IntEnum):
    """Of a row of `positions`."""

    START = 0
    AFTER_POLL = 1


class CommitKind(IntEnum):
    """Of a row of `commits`."""

    COMMIT = 0
    FETCHED = 1


class AmountKind(IntEnum):
    """Of a row of `amounts`: what a record adds to an account, or what it says of all that was added."""

    ADDED = 0
    MINIMUM = 1
    SUM = 2
    MAXIMUM = 3
    COUNT = 4


class Outcome(IntEnum):
    """What is known of an operation: it happened, nobody knows, it did not happen."""

    OK = 0
    INFO = 1
    FAIL = 2


_OP = Column("op", "number of the operation, in the order in which they began", None)
_PROC = Column(
    "proc", "the client, a new one after each restart; what it does, it does one after the other", None, "proc"
)
_ASG = Column(
    "asg", "which assignment of the client: one more after assign, seek, or a rebalance that took the partition", 0
)
_TP = Column("tp", "the partition", None, "tp")
_BEGAN = Column("began_ns", "when the operation was called")
_ENDED = Column("ended_ns", "when it returned; -1: it never did")
_TXN = Column("txn", "the transaction, numbered by its first operation; an operation outside of one is its own", None)

RECORDS = (
    _OP,
    Column("seq", "place within the operation", 0),
    Column("kind", "0 send, 1 poll", None),
    _PROC,
    _ASG,
    _TP,
    Column("off", "the offset"),
    Column("val", "the value, unique for each send; -1: nobody is known to have sent it", -1, "val"),
    Column("outcome", "0 ok, 1 info (nobody knows), 2 fail; in a transaction, the transaction's", None),
    _TXN,
    Column("isolated", "1: sent in a transaction, or polled at read_committed", 0),
    Column("compacted_key", "the key where the topic is compacted; -1 where it keeps every record", -1, "key"),
    Column("source", "of a send: the value that it was made of", -1, "val"),
    Column("epoch", "the leader epoch of the batch, as polled"),
    _BEGAN,
    _ENDED,
)
POSITIONS = (
    _OP,
    Column("kind", "0 where an assignment begins, 1 after a poll", None),
    _PROC,
    _ASG,
    _TP,
    Column("off", "the position: the offset that is read next", None),
    Column("hw", "the high watermark that the poll was told"),
    Column("lso", "the last stable offset that the poll was told"),
    _BEGAN,
    _ENDED,
)
COMMITS = (
    _OP,
    Column("kind", "0 a commit, 1 what a fetch of the committed offset answered", None),
    _PROC,
    Column("grp", "the group", None, "grp"),
    _TP,
    Column("off", "the offset; -1: none was committed", None),
    Column("outcome", "0 ok, 1 info (nobody knows), 2 fail; in a transaction, the transaction's", None),
    _TXN,
    _BEGAN,
    _ENDED,
)
AMOUNTS = (
    _OP,
    Column("kind", "0 what the value adds; 1 the minimum, 2 the sum, 3 the maximum, 4 the count that it reports", None),
    Column("val", "the value that was sent", None, "val"),
    Column("account", "to what it adds, or of what it reports", None, "account"),
    Column("amount", "how much", None),
    Column("source", "of a report: the last value that is in it", -1, "val"),
)

TABLES = {"records": RECORDS, "positions": POSITIONS, "commits": COMMITS, "amounts": AMOUNTS}
"""Name -> columns, in the order of the columns of a row."""


def column_names(table: str) -> tuple[str, ...]:
    """The names of its columns."""
    return tuple(column.name for column in TABLES[table])
