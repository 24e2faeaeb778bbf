"""A connection as cases use it: blocking, with the version chosen as clients choose it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, Generic, TypeVar

from kafka_conformance.harness.blocking import Blocking
from kafka_conformance.harness.subject.topic_names import highest_for
from kafka_conformance.harness.violation import NotApplicable
from kafka_conformance.harness.wire.connection import ANSWER_WITHIN_S, Pending, WireConnection
from kafka_conformance.harness.wire.errors import WireError
from kafka_conformance.harness.wire.history import Exchange
from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.layout import Message, VersionRange
from kafka_conformance.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse

A = TypeVar("A")
Versions = Mapping[int, VersionRange]


class Answer(Generic[A]):
    """A handle of a request in flight."""

    def __init__(self, blocking: Blocking, pending: Pending[A]) -> None:
        self._blocking = blocking
        self._pending = pending

    def result(self, within_s: float | None = None) -> A:
        """Waits for the answer. Raises ConnectionClosed, NoAnswer, UnexpectedAnswer."""
        return self._blocking.run(self._pending.answer(within_s))

    @property
    def done(self) -> bool:
        """Whether it has come, as far as was read yet."""
        return self._pending.done

    @property
    def exchange(self) -> Exchange:
        """The frames, when they went and came, and `arrival`, the answer's place on its connection."""
        return self._pending.exchange


class Connection:
    """One connection to one broker. A context manager that closes it."""

    def __init__(self, blocking: Blocking, wire: WireConnection, versions: Callable[[], Versions] | None) -> None:
        self._blocking = blocking
        self._known_versions = versions
        self.wire = wire

    # versions

    @property
    def versions(self) -> Versions:
        """What the brokers advertise for each API key: of the cluster, or asked here where nobody knows yet."""
        if self._known_versions is not None:
            return self._known_versions()
        return advertised(self.send(ApiVersionsRequest(), version=0))

    def version_of(self, message: Message) -> int:
        """The highest version that both sides have, and that can say what the message says.

        Raises NotApplicable where they have none.
        """
        ours, theirs = type(message).valid_versions, self.versions.get(message.api_key)
        if theirs is None or ours.first > theirs.last or theirs.first > ours.last:
            raise NotApplicable(f"the target offers {theirs or 'no version'} of {ApiKey(message.api_key).name}")
        return max(highest_for(message, min(ours.last, theirs.last)), ours.first, theirs.first)

    # requests

    def send(self, message: Message, version: int | None = None, *, within_s: float = ANSWER_WITHIN_S) -> Any:
        """Sends a request, by default in the highest common version, and returns the answer's message."""
        return self.start(message, version, within_s=within_s).result()

    def start(self, message: Message, version: int | None = None, *, within_s: float = ANSWER_WITHIN_S) -> Answer[Any]:
        """Sends a request and returns at once: pipelining, long polls, joins that wait for one another."""
        chosen = self.version_of(message) if version is None else version
        return Answer(self._blocking, self.wire.send(message, chosen, within_s=within_s))

    def send_unanswered(self, message: Message, version: int | None = None) -> None:
        """Sends a request to which no answer is owed (acks=0)."""
        self.wire.write(self.encode(message, version))

    def send_frame(self, frame: bytes, *, within_s: float = ANSWER_WITHIN_S) -> bytes:
        """Sends a frame (with its size) as it is and returns the answering frame without its size."""
        return self.start_frame(frame, within_s=within_s).result()

    def start_frame(self, frame: bytes, *, within_s: float = ANSWER_WITHIN_S) -> Answer[bytes]:
        """The same without waiting."""
        return Answer(self._blocking, self.wire.send_frame(bytes(frame), within_s=within_s))

    def expect_answer(self, frame: bytes, *, within_s: float = ANSWER_WITHIN_S) -> Answer[bytes]:
        """The handle of an answer to a frame that `write` is going to send, in pieces or with others at once."""
        return Answer(self._blocking, self.wire.expect_answer(bytes(frame), within_s=within_s))

    def encode(self, message: Message, version: int | None = None) -> bytes:
        """The frame that `send` would send, with a correlation id of its own: change it, then `send_frame`."""
        return self.wire.encode(message, self.version_of(message) if version is None else version)

    def write(self, data: bytes) -> None:
        """Sends bytes, whole frames or not, for which no answer is expected."""
        self.wire.write(data)

    def write_eof(self) -> None:
        """Half-closes the connection."""
        self.wire.write_eof()

    # its end

    def is_closed(self, within_s: float = 5.0) -> bool:
        """Whether the broker closes it within so many seconds; returns as soon as it did."""
        return self._blocking.run(self.wire.closed_within(within_s))

    def is_usable(self, within_s: float = ANSWER_WITHIN_S) -> bool:
        """Whether a request on it is still answered."""
        try:
            self.send(ApiVersionsRequest(), version=0, within_s=within_s)
        except WireError:
            return False
        return True

    def close(self) -> None:
        """Closes it from our side."""
        self._blocking.run(self.wire.close())

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def advertised(answer: ApiVersionsResponse) -> dict[int, VersionRange]:
    """The ranges of an ApiVersions answer by API key."""
    return {entry.api_key: VersionRange(entry.min_version, entry.max_version) for entry in answer.api_keys}


def results(answers: Iterable[Answer[A]], within_s: float | None = None) -> list[A]:
    """All answers, in the order of the handles; each is waited for in turn, all of them travel at the same time."""
    return [answer.result(within_s) for answer in answers]
