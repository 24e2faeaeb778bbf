"""Copies partitions from one leader to one follower: fetch, truncate where the logs part, append, fetch again.

Source: kafka.server.{AbstractFetcherThread, ReplicaFetcherThread} (KIP-101, KIP-279, KIP-595). A leader answers when
it has something, or after replica.fetch.wait.max.ms; so late does a follower learn of a new high watermark. Unlike
Kafka's, a fetcher does not sit out its poll when it gets one more partition.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple, Protocol

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.fetch import FetchPartition
from kafka_conformance.reference_broker.log import Log, Refusal
from kafka_conformance.reference_broker.replication.partition import Partition
from kafka_conformance.reference_broker.replication.reads import DivergingEpoch, FetchIsolation, FetchParams, ReadResult

NEVER = float("inf")


class FetcherSettings(NamedTuple):
    """Kafka's replica.* settings, in milliseconds and bytes."""

    fetch_wait_max_ms: int = 500
    fetch_backoff_ms: int = 1000
    socket_timeout_ms: int = 30_000
    fetch_min_bytes: int = 1
    fetch_max_bytes: int = 1024 * 1024
    fetch_response_max_bytes: int = 10 * 1024 * 1024


class Wanted(NamedTuple):
    """What is asked of one partition's leader."""

    partition: Partition
    request: FetchPartition


class LeaderOffsets(NamedTuple):
    """Where a leader's log begins and ends."""

    start: int
    end: int


class LeaderEndPoint(Protocol):
    """The leader's broker, at the other end of a link. Whoever is asked may never answer."""

    def fetch(
        self, params: FetchParams, wanted: list[Wanted], answer: Callable[[list[ReadResult] | None], object]
    ) -> Callable[[], None]:
        """Ask, and have `answer` called, with None if nobody listens there; return what gives the request up."""

    def offsets(self, wanted: Wanted, answer: Callable[[LeaderOffsets | ErrorCode], object]) -> None:
        """Ask where the leader's log begins and ends."""


class _Followed:
    """A partition that is being copied."""

    __slots__ = ("partition", "ready_s", "request")

    def __init__(self, partition: Partition) -> None:
        self.partition = partition
        self.ready_s = 0.0
        self.request: FetchPartition | None = None


class ReplicaFetcher:
    """The fetcher of a broker from one leader. There is one request under way at most."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, leader: LeaderEndPoint, replica_id: int, settings: FetcherSettings
    ) -> None:
        self._loop = loop
        self._leader = leader
        self._replica_id = replica_id
        self._settings = settings
        self.broker_epoch = -1
        self._followed: dict[Partition, _Followed] = {}
        self._give_up: Callable[[], None] | None = None
        self._round = 0
        self._sent_s = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._watchdog: asyncio.TimerHandle | None = None

    # What is followed

    def follow(self, partition: Partition) -> None:
        """Copy a partition, from the end of its log on, in the leader epoch that it has now."""
        self._followed[partition] = _Followed(partition)
        self._abandon()
        self._schedule(0.0)

    def unfollow(self, partition: Partition) -> None:
        """Copy it no more."""
        self._followed.pop(partition, None)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is followed."""
        return not self._followed

    def close(self) -> None:
        """Follow nothing any more."""
        self._followed.clear()
        self._abandon()
        for timer in (self._timer, self._watchdog):
            if timer is not None:
                timer.cancel()
        self._timer = self._watchdog = None

    def _abandon(self) -> None:
        """Do not wait for the request that is under way."""
        self._round += 1
        give_up, self._give_up = self._give_up, None
        if give_up is not None:
            give_up()

    # One round after the other

    def _schedule(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, self._turn)

    def _turn(self) -> None:
        self._timer = None
        now_s = self._loop.time()
        wanted = [self._wanted(each) for each in self._followed.values() if each.ready_s <= now_s]
        if not wanted:
            ready_s = min((each.ready_s for each in self._followed.values()), default=NEVER)
            if ready_s < NEVER:
                self._schedule(ready_s - now_s)
            return
        self._sent_s = now_s
        self._watch_over_request()
        this_round = self._round

        def answer(results: list[ReadResult] | None) -> None:
            if this_round == self._round:
                self._give_up = None
                self._answered(wanted, results)

        self._give_up = self._leader.fetch(self._params(), wanted, answer)

    def _params(self) -> FetchParams:
        settings = self._settings
        return FetchParams(
            replica_id=self._replica_id,
            isolation=FetchIsolation.LOG_END,
            max_wait_ms=settings.fetch_wait_max_ms,
            min_bytes=settings.fetch_min_bytes,
            max_bytes=settings.fetch_response_max_bytes,
            replica_epoch=self.broker_epoch,
        )

    def _wanted(self, followed: _Followed) -> Wanted:
        partition = followed.partition
        log = partition.log
        last = followed.request
        if last is None or last.fetch_offset != log.log_end_offset or last.log_start_offset != log.log_start_offset:
            followed.request = last = FetchPartition(
                partition=partition.partition,
                current_leader_epoch=partition.leader_epoch,
                fetch_offset=self.fetch_offset(log),
                last_fetched_epoch=self.last_fetched_epoch(log),
                log_start_offset=log.log_start_offset,
                partition_max_bytes=self._settings.fetch_max_bytes,
            )
        return Wanted(partition, last)

    def fetch_offset(self, log: Log) -> int:
        """What a follower asks for next; by it the leader knows what it has."""
        return log.log_end_offset

    def last_fetched_epoch(self, log: Log) -> int:
        """The epoch by which the leader sees whether the logs part (KIP-595)."""
        epoch = log.latest_epoch
        return -1 if epoch is None else epoch

    def _watch_over_request(self) -> None:
        if self._watchdog is None:
            self._watchdog = self._loop.call_later(self._settings.socket_timeout_ms / 1000, self._check_request)

    def _check_request(self) -> None:
        self._watchdog = None
        if self._give_up is None:
            return
        left_s = self._sent_s + self._settings.socket_timeout_ms / 1000 - self._loop.time()
        if left_s > 0:
            self._watchdog = self._loop.call_later(left_s, self._check_request)
        else:
            self.disconnected()

    def disconnected(self) -> None:
        """The leader cannot be reached: try again after replica.fetch.backoff.ms."""
        self._abandon()
        for followed in self._followed.values():
            self._delay(followed)
        self._schedule(0.0)

    def _delay(self, followed: _Followed) -> None:
        followed.ready_s = max(followed.ready_s, self._loop.time() + self._settings.fetch_backoff_ms / 1000)

    # What comes back

    def _answered(self, wanted: list[Wanted], results: list[ReadResult] | None) -> None:
        if results is None:
            self.disconnected()
            return
        for (partition, request), result in zip(wanted, results, strict=True):
            followed = self._followed.get(partition)
            if followed is not None and followed.request is request:
                self._take(followed, result)
        if self._timer is None:
            self._turn()

    def _take(self, followed: _Followed, result: ReadResult) -> None:
        partition = followed.partition
        if result.error is ErrorCode.OFFSET_OUT_OF_RANGE:
            self._reset(followed)
        elif result.error is ErrorCode.FENCED_LEADER_EPOCH:
            followed.ready_s = NEVER  # until metadata tells the new epoch
        elif result.error is not ErrorCode.NONE:
            self._delay(followed)
        elif result.diverging is not None:
            partition.truncate(self.truncation_offset(partition.log, result.diverging))
            followed.request = None
        elif self._append(partition, result):
            partition.learn_high_watermark(result.high_watermark)
            partition.learn_log_start(result.log_start_offset)
        else:
            self._delay(followed)

    def _append(self, partition: Partition, result: ReadResult) -> bool:
        # Each buffer holds whole batches, as a log reads them
        return all(not isinstance(partition.append_as_follower(buffer), Refusal) for buffer in result.buffers)

    def truncation_offset(self, log: Log, diverging: DivergingEpoch) -> int:
        """Where the own log parts from the leader's, which has nothing of `diverging.epoch` from its end on (KIP-279).

        An epoch that this log does not know makes another round necessary.
        """
        own = log.end_offset_for_epoch(diverging.epoch)
        if own is None:
            return min(diverging.end_offset, log.log_end_offset)
        if own.epoch != diverging.epoch:
            return min(own.end_offset, log.log_end_offset)
        return min(own.end_offset, diverging.end_offset, log.log_end_offset)

    # Out of range

    def _reset(self, followed: _Followed) -> None:
        """The leader's log has been cut, or begins behind the end of this one: find out, and begin there."""
        followed.ready_s = NEVER
        assert followed.request is not None
        wanted = Wanted(followed.partition, followed.request)

        def answer(offsets: LeaderOffsets | ErrorCode) -> None:
            if self._followed.get(followed.partition) is not followed:
                return
            followed.ready_s = 0.0
            followed.request = None
            if isinstance(offsets, ErrorCode):
                self._delay(followed)
            elif offsets.end < followed.partition.log.log_end_offset:
                followed.partition.truncate(offsets.end)
            elif offsets.start > followed.partition.log.log_end_offset:
                followed.partition.start_again_at(offsets.start)
            else:
                self._delay(followed)
            if self._give_up is None:
                self._schedule(0.0)

        self._leader.offsets(wanted, answer)
