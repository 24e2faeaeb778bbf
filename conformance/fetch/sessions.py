"""A fetch session (KIP-227) as a client keeps it: id, epoch, and how it ends."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import TracebackType
from typing import Any

from kafka_conformance.conformance.fetch.several_partitions import Answered, by_partition
from kafka_conformance.harness.cases import NotApplicable
from kafka_conformance.harness.subject.connection import Connection
from kafka_conformance.harness.subject.partition_requests import NamedTopic, fetch_request
from kafka_conformance.protocol.messages.fetch import FetchRequest, FetchResponse, ForgottenTopic

NO_SESSION = 0
INITIAL_EPOCH = 0
FINAL_EPOCH = -1


class FetchSession:
    """Opened by its first fetch. A broker need not give one, for it keeps a bounded number: then nothing is judged."""

    def __init__(self, connection: Connection, topic: NamedTopic, offsets: Mapping[int, int]) -> None:
        self.connection = connection
        self.topic = topic
        self.first: FetchResponse = connection.send(self.request(offsets, NO_SESSION, INITIAL_EPOCH))
        self.id: int = self.first.session_id
        self.epoch = INITIAL_EPOCH + 1
        if self.id == NO_SESSION:
            raise NotApplicable("the broker had no room for a fetch session")

    def fetch(self, offsets: Mapping[int, int] | None = None, *, forgotten: Collection[int] = ()) -> Answered:
        """The session's next request, with new and changed partitions only; the partitions of the answer."""
        answer = self.send(offsets, forgotten=forgotten, epoch=self.epoch)
        self.epoch += 1
        return by_partition(answer)

    def send(
        self, offsets: Mapping[int, int] | None = None, *, epoch: int, forgotten: Collection[int] = ()
    ) -> FetchResponse:
        """A request of this session with any epoch; the epoch of the next one stays."""
        request = self.request(offsets or {}, self.id, epoch)
        if forgotten:
            request.forgotten_topics_data = [
                ForgottenTopic(topic=self.topic.name, topic_id=self.topic.id, partitions=list(forgotten))
            ]
        answer: FetchResponse = self.connection.send(request)
        return answer

    def request(self, offsets: Mapping[int, int], session_id: int, epoch: int, **fields: Any) -> FetchRequest:
        """A Fetch that does not wait."""
        return fetch_request(self.topic, offsets, session_id=session_id, session_epoch=epoch, **fields)

    def close(self) -> None:
        """Gives the broker's place for it back."""
        self.send(epoch=FINAL_EPOCH)

    def __enter__(self) -> FetchSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()

    def __repr__(self) -> str:
        return f"fetch session {self.id}"
