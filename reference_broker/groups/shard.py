"""The state machine of one partition of __consumer_offsets: its groups and their offsets.

Pure: no loop, log or network. Every operation returns a Decision; `apply` alone takes over records, in the order of the
log, for a request as for a replay. What is appended but not yet replicated is seen by operations, and not by plain
reads (`committed`): a coordinator that dies then may lose it.
Source: GroupCoordinatorShard, GroupMetadataManager, OffsetMetadataManager
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.delete_groups import DeletableGroupResult, DeleteGroupsResponse
from kafka_conformance.protocol.messages.describe_groups import DescribedGroup
from kafka_conformance.protocol.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from kafka_conformance.protocol.messages.join_group import JoinGroupRequest, JoinGroupResponse
from kafka_conformance.protocol.messages.leave_group import LeaveGroupRequest, LeaveGroupResponse, MemberResponse
from kafka_conformance.protocol.messages.list_groups import ListedGroup, ListGroupsRequest
from kafka_conformance.protocol.messages.offset_commit import OffsetCommitRequest
from kafka_conformance.protocol.messages.offset_delete import OffsetDeleteRequest, OffsetDeleteResponse
from kafka_conformance.protocol.messages.offset_fetch import OffsetFetchRequestGroup, OffsetFetchResponseGroup
from kafka_conformance.protocol.messages.sync_group import SyncGroupRequest, SyncGroupResponse
from kafka_conformance.protocol.messages.txn_offset_commit import TxnOffsetCommitRequest
from kafka_conformance.protocol.primitives import Uuid
from kafka_conformance.reference_broker.groups.classic import describing, joining, rebalance, sessions, syncing
from kafka_conformance.reference_broker.groups.classic.group import ClassicGroup
from kafka_conformance.reference_broker.groups.classic.states import State
from kafka_conformance.reference_broker.groups.classic.timeouts import Timeout, timed_out
from kafka_conformance.reference_broker.groups.classic.turn import Turn
from kafka_conformance.reference_broker.groups.decision import Caller, Decision, SetTimer, TimerKey, TimerKind
from kafka_conformance.reference_broker.groups.log_port import TransactionalProducer
from kafka_conformance.reference_broker.groups.offsets import commits, deletion, fetches, transactional
from kafka_conformance.reference_broker.groups.offsets.store import NO_PRODUCER_ID
from kafka_conformance.reference_broker.groups.records import GroupMetadataRecord, GroupRecord, group_tombstone
from kafka_conformance.reference_broker.groups.replicated import ReplicatedView
from kafka_conformance.reference_broker.groups.settings import GroupSettings

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.groups.parts import GroupParts

DESCRIBE_NOT_FOUND_VERSION = 6
COMMIT_NOT_FOUND_VERSION = 9


class ExpiryDue(NamedTuple):
    """It is time to look for offsets that are too old (offsets.retention.check.interval.ms)."""


class GroupShard:
    """The groups of one partition."""

    def __init__(self, parts: GroupParts, settings: GroupSettings) -> None:
        self._parts = parts
        self._settings = settings
        self.groups: dict[str, ClassicGroup] = {}
        self.offsets = parts.offset_store()
        self.committed = ReplicatedView(parts.offset_store())

    # The log

    def apply(self, record: GroupRecord, record_offset: int, producer_id: int = NO_PRODUCER_ID) -> None:
        """Take over a record of the log, at the offset at which it stands there."""
        group = self.groups.get(record.key.group)
        if isinstance(record, GroupMetadataRecord):
            if record.value is None:
                self.groups.pop(record.key.group, None)
                return
            group = group or self._create(record.key.group, record.value.current_state_timestamp)
            group.apply(record.value)
            return
        self.offsets.apply(record, record_offset, producer_id)
        if group is None and record.value is not None:
            # Somebody who is no member commits: the group is a "simple" one.
            self._create(record.key.group, record.value.commit_timestamp)

    def replicated(self, record: GroupRecord, record_offset: int, producer_id: int = NO_PRODUCER_ID) -> None:
        """Let plain reads see a record that was applied, and is below the high watermark now."""
        self.committed.apply(record, record_offset, producer_id)

    def end_transaction(self, producer_id: int, *, commit: bool) -> None:
        """Take over a transaction marker of the log."""
        self.offsets.end_transaction(producer_id, commit=commit)

    def end_transaction_replicated(self, producer_id: int, *, commit: bool) -> None:
        """Let plain reads see a marker that was taken over, and is below the high watermark now."""
        self.committed.offsets.end_transaction(producer_id, commit=commit)

    def loaded(self, now_ms: int) -> Iterator[Decision]:
        """The log has been replayed: count the members' sessions from now."""
        for group in list(self.groups.values()):
            group.resume()
            turn = self._turn(group, now_ms)
            for member in group.members.values():
                turn.refresh_session(member)
            if len(group.members) > self._settings.group_max_size:
                rebalance.prepare_rebalance(turn)
            yield turn.decide()
        yield self._schedule_expiry()

    def unloaded(self, now_ms: int) -> Iterator[Decision]:
        """Another broker coordinates these groups from now on."""
        for group in self.groups.values():
            turn = self._turn(group, now_ms)
            rebalance.unload(turn)
            yield turn.decide()

    # Membership

    def join(self, request: JoinGroupRequest, caller: Caller, unique: str) -> Decision:
        """JoinGroup; `unique` is used in the id of a new member."""
        group = self.groups.get(request.group_id)
        if group is not None:
            turn = self._turn(group, caller.now_ms)
            return turn.decide(joining.join(turn, request, caller, unique), at_once=True)
        if request.member_id:
            return Decision(rebalance.join_refusal(request.member_id, ErrorCode.UNKNOWN_MEMBER_ID), at_once=True)
        turn = self._turn(self._create(request.group_id, caller.now_ms), caller.now_ms)
        reply = joining.join(turn, request, caller, unique)
        self._store_creation(turn)
        return turn.decide(reply, at_once=True)

    def _store_creation(self, turn: Turn) -> None:
        group = turn.group
        turn.records.append(group.creation_record())

        def stored(error: ErrorCode, now_ms: int) -> Decision:
            following = turn.next_turn(now_ms)
            if error:
                for member in group.members.values():
                    following.release_join(member, JoinGroupResponse(error_code=error, protocol_name=None))
            if error and group.durable is None and self.groups.get(group.group_id) is group:
                del self.groups[group.group_id]
                following.cancel_timer(TimerKind.JOIN)
                for member_id in (*group.members, *group.pending_joins):
                    following.cancel_timer(TimerKind.SESSION, member_id)
            return following.decide()

        turn.then = stored

    def sync(self, request: SyncGroupRequest, caller: Caller) -> Decision:
        """SyncGroup."""
        group = self.groups.get(request.group_id)
        if group is None:
            return Decision(SyncGroupResponse(error_code=ErrorCode.UNKNOWN_MEMBER_ID), at_once=True)
        turn = self._turn(group, caller.now_ms)
        return turn.decide(syncing.sync(turn, request), at_once=True)

    def heartbeat(self, request: HeartbeatRequest, caller: Caller) -> Decision:
        """Heartbeat."""
        group = self.groups.get(request.group_id)
        if group is None:
            return Decision(HeartbeatResponse(error_code=ErrorCode.UNKNOWN_MEMBER_ID))
        turn = self._turn(group, caller.now_ms)
        return turn.decide(sessions.heartbeat(turn, request))

    def leave(self, request: LeaveGroupRequest, caller: Caller) -> Decision:
        """LeaveGroup, in the shape of version 3."""
        group = self.groups.get(request.group_id)
        if group is None:
            unknown = [
                MemberResponse(
                    member_id=identity.member_id,
                    group_instance_id=identity.group_instance_id,
                    error_code=ErrorCode.UNKNOWN_MEMBER_ID,
                )
                for identity in request.members
            ]
            return Decision(LeaveGroupResponse(members=unknown))
        turn = self._turn(group, caller.now_ms)
        return turn.decide(sessions.leave(turn, request))

    # Offsets

    def commit(self, request: OffsetCommitRequest, caller: Caller) -> Decision:
        """OffsetCommit, for topics that exist, with their names."""
        error = self.commit_error(request, caller)
        if error:
            return Decision(commits.refuse_commit(request, error))
        decision = commits.commit(self.offsets, request, self._settings, caller.now_ms)
        group = self.groups.get(request.group_id)
        if group is None or group.state not in (State.STABLE, State.PREPARING_REBALANCE):
            return decision
        turn = self._turn(group, caller.now_ms)
        member = group.members.get(request.member_id)
        if member is not None:
            turn.refresh_session(member)
        return decision._replace(timers=turn.decide().timers)

    def commit_error(self, request: OffsetCommitRequest, caller: Caller) -> ErrorCode:
        """Whether whoever sends the request may commit in the group; one that does not exist has no generations."""
        group = self.groups.get(request.group_id)
        generation = request.generation_id_or_member_epoch
        if group is not None:
            return group.validate_commit(request.member_id, request.group_instance_id, generation)
        if generation < 0:
            return ErrorCode.NONE
        known = caller.api_version >= COMMIT_NOT_FOUND_VERSION
        return ErrorCode.GROUP_ID_NOT_FOUND if known else ErrorCode.ILLEGAL_GENERATION

    def commit_in_transaction(
        self, request: TxnOffsetCommitRequest, producer: TransactionalProducer, caller: Caller
    ) -> Decision:
        """TxnOffsetCommit, for topics that exist: the offsets count when the transaction is committed."""
        error = self.txn_commit_error(request)
        if error:
            return Decision(transactional.refuse_commit(request, error))
        decision = transactional.commit(self.offsets, request, self._settings, caller.now_ms)
        return decision._replace(producer=producer)

    def txn_commit_error(self, request: TxnOffsetCommitRequest) -> ErrorCode:
        """Whether whoever sends the request may commit in the group (KIP-447)."""
        group = self.groups.get(request.group_id)
        generation = request.generation_id_or_member_epoch
        if group is None:
            return ErrorCode.NONE if generation < 0 else ErrorCode.ILLEGAL_GENERATION
        return group.validate_commit(request.member_id, request.group_instance_id, generation, transactional=True)

    def fetch(self, request: OffsetFetchRequestGroup) -> OffsetFetchResponseGroup:
        """OffsetFetch of one group, of what is replicated."""
        return fetches.fetch(self.committed.offsets, request, require_stable=False)

    def fetch_stable(self, request: OffsetFetchRequestGroup) -> Decision:
        """OffsetFetch of one group, of all that was appended: the answer waits until that is replicated."""
        return Decision(fetches.fetch(self.offsets, request, require_stable=True))

    def delete_offsets(self, request: OffsetDeleteRequest) -> Decision:
        """OffsetDelete, for topics that exist."""
        group = self.groups.get(request.group_id)
        error = ErrorCode.GROUP_ID_NOT_FOUND if group is None else group.validate_offset_delete()
        if group is None or error:
            return Decision(OffsetDeleteResponse(error_code=error))
        return deletion.delete_offsets(self.offsets, group, request)

    # Groups as a whole

    def delete_groups(self, group_ids: Sequence[str]) -> Decision:
        """DeleteGroups, for the groups of this partition."""
        results, records = [], list[GroupRecord]()
        for group_id in group_ids:
            group = self.groups.get(group_id)
            error = ErrorCode.GROUP_ID_NOT_FOUND if group is None else group.validate_delete()
            results.append(DeletableGroupResult(group_id=group_id, error_code=error))
            if not error:
                records += (*deletion.all_tombstones(self.offsets, group_id), group_tombstone(group_id))
        return Decision(DeleteGroupsResponse(results=results), tuple(records))

    def describe(self, group_ids: Sequence[str], caller: Caller) -> list[DescribedGroup]:
        """DescribeGroups, for the groups of this partition; one that does not exist is Dead."""
        return [self.describe_group(group_id, caller.api_version) for group_id in group_ids]

    def describe_group(self, group_id: str, api_version: int) -> DescribedGroup:
        """One group, if it is replicated."""
        group = self.groups.get(group_id)
        if group is not None and group_id in self.committed.group_ids:
            return describing.describe(group)
        described = DescribedGroup(group_id=group_id, group_state=State.DEAD.value)
        if api_version >= DESCRIBE_NOT_FOUND_VERSION:
            described.error_code = ErrorCode.GROUP_ID_NOT_FOUND
            described.error_message = f"Group {group_id} not found."
        return described

    def list_groups(self, request: ListGroupsRequest) -> list[ListedGroup]:
        """ListGroups, for the groups of this partition."""
        return [
            describing.listed(group)
            for group_id, group in self.groups.items()
            if group_id in self.committed.group_ids
            and describing.is_listed(group, request.states_filter, request.types_filter)
        ]

    def topics_deleted(self, deleted: Mapping[str, Uuid]) -> Decision:
        """Forget the offsets of topics that were deleted, given by name with their ids."""
        records = [
            record
            for group_id in self.offsets.groups()
            for record in deletion.topic_tombstones(self.offsets, group_id, deleted)
        ]
        return Decision(records=tuple(records))

    # Timers

    def on_timer(self, event: object, now_ms: int) -> Iterator[Decision]:
        """A timer that was set has run off."""
        if isinstance(event, Timeout):
            group = self.groups.get(event.group_id)
            if group is not None:
                turn = self._turn(group, now_ms)
                timed_out(turn, event)
                yield turn.decide()
        elif isinstance(event, ExpiryDue):
            yield from self._expire(now_ms)

    def _expire(self, now_ms: int) -> Iterator[Decision]:
        for group_id, group in list(self.groups.items()):
            retention_ms = self._settings.offsets_retention_ms
            records, all_expired = deletion.expired_tombstones(self.offsets, group, now_ms, retention_ms)
            if all_expired and group.state is State.EMPTY:
                yield Decision(records=(*records, group_tombstone(group_id)))
            elif records:
                yield Decision(records=tuple(records))
        yield self._schedule_expiry()

    def _schedule_expiry(self) -> Decision:
        interval_ms = self._settings.offsets_retention_check_interval_ms
        return Decision(timers=(SetTimer(TimerKey(TimerKind.EXPIRY), interval_ms, ExpiryDue()),))

    def _create(self, group_id: str, now_ms: int) -> ClassicGroup:
        group = self.groups[group_id] = self._parts.classic_group(group_id, now_ms)
        return group

    def _turn(self, group: ClassicGroup, now_ms: int) -> Turn:
        return Turn(group, self._settings, now_ms)
