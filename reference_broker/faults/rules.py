"""What can be done to a request, and to which."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from kafka_conformance.protocol.error_codes import ErrorCode


class Stage(Enum):
    """When a fault strikes."""

    BEFORE = "before"
    """The request is not carried out (a delay: not yet)."""
    AFTER = "after"
    """The request is carried out, and its answer suffers."""


class AnswerError(NamedTuple):
    """Answer with an error code, wherever the API's response has one."""

    error: ErrorCode
    stage: Stage = Stage.BEFORE


class Delay(NamedTuple):
    """Wait before the request is carried out, or before it is answered."""

    delay_ms: int
    stage: Stage = Stage.BEFORE


class Disconnect(NamedTuple):
    """Close the connection instead of answering."""

    stage: Stage = Stage.BEFORE


class NoAnswer(NamedTuple):
    """Never answer; what the client sends afterwards on that connection is not read either."""

    stage: Stage = Stage.BEFORE


class Hold(NamedTuple):
    """Wait until the fault is removed: markers of transactions can be held back, or the answer to a commit.

    A request that has been struck waits for `Fault.remove`, be it the last one that the rule strikes.
    """

    stage: Stage = Stage.BEFORE


Action = AnswerError | Delay | Disconnect | NoAnswer | Hold


class Rule(NamedTuple):
    """An action and the requests that it strikes. A selector that is None selects all.

    A request is struck as a whole if any part of it is selected: a Produce to ten partitions, if one of them is.
    """

    action: Action
    api_key: int | None = None
    topic: str | None = None
    partition: int | None = None
    group_id: str | None = None
    client_id: str | None = None
    connection_id: str | None = None
    node_id: int | None = None
    times: int | None = None
    """How many requests are struck; None for no limit."""
