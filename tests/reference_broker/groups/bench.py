"""A group coordinator on a test bench: a log in a list, a loop that stands still, and requests in short."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.heartbeat import HeartbeatRequest
from kafka_conformance.protocol.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from kafka_conformance.protocol.messages.leave_group import LeaveGroupRequest, MemberIdentity
from kafka_conformance.protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kafka_conformance.protocol.messages.offset_fetch import OffsetFetchRequestGroup, OffsetFetchRequestTopics
from kafka_conformance.protocol.messages.sync_group import SyncGroupRequest, SyncGroupRequestAssignment
from kafka_conformance.reference_broker.environment import Environment
from kafka_conformance.reference_broker.groups.classic.group import ClassicGroup
from kafka_conformance.reference_broker.groups.coordinator import GroupCoordinator
from kafka_conformance.reference_broker.groups.decision import Caller
from kafka_conformance.reference_broker.groups.log_port import (
    Appended,
    LoggedMarker,
    LoggedRecord,
    TransactionalProducer,
    TransactionEnd,
)
from kafka_conformance.reference_broker.groups.offsets.store import NO_PRODUCER_ID
from kafka_conformance.reference_broker.groups.parts import GroupParts
from kafka_conformance.reference_broker.groups.records import EncodedRecord
from kafka_conformance.reference_broker.groups.service import GroupCoordinatorService
from kafka_conformance.reference_broker.groups.settings import GroupSettings

NO_DELAY = GroupSettings(group_initial_rebalance_delay_ms=0, offsets_topic_num_partitions=1)
EPOCH_MS = 1_700_000_000_000


class ManualLoop:
    """As much of an event loop as the coordinator needs; its time is that of the last callback, or of `advance`."""

    def __init__(self) -> None:
        self.now = 0.0
        self._count = 0
        self._scheduled: list[tuple[float, int, asyncio.TimerHandle]] = []

    def get_debug(self) -> bool:
        return False

    def time(self) -> float:
        return self.now

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)  # type: ignore[arg-type]

    def call_soon(self, callback: Callable[..., object], *args: Any, context: Any = None) -> asyncio.TimerHandle:
        return self.call_later(0, callback, *args, context=context)

    def call_later(
        self, delay: float, callback: Callable[..., object], *args: Any, context: Any = None
    ) -> asyncio.TimerHandle:
        self._count += 1
        handle = asyncio.TimerHandle(self.now + delay, callback, args, self, context)  # type: ignore[arg-type]
        heapq.heappush(self._scheduled, (handle.when(), self._count, handle))
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        pass

    def advance(self, seconds: float) -> None:
        end = self.now + seconds
        while self._scheduled and self._scheduled[0][0] <= end:
            when, _, handle = heapq.heappop(self._scheduled)
            self.now = max(self.now, when)
            if not handle.cancelled():
                handle._run()
        self.now = end


class ManualClock:
    def __init__(self, loop: ManualLoop) -> None:
        self._loop = loop

    def now_ms(self) -> int:
        return EPOCH_MS + round(self._loop.now * 1000)

    def monotonic(self) -> float:
        return self._loop.now


class ListLog:
    """A partition in a list. It replicates at once, unless `hold` is set; it refuses appends with `error`."""

    def __init__(self) -> None:
        self.entries: list[LoggedRecord | LoggedMarker] = []
        self.high_watermark = 0
        self.hold = False
        self.error = ErrorCode.NONE
        self.on_high_watermark: Callable[[int], None] = lambda offset: None

    def append(self, records: Sequence[EncodedRecord], producer: TransactionalProducer | None = None) -> Appended:
        producer_id = NO_PRODUCER_ID if producer is None else producer.producer_id
        first = len(self.entries)
        return self._append(
            [LoggedRecord(first + n, record.key, record.value, producer_id) for n, record in enumerate(records)]
        )

    def append_marker(self, end: TransactionEnd) -> Appended:
        return self._append([LoggedMarker(len(self.entries), end.producer_id, end.commit)])

    def _append(self, entries: Sequence[LoggedRecord | LoggedMarker]) -> Appended:
        if self.error:
            return Appended(self.error)
        first = len(self.entries)
        self.entries += entries
        if not self.hold:
            self.replicate()
        return Appended(ErrorCode.NONE, first)

    def replicate(self) -> None:
        self.high_watermark = len(self.entries)
        self.on_high_watermark(self.high_watermark)

    def read(self) -> Iterator[LoggedRecord | LoggedMarker]:
        return iter(list(self.entries))


class Bench:
    """A service that leads the one partition there is, and short forms of the requests to it."""

    def __init__(self, settings: GroupSettings = NO_DELAY, parts: GroupParts | None = None, log: ListLog | None = None):
        self.settings = settings
        self.parts = parts or GroupParts()
        self.loop = ManualLoop()
        self.clock = ManualClock(self.loop)
        self.log = log or ListLog()
        self.environment = Environment(self.loop, self.clock, Random(7))  # type: ignore[arg-type]
        self.start()

    def start(self) -> None:
        """Lead the partition, as a broker that knows nothing of its groups but the log."""
        self.service = GroupCoordinatorService(self.environment, self.settings, self.parts)
        self.log.on_high_watermark = lambda offset: self.service.high_watermark_reached(0, offset)
        self.service.elected(0, 0, self.log)
        self.loop.advance(0)

    def fail_over(self) -> None:
        """Let another coordinator take over."""
        self.service.shut_down()
        self.start()

    @property
    def coordinator(self) -> GroupCoordinator:
        return self.service._coordinators[0]

    def group(self, group_id: str = "g") -> ClassicGroup:
        return self.coordinator.shard.groups[group_id]

    def advance(self, milliseconds: float) -> None:
        self.loop.advance(milliseconds / 1000)

    def caller(self, version: int, client_id: str = "client") -> Caller:
        return Caller(version, client_id, "/127.0.0.1", self.clock.now_ms())

    def run(self, answer: Any) -> Any:
        """Start what waits, so that it has a result once it is there."""
        if asyncio.iscoroutine(answer):
            answer = asyncio.Task(answer, loop=self.loop)  # type: ignore[arg-type]
            self.loop.advance(0)
        return answer

    # Requests

    def join(self, member_id: str = "", version: int = 9, **fields: Any) -> Any:
        protocols = fields.pop("protocols", {"range": b"meta"})
        request = JoinGroupRequest(
            group_id=fields.pop("group_id", "g"),
            member_id=member_id,
            session_timeout_ms=fields.pop("session_timeout_ms", 10_000),
            rebalance_timeout_ms=fields.pop("rebalance_timeout_ms", 30_000),
            protocol_type=fields.pop("protocol_type", "consumer"),
            protocols=[JoinGroupRequestProtocol(name=name, metadata=data) for name, data in protocols.items()],
            **fields,
        )
        return self.run(self.service.join_group(request, self.caller(version)))

    def new_member(self, **fields: Any) -> tuple[str, Any]:
        """Ask for an id and join with it: (id, answer)."""
        refused = reply(self.join(**fields))
        assert refused.error_code == ErrorCode.MEMBER_ID_REQUIRED
        return refused.member_id, self.join(refused.member_id, **fields)

    def sync(self, member_id: str, generation: int = 1, version: int = 5, **fields: Any) -> Any:
        assignments = fields.pop("assignments", {})
        fields = {"protocol_type": "consumer", "protocol_name": "range", **fields}
        request = SyncGroupRequest(
            group_id=fields.pop("group_id", "g"),
            member_id=member_id,
            generation_id=generation,
            assignments=[SyncGroupRequestAssignment(member_id=m, assignment=a) for m, a in assignments.items()],
            **fields,
        )
        return self.run(self.service.sync_group(request, self.caller(version)))

    def heartbeat(self, member_id: str, generation: int = 1, **fields: Any) -> Any:
        request = HeartbeatRequest(
            group_id=fields.pop("group_id", "g"), member_id=member_id, generation_id=generation, **fields
        )
        return self.run(self.service.heartbeat(request, self.caller(4)))

    def leave(self, *members: str | MemberIdentity, version: int = 5, group_id: str = "g") -> Any:
        identities = [MemberIdentity(member_id=each) if isinstance(each, str) else each for each in members]
        request = LeaveGroupRequest(group_id=group_id, members=identities)
        return self.run(self.service.leave_group(request, self.caller(version)))

    def commit(
        self, offset: int = 5, generation: int = -1, member_id: str = "", version: int = 9, **fields: Any
    ) -> Any:
        partition = OffsetCommitRequestPartition(
            partition_index=fields.pop("partition", 0),
            committed_offset=offset,
            committed_metadata=fields.pop("metadata", ""),
            committed_leader_epoch=fields.pop("leader_epoch", -1),
        )
        topic = OffsetCommitRequestTopic(
            name=fields.pop("topic", "t"), topic_id=fields.pop("topic_id", bytes(16)), partitions=[partition]
        )
        request = OffsetCommitRequest(
            group_id=fields.pop("group_id", "g"),
            generation_id_or_member_epoch=generation,
            member_id=member_id,
            topics=[topic],
            **fields,
        )
        return self.run(self.service.commit_offsets(request, self.caller(version)))

    def commit_error(self, *args: Any, **fields: Any) -> int:
        """The error of the one partition of a commit."""
        error: int = reply(self.commit(*args, **fields)).topics[0].partitions[0].error_code
        return error

    def fetch(self, topic: str = "t", partition: int = 0, *, stable: bool = False, **fields: Any) -> Any:
        wanted = [OffsetFetchRequestTopics(name=topic, partition_indexes=[partition])]
        request = OffsetFetchRequestGroup(group_id=fields.pop("group_id", "g"), topics=fields.pop("topics", wanted))
        return self.run(self.service.fetch_offsets(request, self.caller(9), require_stable=stable))

    def offset(self, *args: Any, **fields: Any) -> int:
        """The committed offset of one partition, -1 if there is none."""
        offset: int = reply(self.fetch(*args, **fields)).topics[0].partitions[0].committed_offset
        return offset

    # Groups in a state

    def stable(self, members: int = 1, **fields: Any) -> list[str]:
        """A Stable group of generation 1; return the ids, the leader's first."""
        joined = [self.new_member(**fields) for _ in range(members)]
        self.advance(0)
        ids = [member_id for member_id, _ in joined]
        generation = reply(joined[0][1]).generation_id
        if generation != self.group().generation or members > 1:
            ids = self.rebalance(ids, **fields)
        generation = self.group().generation
        leader = self.group().leader
        ids.sort(key=lambda member_id: member_id != leader)
        assignments = {member_id: f"part of {number}".encode() for number, member_id in enumerate(ids)}
        answers = [self.sync(member_id, generation) for member_id in ids[1:]]
        reply(self.sync(ids[0], generation, assignments=assignments))
        for answer in answers:
            assert reply(answer).error_code == ErrorCode.NONE
        return ids

    def rebalance(self, ids: list[str], **fields: Any) -> list[str]:
        """Let everybody join the rebalance that is under way."""
        answers = [self.join(member_id, **fields) for member_id in ids]
        assert {reply(answer).error_code for answer in answers} == {ErrorCode.NONE}
        return ids


def is_waiting(answer: Any) -> bool:
    """Whether the answer is not there yet."""
    return isinstance(answer, asyncio.Future) and not answer.done()


def reply(answer: Any) -> Any:
    """The response; fails if it is not there yet."""
    if isinstance(answer, asyncio.Future):
        if isinstance(answer, asyncio.Task):
            answer.get_loop().advance(0)  # type: ignore[attr-defined]
        assert answer.done(), "no answer yet"
        return answer.result()
    return answer


def error_of(answer: Any) -> ErrorCode:
    """The error code of a response that is there."""
    return ErrorCode(reply(answer).error_code)
