"""The consumer of the `wire` client: fetches without sessions, and the classic protocol with the range assignor."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from typing_extensions import override

from kafka_conformance.harness.client import ClientError, Consumer, ConsumerOptions, Received
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.subject.group import Group
from kafka_conformance.harness.subject.group_requests import assigned_in, assignment, subscribed_in
from kafka_conformance.harness.subject.member import Member
from kafka_conformance.harness.subject.topic import (
    EARLIEST,
    LATEST,
    READ_COMMITTED,
    READ_UNCOMMITTED,
    Topic,
)
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.join_group import JoinGroupResponse
from kafka_conformance.protocol.records import Record

TopicPartition = tuple[str, int]

_REJOIN = (ErrorCode.REBALANCE_IN_PROGRESS, ErrorCode.ILLEGAL_GENERATION)


class WireConsumer(Consumer):
    """Positions by partition; a group member once it subscribes."""

    def __init__(self, cluster: Cluster, options: ConsumerOptions) -> None:
        self._cluster = cluster
        self._options = options
        self._isolation_level = READ_COMMITTED if options.isolation_level == "read_committed" else READ_UNCOMMITTED
        self._topics: dict[str, Topic] = {}
        self._positions: dict[TopicPartition, int] = {}
        self._subscribed: tuple[str, ...] = ()
        self._group: Group | None = None
        self._member: Member | None = None

    @override
    def assign(self, positions: Mapping[TopicPartition, int]) -> None:
        self._positions = dict(positions)

    @override
    def subscribe(self, topics: Sequence[str]) -> None:
        self._subscribed = tuple(topics)
        self._member = self._of_group().member(
            session_timeout_ms=self._options.session_timeout_ms,
            rebalance_timeout_ms=self._options.session_timeout_ms,
            topics=self._subscribed,
        )
        self._rejoin(self._member)

    @override
    def poll(self, within_s: float) -> list[Received]:
        deadline = self._cluster.blocking.now_s() + within_s
        while True:
            self._keep_membership()
            left_ms = max(0, round((deadline - self._cluster.blocking.now_s()) * 1000))
            wait_ms = min(left_ms, self._options.max_wait_ms)
            if not self._positions:
                self._cluster.blocking.run(asyncio.sleep(wait_ms / 1000))
            received = self._fetch_all(wait_ms)
            if received or self._cluster.blocking.now_s() >= deadline:
                return received

    @override
    def assignment(self) -> set[TopicPartition]:
        return set(self._positions)

    @override
    def seek(self, topic: str, partition: int, offset: int) -> None:
        self._positions[topic, partition] = offset

    @override
    def position(self, topic: str, partition: int) -> int:
        return self._positions[topic, partition]

    @override
    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        for (name, partition), offset in offsets.items():
            committer = self._member or self._of_group()
            errors = committer.commit(self._topic(name), {partition: offset})
            if errors[partition] is not ErrorCode.NONE:
                raise ClientError(errors[partition].name, code=int(errors[partition]))

    @override
    def committed(self, topic: str, partition: int) -> int | None:
        offset = self._of_group().committed(self._topic(topic), partition).offset
        return None if offset < 0 else offset

    @override
    def close(self) -> None:
        member, self._member = self._member, None
        if member is not None:
            member.disband()

    # membership

    def _of_group(self) -> Group:
        if self._group is None:
            if self._options.group is None:
                raise ClientError("a consumer without a group neither subscribes nor commits")
            self._group = self._cluster.group(self._options.group)
        return self._group

    def _keep_membership(self) -> None:
        if self._member is None:
            return
        error = self._member.heartbeat()
        if error is ErrorCode.UNKNOWN_MEMBER_ID:
            self._member.member_id = ""
        if error in _REJOIN or error is ErrorCode.UNKNOWN_MEMBER_ID:
            self._rejoin(self._member)
        elif error is not ErrorCode.NONE:
            raise ClientError(error.name, code=int(error))

    def _rejoin(self, member: Member) -> None:
        while True:
            joined = member.join()
            if joined.error_code != ErrorCode.NONE:
                raise ClientError(ErrorCode(joined.error_code).name, code=joined.error_code)
            answer = member.sync(self._range_for(joined) if member.is_leader else None)
            if answer.error_code not in _REJOIN:
                break
        if answer.error_code != ErrorCode.NONE:
            raise ClientError(ErrorCode(answer.error_code).name, code=answer.error_code)
        self._positions = {
            (name, partition): self._start(name, partition)
            for name, partitions in assigned_in(answer.assignment).items()
            for partition in partitions
        }

    def _range_for(self, joined: JoinGroupResponse) -> dict[str, bytes]:
        wanted = {member.member_id: subscribed_in(member.metadata) for member in joined.members}
        shares: dict[str, dict[str, list[int]]] = {member_id: {} for member_id in wanted}
        for name in {name for names in wanted.values() for name in names}:
            takers = sorted(member_id for member_id, names in wanted.items() if name in names)
            count = self._topic(name).partition_count
            for place, member_id in enumerate(takers):
                share = _range(count, len(takers), place)
                shares[member_id][name] = list(share)
        return {member_id: assignment(share) for member_id, share in shares.items()}

    # reading

    def _start(self, name: str, partition: int) -> int:
        topic = self._topic(name)
        committed = self._of_group().committed(topic, partition).offset
        if committed >= 0:
            return committed
        timestamp = EARLIEST if self._options.auto_offset_reset == "earliest" else LATEST
        return topic.list_offset(timestamp, partition=partition).offset

    def _fetch_all(self, wait_ms: int) -> list[Received]:
        received: list[Received] = []
        for (name, partition), position in list(self._positions.items()):
            topic = self._topic(name)
            wait = 0 if received else wait_ms // max(1, len(self._positions))
            answer = topic.fetch(position, partition=partition, max_wait_ms=wait, isolation_level=self._isolation_level)
            if answer.error is not ErrorCode.NONE:
                raise ClientError(answer.error.name, code=int(answer.error))
            received += [
                _received(name, partition, record) for record in answer.visible_records if record.offset >= position
            ]
            if answer.batches:
                self._positions[name, partition] = max(position, answer.batches[-1][0].next_offset)
        return received

    def _topic(self, name: str) -> Topic:
        if name not in self._topics:
            self._topics[name] = Topic(self._cluster, name, self._cluster.settled_topic(name))
        return self._topics[name]


def _range(count: int, takers: int, place: int) -> range:
    size, extra = divmod(count, takers)
    first = place * size + min(place, extra)
    return range(first, first + size + (place < extra))


def _received(topic: str, partition: int, record: Record) -> Received:
    return Received(topic, partition, record.offset, record.key, record.value, record.headers, record.timestamp)
