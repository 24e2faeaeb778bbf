"""Members of a classic group: they share the partitions, read what is theirs, and commit how far they came."""

from __future__ import annotations

from kafka_conformance.harness.histories.recorder import outcome_of_commit
from kafka_conformance.harness.histories.schema import Outcome
from kafka_conformance.harness.subject.group_requests import (
    assigned_in,
    assignment,
    commit_request,
    offset_fetch_request,
    subscription,
)
from kafka_conformance.harness.wire.errors import WireError
from kafka_conformance.plugins.schedules.clients.client import GROUP
from kafka_conformance.plugins.schedules.clients.reading import OFFSET_FETCH_VERSION, PACE_MS, Poller
from kafka_conformance.plugins.schedules.schedule import Actor
from kafka_conformance.plugins.schedules.world import Topic, World
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.heartbeat import HeartbeatRequest
from kafka_conformance.protocol.messages.join_group import (
    JoinGroupRequest,
    JoinGroupRequestProtocol,
    JoinGroupResponse,
)
from kafka_conformance.protocol.messages.leave_group import LeaveGroupRequest, MemberIdentity
from kafka_conformance.protocol.messages.sync_group import SyncGroupRequest, SyncGroupRequestAssignment

JOIN_VERSION = 5
SYNC_VERSION = 3
HEARTBEAT_VERSION = 3
LEAVE_VERSION = 3
OFFSET_COMMIT_VERSION = 8
SESSION_TIMEOUT_MS = 6_000
REBALANCE_TIMEOUT_MS = 5_000
JOIN_WITHIN_S = 12.0
PROTOCOL = "round"

_REJOIN = frozenset({ErrorCode.ILLEGAL_GENERATION, ErrorCode.REBALANCE_IN_PROGRESS})


class Rejoin(Exception):
    """The generation is over for this member."""


class Member(Poller):
    """One member, for so many polls, or until all is read."""

    isolated = True

    def __init__(self, world: World, actor: Actor, topic: Topic) -> None:
        super().__init__(world, actor.name)
        self._topic = topic
        self._group = actor.shared
        self._polls_left = actor.options["polls"] or None
        self._recorded = world.recorder.client(actor.name)
        self._member_id = ""
        self._generation = -1
        self._positions: dict[int, int] = {}

    async def run(self) -> None:
        """Joins, reads and commits, and joins again where it must; leaves in the end."""
        while not await self._generation_ends():
            await self.back_off()
        request = LeaveGroupRequest(group_id=self._group, members=[MemberIdentity(member_id=self._member_id)])
        try:
            await self.ask_coordinator(self._group, GROUP, request, LEAVE_VERSION)
        except WireError:
            return  # its session ends by itself

    async def _generation_ends(self) -> bool:
        """Whether it was the last one."""
        try:
            await self._join()
            while True:
                await self._heartbeat()
                draining = self.world.draining.is_set()
                at_end = await self._poll_all()
                if self._polls_left is not None:
                    self._polls_left -= 1
                if self._polls_left == 0 or (draining and at_end):
                    return True
                await self.wait_ms(PACE_MS)
        except Rejoin:
            return False
        except WireError:
            return False

    async def _poll_all(self) -> bool:
        at_end = True
        for partition, position in list(self._positions.items()):
            taken = await self.poll(
                self._recorded.begin(), self._topic, partition, position, self.chance.choice((2, None))
            )
            if taken is None:
                at_end = False
                continue
            at_end = at_end and taken.at_end
            self._positions[partition] = taken.position
            if taken.position > position:
                await self._commit(partition, taken.position)
        return at_end

    # Membership

    async def _join(self) -> None:
        protocols = [JoinGroupRequestProtocol(name=PROTOCOL, metadata=subscription([self._topic.name]))]
        request = JoinGroupRequest(
            group_id=self._group,
            session_timeout_ms=SESSION_TIMEOUT_MS,
            rebalance_timeout_ms=REBALANCE_TIMEOUT_MS,
            member_id=self._member_id,
            protocol_type="consumer",
            protocols=protocols,
        )
        node = await self.coordinator(self._group, GROUP)
        try:
            joined: JoinGroupResponse = await self.ask(node, request, JOIN_VERSION, within_s=JOIN_WITHIN_S)
        except WireError:
            self.forget_coordinator(self._group, GROUP)
            raise
        if joined.error_code == ErrorCode.MEMBER_ID_REQUIRED:
            self._member_id = joined.member_id
            raise Rejoin
        self._check(joined.error_code)
        self._member_id, self._generation = joined.member_id, joined.generation_id
        await self._sync(joined)

    async def _sync(self, joined: JoinGroupResponse) -> None:
        shares = self._shares(joined) if joined.leader == self._member_id else []
        request = SyncGroupRequest(
            group_id=self._group, generation_id=self._generation, member_id=self._member_id, assignments=shares
        )
        node = await self.coordinator(self._group, GROUP)
        answer = await self.ask(node, request, SYNC_VERSION, within_s=JOIN_WITHIN_S)
        self._check(answer.error_code)
        self._positions = {}
        for partition in assigned_in(answer.assignment).get(self._topic.name, []):
            self._own(partition)
        for partition in assigned_in(answer.assignment).get(self._topic.name, []):
            await self._resume(partition)

    def _shares(self, joined: JoinGroupResponse) -> list[SyncGroupRequestAssignment]:
        members = sorted(member.member_id for member in joined.members)
        partitions = range(self._topic.partitions)
        return [
            SyncGroupRequestAssignment(
                member_id=member,
                assignment=assignment({self._topic.name: [*partitions[place :: len(members)]]}),
            )
            for place, member in enumerate(members)
        ]

    def _own(self, partition: int) -> None:
        owned = self._group, self._generation, partition
        owner = self.world.owners.setdefault(owned, self._member_id)
        if owner != self._member_id:
            self.world.problem(self.name, f"partition {partition} of generation {self._generation} has two owners")

    async def _heartbeat(self) -> None:
        request = HeartbeatRequest(group_id=self._group, generation_id=self._generation, member_id=self._member_id)
        self._check((await self.ask_coordinator(self._group, GROUP, request, HEARTBEAT_VERSION)).error_code)

    def _check(self, number: int) -> None:
        error = self.told(number)
        if error is ErrorCode.NONE:
            return
        if error is ErrorCode.UNKNOWN_MEMBER_ID:
            self._member_id = ""
        elif error not in _REJOIN:
            self.forget_coordinator(self._group, GROUP)
        raise Rejoin

    # Offsets

    async def _resume(self, partition: int) -> None:
        operation = self._recorded.begin()
        name = f"{self._topic.name}-{partition}"
        request = offset_fetch_request(self._group, {self._topic: [partition]}, require_stable=True)
        answer = await self.ask_coordinator(self._group, GROUP, request, OFFSET_FETCH_VERSION)
        self._check(answer.error_code)
        found = answer.topics[0].partitions[0]
        self._check(found.error_code)
        operation.fetched_commit(self._group, name, found.committed_offset)
        self._positions[partition] = max(0, found.committed_offset)
        operation.assigned(name, self._positions[partition])

    async def _commit(self, partition: int, offset: int) -> None:
        operation = self._recorded.begin()
        name = f"{self._topic.name}-{partition}"
        request = commit_request(
            self._group,
            self._topic,
            {partition: offset},
            generation_id=self._generation,
            member_id=self._member_id,
        )
        try:
            answer = await self.ask_coordinator(self._group, GROUP, request, OFFSET_COMMIT_VERSION)
        except WireError:
            operation.committed(self._group, name, offset, Outcome.INFO)
            raise
        error = ErrorCode(answer.topics[0].partitions[0].error_code)
        operation.committed(self._group, name, offset, outcome_of_commit(error))
        self._check(error)
