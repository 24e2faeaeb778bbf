"""Consumers: what they are given, partition by partition, at either isolation level."""

from __future__ import annotations

from typing import NamedTuple

from kafka_conformance.harness.histories.recorder import Operation, Seen
from kafka_conformance.harness.subject.answers import Fetched
from kafka_conformance.harness.subject.group_requests import offset_fetch_request
from kafka_conformance.harness.subject.partition_requests import fetch_request
from kafka_conformance.harness.violation import ConformanceViolation
from kafka_conformance.harness.wire.errors import WireError
from kafka_conformance.plugins.schedules.clients.client import GROUP, Client
from kafka_conformance.plugins.schedules.world import Topic, World
from kafka_conformance.protocol.error_codes import ErrorCode

FETCH_VERSION = 12
OFFSET_FETCH_VERSION = 7
MAX_WAIT_MS = 300
PACE_MS = 400

_ASK_ANOTHER = frozenset(
    {
        ErrorCode.FENCED_LEADER_EPOCH,
        ErrorCode.KAFKA_STORAGE_ERROR,
        ErrorCode.LEADER_NOT_AVAILABLE,
        ErrorCode.NOT_LEADER_OR_FOLLOWER,
        ErrorCode.OFFSET_NOT_AVAILABLE,
        ErrorCode.REPLICA_NOT_AVAILABLE,
        ErrorCode.UNKNOWN_LEADER_EPOCH,
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    }
)


class Taken(NamedTuple):
    """One poll of one partition: the values it gave, where it goes on, and whether that is the end."""

    values: list[bytes]
    position: int
    at_end: bool


class Poller(Client):
    """Asks the leaders of partitions for what lies behind its positions."""

    isolated = True

    async def poll(
        self, operation: Operation, topic: Topic, partition: int, position: int, most: int | None = None
    ) -> Taken | None:
        """One fetch, of which it takes the first `most` records; None where nobody could be asked."""
        answer = await self._fetch(topic, partition, position)
        if answer is None:
            return None
        shown = answer.visible_records if self.isolated else answer.records
        records = [record for record in shown if record.offset >= position]
        taken = records if most is None else records[:most]
        epochs = _epochs(answer)
        end = answer.batches[-1][0].next_offset if answer.batches else position
        next_position = taken[-1].offset + 1 if len(taken) < len(records) else max(end, position)
        operation.polled(
            f"{topic.name}-{partition}",
            [Seen(record.offset, record.value, epochs[record.offset]) for record in taken],
            position=next_position,
            high_watermark=answer.high_watermark,
            last_stable_offset=answer.last_stable_offset,
            isolated=self.isolated,
        )
        return Taken([record.value or b"" for record in taken], next_position, next_position >= answer.high_watermark)

    async def _fetch(self, topic: Topic, partition: int, position: int) -> Fetched | None:
        node, epoch = await self.leader(topic.name, partition)
        request = fetch_request(
            topic,
            {partition: position},
            max_wait_ms=MAX_WAIT_MS,
            isolation_level=int(self.isolated),
            current_leader_epoch=epoch,
        )
        was_behind = self.world.is_behind(node)
        try:
            answer = await self.ask(node, request, FETCH_VERSION)
        except WireError:
            self.forget_leaders(topic.name)
            return None
        fetched = Fetched(answer.responses[0].partitions[0], answer)
        error = self.told(fetched.partition.error_code)
        if error is not ErrorCode.NONE:
            self.forget_leaders(topic.name)
            # Who begins where somebody else left off may still be told of a deposed leader, which has less
            is_outdated = was_behind or self.world.is_behind(node)
            if error not in _ASK_ANOTHER and not (is_outdated and error is ErrorCode.OFFSET_OUT_OF_RANGE):
                self.world.problem(self.name, f"{error.name} for offset {position} of {topic.name}-{partition}")
            return None
        try:
            _ = fetched.records
        except ConformanceViolation as violation:
            self.world.problem(self.name, f"{topic.name}-{partition} from {position}: {violation}")
            return None
        return fetched

    async def committed(self, operation: Operation, group: str, topic: Topic, partition: int) -> int:
        """The offset that a group has committed, once no transaction may change it; -1 for none."""
        request = offset_fetch_request(group, {topic: [partition]}, require_stable=True)
        while True:
            try:
                answer = await self.ask_coordinator(group, GROUP, request, OFFSET_FETCH_VERSION)
            except WireError:
                await self.back_off()
                continue
            if self.told(answer.error_code) is ErrorCode.NONE:
                found = answer.topics[0].partitions[0]
                if self.told(found.error_code) is ErrorCode.NONE:
                    operation.fetched_commit(group, f"{topic.name}-{partition}", found.committed_offset)
                    return int(found.committed_offset)
            else:
                self.forget_coordinator(group, GROUP)
            await self.back_off()


class Reader(Poller):
    """Reads all partitions of some topics from their beginning to their end."""

    def __init__(self, world: World, name: str, topics: list[Topic], *, isolated: bool) -> None:
        super().__init__(world, name)
        self.isolated = isolated
        self._recorded = world.recorder.client(name)
        self._positions = {(topic, partition): 0 for topic in topics for partition in range(topic.partitions)}

    async def run(self) -> None:
        """Until the world is draining and all has been read."""
        operation = self._recorded.begin()
        for topic, partition in self._positions:
            operation.assigned(f"{topic.name}-{partition}", 0)
        left = list(self._positions)
        while left:
            draining = self.world.draining.is_set()
            for topic, partition in list(left):
                taken = await self.poll(self._recorded.begin(), topic, partition, self._positions[topic, partition])
                if taken is None:
                    await self.back_off()
                    continue
                self._positions[topic, partition] = taken.position
                if draining and taken.at_end:
                    left.remove((topic, partition))
            if not draining:
                await self.wait_ms(PACE_MS)


def _epochs(answer: Fetched) -> dict[int, int]:
    return {
        offset: header.partition_leader_epoch
        for header, _ in answer.batches
        for offset in range(header.base_offset, header.next_offset)
    }
