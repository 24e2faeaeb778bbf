"""The group coordinator of a broker: finds the partition of a group and hands its request on.

What the API modules call. Requests come with names of topics that exist, after authorization; an answer is a response,
or an awaitable of it where it has to wait. What differs by version is shaped here, so that no group sees a version.
Source: GroupCoordinatorService
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.delete_groups import DeletableGroupResult, DeleteGroupsResponse
from kafka_conformance.protocol.messages.describe_groups import DescribedGroup
from kafka_conformance.protocol.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from kafka_conformance.protocol.messages.join_group import JoinGroupRequest, JoinGroupResponse
from kafka_conformance.protocol.messages.leave_group import LeaveGroupRequest, LeaveGroupResponse
from kafka_conformance.protocol.messages.list_groups import ListedGroup, ListGroupsRequest, ListGroupsResponse
from kafka_conformance.protocol.messages.offset_commit import OffsetCommitRequest, OffsetCommitResponse
from kafka_conformance.protocol.messages.offset_delete import OffsetDeleteRequest, OffsetDeleteResponse
from kafka_conformance.protocol.messages.offset_fetch import OffsetFetchRequestGroup, OffsetFetchResponseGroup
from kafka_conformance.protocol.messages.sync_group import SyncGroupRequest, SyncGroupResponse
from kafka_conformance.protocol.messages.txn_offset_commit import TxnOffsetCommitRequest, TxnOffsetCommitResponse
from kafka_conformance.protocol.primitives import Uuid
from kafka_conformance.reference_broker.groups import shapes
from kafka_conformance.reference_broker.groups.classic.rebalance import join_refusal
from kafka_conformance.reference_broker.groups.coordinator import GroupCoordinator
from kafka_conformance.reference_broker.groups.coordinator_state import CoordinatorState
from kafka_conformance.reference_broker.groups.decision import Caller, Decision
from kafka_conformance.reference_broker.groups.java_strings import coordinator_partition
from kafka_conformance.reference_broker.groups.log_port import CoordinatorLog, TransactionalProducer, TransactionEnd
from kafka_conformance.reference_broker.groups.offsets import transactional
from kafka_conformance.reference_broker.groups.offsets.commits import refuse_commit
from kafka_conformance.reference_broker.groups.offsets.fetches import refuse_fetch
from kafka_conformance.reference_broker.groups.parts import GroupParts
from kafka_conformance.reference_broker.groups.settings import GroupSettings

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.environment import Environment
    from kafka_conformance.reference_broker.groups.shard import GroupShard

R = TypeVar("R")
Answer: TypeAlias = R | Awaitable[R]


class GroupCoordinatorService:
    """Immutable but for which partitions are led here. All methods are called on the loop's thread."""

    def __init__(
        self, environment: Environment, settings: GroupSettings | None = None, parts: GroupParts | None = None
    ) -> None:
        self.settings = settings or GroupSettings()
        self._environment = environment
        self._parts = parts or GroupParts()
        self._rules = self._parts.rules()
        self._coordinators: dict[int, GroupCoordinator] = {}
        self._is_active = True

    # Leadership of partitions

    def partition_for(self, group_id: str) -> int:
        """The partition of __consumer_offsets whose leader coordinates the group."""
        return coordinator_partition(group_id, self.settings.offsets_topic_num_partitions)

    def elected(self, partition: int, leader_epoch: int, log: CoordinatorLog) -> None:
        """This broker leads the partition of __consumer_offsets: load its groups."""
        coordinator = self._coordinators.get(partition)
        if coordinator is not None and coordinator.leader_epoch >= leader_epoch:
            return
        if coordinator is not None and coordinator.state in (CoordinatorState.LOADING, CoordinatorState.ACTIVE):
            coordinator.leader_epoch = leader_epoch
            return
        coordinator = self._coordinators[partition] = GroupCoordinator(
            self._parts.shard(self._parts, self.settings),
            log,
            loop=self._environment.loop,
            clock=self._environment.clock,
            write_timeout_ms=self.settings.offsets_commit_timeout_ms,
            leader_epoch=leader_epoch,
        )
        coordinator.load()

    def resigned(self, partition: int, leader_epoch: int | None = None) -> None:
        """Another broker leads the partition since `leader_epoch`; None: it was deleted, or this broker stops."""
        coordinator = self._coordinators.get(partition)
        if coordinator is None or (leader_epoch is not None and coordinator.leader_epoch >= leader_epoch):
            return
        del self._coordinators[partition]
        coordinator.unload()

    def high_watermark_reached(self, partition: int, offset: int) -> None:
        """The partition of __consumer_offsets is replicated up to `offset`."""
        coordinator = self._coordinators.get(partition)
        if coordinator is not None:
            coordinator.high_watermark_reached(offset)

    def topics_deleted(self, deleted: Mapping[str, Uuid]) -> None:
        """Forget the offsets of topics that were deleted, given by name with their ids."""
        for coordinator in list(self._coordinators.values()):
            coordinator.execute(lambda shard: shard.topics_deleted(deleted), lambda error: None)

    def shut_down(self) -> None:
        """Answer COORDINATOR_NOT_AVAILABLE from now on."""
        self._is_active = False
        for partition in list(self._coordinators):
            self.resigned(partition)

    # Membership

    def join_group(self, request: JoinGroupRequest, caller: Caller) -> Answer[JoinGroupResponse]:
        """JoinGroup; the answer may wait for the other members, as long as the longest rebalance timeout."""
        if caller.api_version == 0:
            request.rebalance_timeout_ms = request.session_timeout_ms
        error = self._join_error(request)
        if error:
            answer: Answer[JoinGroupResponse] = join_refusal(request.member_id, error)
        else:
            unique = shapes.random_uuid(self._environment.random)
            answer = self._execute(
                request.group_id,
                lambda shard: shard.join(request, caller, unique),
                lambda error: join_refusal("", error),
            )
        return shapes.shaped(answer, lambda response: shapes.join_response(response, caller.api_version))

    def _join_error(self, request: JoinGroupRequest) -> ErrorCode:
        if not self._is_active:
            return ErrorCode.COORDINATOR_NOT_AVAILABLE
        error = self._rules.group_id_error(request.group_id)
        return error or self._rules.session_timeout_error(request.session_timeout_ms, self.settings)

    def sync_group(self, request: SyncGroupRequest, caller: Caller) -> Answer[SyncGroupResponse]:
        """SyncGroup; the answer of a follower waits for the leader."""

        def refuse(error: ErrorCode) -> SyncGroupResponse:
            return SyncGroupResponse(error_code=error)

        if shapes.lacks_protocol(request, caller.api_version):
            return refuse(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
        return self._execute_named(request.group_id, lambda shard: shard.sync(request, caller), refuse)

    def heartbeat(self, request: HeartbeatRequest, caller: Caller) -> Answer[HeartbeatResponse]:
        """Heartbeat; while the groups are being loaded every member is taken to be known."""

        def refuse(error: ErrorCode) -> HeartbeatResponse:
            is_loading = error is ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
            return HeartbeatResponse(error_code=ErrorCode.NONE if is_loading else error)

        return self._execute_named(request.group_id, lambda shard: shard.heartbeat(request, caller), refuse)

    def leave_group(self, request: LeaveGroupRequest, caller: Caller) -> Answer[LeaveGroupResponse]:
        """LeaveGroup."""
        leaving = shapes.leave_request(request, caller.api_version)
        answer = self._execute_named(
            request.group_id,
            lambda shard: shard.leave(leaving, caller),
            lambda error: LeaveGroupResponse(error_code=error),
        )
        return shapes.shaped(answer, lambda response: shapes.leave_response(response, caller.api_version))

    # Groups as a whole

    def describe_groups(self, group_ids: Sequence[str], caller: Caller) -> list[DescribedGroup]:
        """DescribeGroups, without authorized operations."""
        by_partition = self._by_partition(group_ids).values()
        return [described for ids in by_partition for described in self._describe(ids, caller)]

    def _describe(self, ids: list[str], caller: Caller) -> list[DescribedGroup]:
        def refuse(error: ErrorCode) -> list[DescribedGroup]:
            return [DescribedGroup(group_id=each, error_code=error) for each in ids]

        return self._read(ids[0], lambda shard: shard.describe(ids, caller), refuse)

    def list_groups(self, request: ListGroupsRequest) -> ListGroupsResponse:
        """ListGroups: the groups that this broker coordinates; none while some of them are being loaded."""
        if not self._is_active:
            return ListGroupsResponse(error_code=ErrorCode.COORDINATOR_NOT_AVAILABLE)
        coordinators = self._coordinators.values()
        if any(coordinator.state is CoordinatorState.LOADING for coordinator in coordinators):
            return ListGroupsResponse(error_code=ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
        groups: list[ListedGroup] = []
        for coordinator in coordinators:
            groups += coordinator.read(lambda shard: shard.list_groups(request), lambda error: [])
        return ListGroupsResponse(groups=groups)

    def delete_groups(self, group_ids: Sequence[str]) -> Answer[DeleteGroupsResponse]:
        """DeleteGroups; a group that is named twice is deleted once."""
        answers = [self._delete_groups(ids) for ids in self._by_partition(dict.fromkeys(group_ids)).values()]
        return shapes.together(answers, shapes.merged_deletions)

    def _delete_groups(self, ids: list[str]) -> Answer[DeleteGroupsResponse]:
        def refuse(error: ErrorCode) -> DeleteGroupsResponse:
            return DeleteGroupsResponse(results=[DeletableGroupResult(group_id=each, error_code=error) for each in ids])

        return self._execute(ids[0], lambda shard: shard.delete_groups(ids), refuse)

    # Offsets

    def commit_offsets(self, request: OffsetCommitRequest, caller: Caller) -> Answer[OffsetCommitResponse]:
        """OffsetCommit: each topic with its name and, where it is known, its id."""
        return self._execute(
            request.group_id,
            lambda shard: shard.commit(request, caller),
            lambda error: refuse_commit(request, error),
        )

    def txn_commit_refusal(self, request: TxnOffsetCommitRequest) -> ErrorCode:
        """Why a TxnOffsetCommit is refused before its transaction is verified."""
        return self._rules.group_id_error(request.group_id) if self._is_active else ErrorCode.COORDINATOR_NOT_AVAILABLE

    def commit_in_transaction(
        self, request: TxnOffsetCommitRequest, producer: TransactionalProducer, caller: Caller
    ) -> Answer[TxnOffsetCommitResponse]:
        """TxnOffsetCommit, whose transaction has been verified."""
        return self._execute(
            request.group_id,
            lambda shard: shard.commit_in_transaction(request, producer, caller),
            lambda error: transactional.refuse_commit(request, error),
        )

    def complete_transaction(self, partition: int, end: TransactionEnd) -> Answer[ErrorCode]:
        """Write the marker of a transaction that has committed offsets in a partition of __consumer_offsets."""
        if not self._is_active:
            return ErrorCode.COORDINATOR_NOT_AVAILABLE
        coordinator = self._coordinators.get(partition)
        return ErrorCode.NOT_COORDINATOR if coordinator is None else coordinator.complete_transaction(end)

    def fetch_offsets(
        self, request: OffsetFetchRequestGroup, caller: Caller, *, require_stable: bool
    ) -> Answer[OffsetFetchResponseGroup]:
        """OffsetFetch of one group; see offsets.fetches for the shapes of the whole request and answer."""

        def refuse(error: ErrorCode) -> OffsetFetchResponseGroup:
            return refuse_fetch(request, error, caller.api_version)

        if require_stable:
            return self._execute(
                request.group_id,
                lambda shard: shard.fetch_stable(request),
                lambda error: refuse(shapes.fetch_error(error) if self._is_active else error),
            )
        return self._read(request.group_id, lambda shard: shard.fetch(request), refuse)

    def delete_offsets(self, request: OffsetDeleteRequest) -> Answer[OffsetDeleteResponse]:
        """OffsetDelete."""
        return self._execute_named(
            request.group_id,
            lambda shard: shard.delete_offsets(request),
            lambda error: OffsetDeleteResponse(error_code=error),
        )

    # Finding the coordinator

    def _by_partition(self, group_ids: Iterable[str]) -> dict[int, list[str]]:
        groups: dict[int, list[str]] = {}
        for group_id in group_ids:
            groups.setdefault(self.partition_for(group_id), []).append(group_id)
        return groups

    def _coordinator(self, group_id: str) -> GroupCoordinator | ErrorCode:
        if not self._is_active:
            return ErrorCode.COORDINATOR_NOT_AVAILABLE
        return self._coordinators.get(self.partition_for(group_id), ErrorCode.NOT_COORDINATOR)

    def _execute(
        self, group_id: str, operate: Callable[[GroupShard], Decision], refuse: Callable[[ErrorCode], R]
    ) -> Answer[R]:
        coordinator = self._coordinator(group_id)
        if isinstance(coordinator, ErrorCode):
            return refuse(coordinator)
        return coordinator.execute(operate, refuse)

    def _execute_named(
        self, group_id: str, operate: Callable[[GroupShard], Decision], refuse: Callable[[ErrorCode], R]
    ) -> Answer[R]:
        """As `_execute`, for the APIs that know no group with an empty name."""
        error = self._rules.group_id_error(group_id)
        if self._is_active and error:
            return refuse(error)
        return self._execute(group_id, operate, refuse)

    def _read(self, group_id: str, read: Callable[[GroupShard], R], refuse: Callable[[ErrorCode], R]) -> R:
        coordinator = self._coordinator(group_id)
        return refuse(coordinator) if isinstance(coordinator, ErrorCode) else coordinator.read(read, refuse)
