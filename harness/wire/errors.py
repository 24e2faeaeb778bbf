"""What can go wrong on a connection.

WireError
├── Unreachable        no connection could be made
├── ConnectionClosed   the broker closed it while an answer was owed
├── NoAnswer           the broker kept it open and did not answer in time
└── UnexpectedAnswer   bytes that answer nothing that was asked, or that do not decode

A case that expects one of these asks for it (`expect_closed`); anywhere else it is a violation, if the target lives.
"""

from __future__ import annotations

from kafka_conformance.harness.errors import HarnessError


class WireError(HarnessError):
    """The root of the tree."""


class Unreachable(WireError):
    """No connection could be made to host:port."""


class ConnectionClosed(WireError):
    """The broker closed the connection while an answer was owed, or before a request was sent."""


class NoAnswer(WireError):
    """The connection stayed open and the answer did not come in time."""


class UnexpectedAnswer(WireError):
    """Bytes that answer nothing that was asked, or that are not what was asked for."""
