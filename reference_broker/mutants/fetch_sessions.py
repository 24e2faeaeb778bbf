"""Defects of fetch sessions (KIP-227)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from typing_extensions import override

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.fetch import PartitionData
from kafka_conformance.protocol.primitives import Uuid
from kafka_conformance.reference_broker.fetch.contexts import (
    FetchContext,
    FetchContexts,
    FullFetchContext,
    SessionRequest,
)
from kafka_conformance.reference_broker.fetch.session import (
    FINAL_EPOCH,
    INITIAL_EPOCH,
    CachedPartition,
    FetchSession,
    FetchTarget,
)
from kafka_conformance.reference_broker.mutants.registry import mutant


@mutant("fetch/sessions/begin-with-one-partition", violates="fetch/sessions/first-answer-is-full")
class BeginWithOnePartition(FetchContexts):
    """The first answer of a session is about the first partition only."""

    @override
    def context_of(self, request: SessionRequest, topic_names: Mapping[Uuid, str], now_ms: int) -> FetchContext:
        if request.epoch == INITIAL_EPOCH:
            request = request._replace(targets=request.targets[:1])
        return super().context_of(request, topic_names, now_ms)


@mutant("fetch/sessions/tell-everything", violates="fetch/sessions/news-only")
class TellEverything(FetchSession):
    """Every answer names all partitions of the session."""

    @override
    def has_news(self, cached: CachedPartition, data: PartitionData, size: int) -> bool:
        return True


@mutant("fetch/sessions/records-are-no-news", violates="fetch/sessions/new-data-is-told")
class RecordsAreNoNews(FetchSession):
    """A partition that has got records is left out."""

    @override
    def has_news(self, cached: CachedPartition, data: PartitionData, size: int) -> bool:
        return size == 0 and super().has_news(cached, data, size)


@mutant("fetch/sessions/tell-records-once", violates="fetch/sessions/unread-data-is-told-again")
class TellRecordsOnce(FetchSession):
    """Records are told once, even if the reader asks for them again."""

    @override
    def has_news(self, cached: CachedPartition, data: PartitionData, size: int) -> bool:
        return super().has_news(cached, data, 0)


@mutant("fetch/sessions/start-is-no-news", violates="fetch/sessions/log-start-is-news")
class StartIsNoNews(FetchSession):
    """That records were deleted is not told."""

    @override
    def has_news(self, cached: CachedPartition, data: PartitionData, size: int) -> bool:
        cached.log_start_offset = data.log_start_offset
        return super().has_news(cached, data, size)


@mutant("fetch/sessions/errors-are-no-news", violates="fetch/sessions/errors-are-told-each-time")
class ErrorsAreNoNews(FetchSession):
    """A partition with an error is left out."""

    @override
    def has_news(self, cached: CachedPartition, data: PartitionData, size: int) -> bool:
        return data.error_code == ErrorCode.NONE and super().has_news(cached, data, size)


@mutant("fetch/sessions/take-no-more-partitions", violates="fetch/sessions/partitions-can-be-added")
class TakeNoMorePartitions(FetchSession):
    """A session keeps to the partitions that it began with."""

    @override
    def update(self, targets: Iterable[FetchTarget], forgotten: Iterable[tuple[Any, int]]) -> None:
        super().update([target for target in targets if target.key in self.partitions], forgotten)


@mutant("fetch/sessions/forget-nothing", violates="fetch/sessions/partitions-can-be-forgotten")
class ForgetNothing(FetchSession):
    """A forgotten partition stays in the session."""

    @override
    def update(self, targets: Iterable[FetchTarget], forgotten: Iterable[tuple[Any, int]]) -> None:
        super().update(targets, ())


@mutant("fetch/sessions/unknown-id-is-a-wrong-epoch", violates="fetch/sessions/unknown-id")
class UnknownIdIsAWrongEpoch(FetchContexts):
    """A session that is not there is answered like one whose epoch is wrong."""

    @override
    def check_session(self, session: FetchSession | None, request: SessionRequest) -> ErrorCode:
        if session is None:
            return ErrorCode.INVALID_FETCH_SESSION_EPOCH
        return super().check_session(session, request)


@mutant("fetch/sessions/take-any-epoch", violates="fetch/sessions/wrong-epoch")
class TakeAnyEpoch(FetchSession):
    """A request that is not the next one of its session is answered all the same."""

    @override
    def accepts_epoch(self, epoch: int) -> bool:
        return True


@mutant("fetch/sessions/stay-open", violates="fetch/sessions/final-epoch-closes")
class StayOpen(FetchContexts):
    """The final epoch is answered, but the session stays."""

    @override
    def context_of(self, request: SessionRequest, topic_names: Mapping[Uuid, str], now_ms: int) -> FetchContext:
        if request.epoch == FINAL_EPOCH:
            return FetchContext(request.targets)
        return super().context_of(request, topic_names, now_ms)


@mutant("fetch/sessions/pile-up", violates="fetch/sessions/initial-epoch-replaces")
class PileUp(FetchContexts):
    """A new session is opened beside the one that it should replace."""

    @override
    def context_of(self, request: SessionRequest, topic_names: Mapping[Uuid, str], now_ms: int) -> FetchContext:
        if request.epoch == INITIAL_EPOCH:
            return FullFetchContext(request, self.cache)
        return super().context_of(request, topic_names, now_ms)


@mutant("fetch/sessions/open-unasked", violates="fetch/sessions/not-needed")
class OpenUnasked(FetchContexts):
    """A request that wants no session is given one."""

    @override
    def context_of(self, request: SessionRequest, topic_names: Mapping[Uuid, str], now_ms: int) -> FetchContext:
        if request.epoch == FINAL_EPOCH and request.session_id == 0:
            return FullFetchContext(request, self.cache)
        return super().context_of(request, topic_names, now_ms)
