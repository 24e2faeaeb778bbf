"""Defects of what is shown of groups, how they are deleted and found, and what outlives their coordinator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from typing_extensions import override

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.describe_groups import DescribedGroup
from kafka_conformance.protocol.messages.find_coordinator import FindCoordinatorRequest
from kafka_conformance.protocol.messages.list_groups import ListedGroup, ListGroupsRequest
from kafka_conformance.reference_broker.apis.find_coordinator import CoordinatorType, FindCoordinatorRules, Found
from kafka_conformance.reference_broker.cluster.context import Context
from kafka_conformance.reference_broker.groups.classic.group import ClassicGroup
from kafka_conformance.reference_broker.groups.classic.states import State
from kafka_conformance.reference_broker.groups.decision import Decision
from kafka_conformance.reference_broker.groups.records import GroupMetadataRecord
from kafka_conformance.reference_broker.groups.shard import GroupShard
from kafka_conformance.reference_broker.mutants.registry import mutant


@mutant("groups/described-as-stable", violates="groups/describe/shows-the-state")
class DescribedAsStable(GroupShard):
    """A group that awaits its assignments is described as Stable."""

    @override
    def describe_group(self, group_id: str, api_version: int) -> DescribedGroup:
        described = super().describe_group(group_id, api_version)
        if described.group_state == State.COMPLETING_REBALANCE.value:
            described.group_state = State.STABLE.value
        return described


@mutant("groups/described-without-assignments", violates="groups/describe/shows-the-members")
class DescribedWithoutAssignments(GroupShard):
    """The members of a group are described without what they own."""

    @override
    def describe_group(self, group_id: str, api_version: int) -> DescribedGroup:
        described = super().describe_group(group_id, api_version)
        for member in described.members:
            member.member_assignment = b""
        return described


@mutant("groups/unknown-is-described-as-empty", violates="groups/describe/unknown-group-is-dead")
class UnknownIsDescribedAsEmpty(GroupShard):
    """A group that does not exist is described as one without members."""

    @override
    def describe_group(self, group_id: str, api_version: int) -> DescribedGroup:
        described = super().describe_group(group_id, api_version)
        if described.group_state == State.DEAD.value:
            described.group_state, described.error_code = State.EMPTY.value, ErrorCode.NONE
        return described


@mutant("groups/lists-those-that-committed", violates="groups/list/shows-every-group")
class ListsThoseThatCommitted(GroupShard):
    """A group that has not committed an offset is not listed."""

    @override
    def list_groups(self, request: ListGroupsRequest) -> list[ListedGroup]:
        return [listed for listed in super().list_groups(request) if self.committed.offsets.of_group(listed.group_id)]


@mutant("groups/ignores-the-types-filter", violates="groups/list/filters-by-state-and-type")
class IgnoresTheTypesFilter(GroupShard):
    """Groups of every type are listed, whichever was asked for."""

    @override
    def list_groups(self, request: ListGroupsRequest) -> list[ListedGroup]:
        return super().list_groups(ListGroupsRequest(states_filter=request.states_filter))


@mutant("groups/deletes-groups-with-members", violates="groups/delete/needs-an-empty-group")
class DeletesGroupsWithMembers(ClassicGroup):
    """A group is deleted under its members."""

    @override
    def validate_delete(self) -> ErrorCode:
        return ErrorCode.NONE


@mutant("groups/deleted-but-for-its-offsets", violates="groups/delete/removes-the-group")
class DeletedButForItsOffsets(GroupShard):
    """A deleted group leaves its offsets to the next one of its name."""

    @override
    def delete_groups(self, group_ids: Sequence[str]) -> Decision:
        decision = super().delete_groups(group_ids)
        kept = tuple(record for record in decision.records if isinstance(record, GroupMetadataRecord))
        return decision._replace(records=kept)


@mutant("groups/no-coordinator-for-old-clients", violates="groups/coordinator/same-for-everybody")
class NoCoordinatorForOldClients(FindCoordinatorRules):
    """Before version 3 a coordinator is named that does not exist."""

    @override
    def find(self, ctx: Context, key_type: int, key: str) -> Found:
        found = super().find(ctx, key_type, key)
        return found if ctx.api_version >= 3 or found.error else found._replace(node_id=found.node_id + 1)


@mutant("groups/finds-the-first-key", violates="groups/coordinator/many-keys-at-once")
class FindsTheFirstKey(FindCoordinatorRules):
    """Of several keys only the first is answered."""

    @override
    def keys(self, request: FindCoordinatorRequest) -> list[str]:
        return request.coordinator_keys[:1]


@mutant("groups/any-key-is-a-group", violates="groups/coordinator/unknown-key-type-is-refused")
class AnyKeyIsAGroup(FindCoordinatorRules):
    """A key of a type that does not exist is taken for a group's name."""

    @override
    def find(self, ctx: Context, key_type: int, key: str) -> Found:
        return super().find(ctx, key_type if key_type in set(CoordinatorType) else CoordinatorType.GROUP, key)


@mutant("groups/members-lost-at-failover", violates="groups/durability/survives-the-coordinator")
class MembersLostAtFailover(GroupShard):
    """A coordinator that takes over knows the groups and none of their members."""

    @override
    def loaded(self, now_ms: int) -> Iterator[Decision]:
        for group in self.groups.values():
            group.durable = None
        return super().loaded(now_ms)
