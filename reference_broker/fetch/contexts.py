"""How one Fetch request reads: with a session or without, and how its answer is put together.

Source: KIP-227; org.apache.kafka.server.{FetchManager, FetchContext}. Observed on 4.3.1: after an epoch that is not the
next one the answer has session id 0, yet the session lives on; (id, 0) gives a new id; (id, -1) closes the session.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.fetch import FetchableTopicResponse, FetchResponse, PartitionData
from kafka_conformance.protocol.primitives import Uuid
from kafka_conformance.reference_broker.fetch.cache import FetchSessionCache
from kafka_conformance.reference_broker.fetch.session import (
    FINAL_EPOCH,
    INITIAL_EPOCH,
    INVALID_SESSION_ID,
    FetchSession,
    FetchTarget,
)


class PartitionAnswer(NamedTuple):
    """What was read of one partition; `size` is the number of bytes of its records."""

    target: FetchTarget
    data: PartitionData
    size: int = 0


class SessionRequest(NamedTuple):
    """What a Fetch request says about its session."""

    session_id: int
    epoch: int
    uses_topic_ids: bool
    """Fetch v13 and later."""
    from_follower: bool
    targets: list[FetchTarget]
    forgotten: list[tuple[Any, int]]

    @property
    def is_full(self) -> bool:
        """Whether it names all partitions that it wants."""
        return self.epoch in (INITIAL_EPOCH, FINAL_EPOCH)


class FetchContext:
    """A request without a session: it reads what it names, and is told everything."""

    def __init__(self, targets: Iterable[FetchTarget]) -> None:
        self._targets = list(targets)

    def targets(self) -> list[FetchTarget]:
        """What is to be read, in order."""
        return self._targets

    def respond(self, answers: list[PartitionAnswer], now_ms: int) -> FetchResponse:
        """Put the answer together."""
        return FetchResponse(session_id=INVALID_SESSION_ID, responses=by_topic(answers))


class SessionErrorContext(FetchContext):
    """A request whose session is not there or not at that point."""

    def __init__(self, error: ErrorCode) -> None:
        super().__init__(())
        self._error = error

    def respond(self, answers: list[PartitionAnswer], now_ms: int) -> FetchResponse:
        """Say what is wrong with the session."""
        return FetchResponse(error_code=self._error, session_id=INVALID_SESSION_ID)


class FullFetchContext(FetchContext):
    """A request that wants a session to be made."""

    def __init__(self, request: SessionRequest, cache: FetchSessionCache) -> None:
        super().__init__(request.targets)
        self._request = request
        self._cache = cache

    def respond(self, answers: list[PartitionAnswer], now_ms: int) -> FetchResponse:
        """Tell everything; make a session if there is room, and remember what was told."""
        session = self._cache.create(
            len(answers),
            uses_topic_ids=self._request.uses_topic_ids,
            privileged=self._request.from_follower,
            now_ms=now_ms,
        )
        if session is not None:
            for answer in answers:
                session.remember(answer.target, answer.data)
        session_id = INVALID_SESSION_ID if session is None else session.id
        return FetchResponse(session_id=session_id, responses=by_topic(answers))


class IncrementalFetchContext(FetchContext):
    """A further request of a session: only news are told."""

    def __init__(self, session: FetchSession, topic_names: Mapping[Uuid, str]) -> None:
        super().__init__(session.targets(topic_names))
        self._session = session
        self._epoch = session.epoch

    def respond(self, answers: list[PartitionAnswer], now_ms: int) -> FetchResponse:
        """Tell what the client has not heard yet."""
        session = self._session
        if session.epoch != self._epoch:  # another request of this session was accepted meanwhile
            return FetchResponse(error_code=ErrorCode.INVALID_FETCH_SESSION_EPOCH, session_id=session.id)
        news = [answer for answer in answers if session.include(answer.target, answer.data, answer.size)]
        return FetchResponse(session_id=session.id, responses=by_topic(news))


class FetchContexts:
    """Finds the context of each Fetch request of one broker."""

    def __init__(self, cache: FetchSessionCache) -> None:
        self.cache = cache

    def context_of(self, request: SessionRequest, topic_names: Mapping[Uuid, str], now_ms: int) -> FetchContext:
        """Open, continue or close a session, as the request wants."""
        if request.is_full:
            self.cache.remove(request.session_id)
            if request.epoch == FINAL_EPOCH:
                return FetchContext(request.targets)
            return FullFetchContext(request, self.cache)
        session = self.cache.get(request.session_id)
        error = self.check_session(session, request)
        if session is None or error is not ErrorCode.NONE:
            return SessionErrorContext(error)
        session.update(request.targets, request.forgotten)
        if not session.partitions:
            self.cache.remove(session.id)
            return FetchContext(request.targets)
        session.advance(now_ms)
        return IncrementalFetchContext(session, topic_names)

    def check_session(self, session: FetchSession | None, request: SessionRequest) -> ErrorCode:
        """Whether the request continues its session."""
        if session is None:
            return ErrorCode.FETCH_SESSION_ID_NOT_FOUND
        if not session.accepts_epoch(request.epoch):
            return ErrorCode.INVALID_FETCH_SESSION_EPOCH
        if session.uses_topic_ids != request.uses_topic_ids:
            return ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR
        return ErrorCode.NONE


def by_topic(answers: list[PartitionAnswer]) -> list[FetchableTopicResponse]:
    """Group answers under their topics; only neighbours are joined, to keep the order (FetchResponse.toMessage)."""
    topics: list[FetchableTopicResponse] = []
    last: tuple[str | None, Uuid] | None = None
    for target, data, _ in answers:
        if (target.topic, target.topic_id) != last:
            last = (target.topic, target.topic_id)
            topics.append(FetchableTopicResponse(topic=target.topic or "", topic_id=target.topic_id))
        topics[-1].partitions.append(data)
    return topics
