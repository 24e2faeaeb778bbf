"""One incremental fetch session: the partitions that a client fetches, and what it last heard of each.

Source: KIP-227; org.apache.kafka.server.FetchSession.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.fetch import FetchPartition, PartitionData
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid

INVALID_SESSION_ID = 0
INITIAL_EPOCH = 0
FINAL_EPOCH = -1
MAX_EPOCH = 2**31 - 1
UNKNOWN_OFFSET = -1


class FetchTarget(NamedTuple):
    """A partition that a request wants to read. `topic` is None for a topic id that the broker does not know."""

    topic: str | None
    topic_id: Uuid
    wanted: FetchPartition

    @property
    def key(self) -> tuple[Any, int]:
        """What identifies it within a session: the topic's id where requests carry ids, else its name."""
        return (self.topic if self.topic_id == ZERO_UUID else self.topic_id), self.wanted.partition


class CachedPartition:
    """A partition in a session, and the offsets that the client heard of last."""

    __slots__ = ("high_watermark", "log_start_offset", "target")

    def __init__(self, target: FetchTarget) -> None:
        self.target = target
        self.high_watermark = UNKNOWN_OFFSET
        self.log_start_offset = UNKNOWN_OFFSET


class FetchSession:
    """The state of one session."""

    def __init__(self, session_id: int, *, uses_topic_ids: bool, privileged: bool, now_ms: int) -> None:
        self.id = session_id
        self.epoch = self.next_epoch(INITIAL_EPOCH)
        """The epoch that the next request must carry."""
        self.uses_topic_ids = uses_topic_ids
        self.privileged = privileged
        """A follower's: not evicted to make room for a consumer's."""
        self.created_ms = now_ms
        self.last_used_ms = now_ms
        self.partitions: dict[tuple[Any, int], CachedPartition] = {}

    def next_epoch(self, epoch: int) -> int:
        """Epochs count from 1 and begin there again."""
        return 1 if epoch == MAX_EPOCH else epoch + 1

    def accepts_epoch(self, epoch: int) -> bool:
        """Whether a request with that epoch is the next one of this session."""
        return epoch == self.epoch

    def advance(self, now_ms: int) -> None:
        """Take note that a request was accepted."""
        self.epoch = self.next_epoch(self.epoch)
        self.last_used_ms = now_ms

    def update(self, targets: Iterable[FetchTarget], forgotten: Iterable[tuple[Any, int]]) -> None:
        """Add and change partitions, then drop the forgotten ones."""
        for target in targets:
            cached = self.partitions.get(target.key)
            if cached is None:
                self.partitions[target.key] = CachedPartition(target)
            else:
                cached.target = target
        for key in forgotten:
            self.partitions.pop(key, None)

    def targets(self, topic_names: dict[Uuid, str] | Any) -> Iterator[FetchTarget]:
        """What is to be read, in the session's order; names of topics that have become known are filled in."""
        for cached in list(self.partitions.values()):
            target = cached.target
            if target.topic is None:
                target = cached.target = target._replace(topic=topic_names.get(target.topic_id))
            yield target

    def remember(self, target: FetchTarget, data: PartitionData) -> None:
        """Take note of what the first answer of the session says."""
        cached = CachedPartition(target)
        cached.high_watermark = data.high_watermark
        cached.log_start_offset = data.log_start_offset
        self.partitions[target.key] = cached

    def include(self, target: FetchTarget, data: PartitionData, size: int) -> bool:
        """Decide whether a further answer mentions a partition, and remember what it says.

        A partition that gave data goes to the end of the order, so that none starves.
        """
        cached = self.partitions.get(target.key)
        if cached is None:
            return False
        mentioned = self.has_news(cached, data, size)
        cached.high_watermark = UNKNOWN_OFFSET if data.error_code != ErrorCode.NONE else data.high_watermark
        cached.log_start_offset = data.log_start_offset
        if size > 0:
            self.partitions[target.key] = self.partitions.pop(target.key)
        return mentioned

    def has_news(self, cached: CachedPartition, data: PartitionData, size: int) -> bool:
        """Whether there is anything that the client has not heard: data, offsets, an error, a hint where to read."""
        return (
            size > 0
            or data.error_code != ErrorCode.NONE
            or cached.high_watermark != data.high_watermark
            or cached.log_start_offset != data.log_start_offset
            or data.preferred_read_replica >= 0
            or data.diverging_epoch.epoch >= 0
        )
