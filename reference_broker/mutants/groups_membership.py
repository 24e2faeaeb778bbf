"""Defects of classic groups: who gets in, who keeps a place, who leaves."""

from __future__ import annotations

from typing_extensions import override

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.leave_group import LeaveGroupRequest
from kafka_conformance.reference_broker.groups.classic.group import ClassicGroup
from kafka_conformance.reference_broker.groups.classic.member import Member
from kafka_conformance.reference_broker.groups.decision import Caller, Decision
from kafka_conformance.reference_broker.groups.rules import GroupRules
from kafka_conformance.reference_broker.groups.settings import GroupSettings
from kafka_conformance.reference_broker.groups.shard import GroupShard
from kafka_conformance.reference_broker.mutants.registry import mutant

# Joining


@mutant("groups/asks-nobody-for-an-id", violates="groups/join/member-id-is-required")
class AsksNobodyForAnId(ClassicGroup):
    """A new member joins without an id, so one that lost its answer stays behind as a ghost."""

    @override
    def requires_member_id(self, api_version: int) -> bool:
        return False


@mutant("groups/asks-everybody-for-an-id", violates="groups/join/old-versions-let-in-at-once")
class AsksEverybodyForAnId(ClassicGroup):
    """A new member of an old client is asked for an id, which it does not understand."""

    @override
    def requires_member_id(self, api_version: int) -> bool:
        return True


@mutant("groups/member-id-is-client-id", violates="groups/join/member-ids-are-unique")
class MemberIdIsClientId(ClassicGroup):
    """Members with one client id share one member id."""

    @override
    def new_member_id(self, stem: str, unique: str) -> str:
        return stem


@mutant("groups/adopts-strangers", violates="groups/join/unknown-member-is-refused")
class AdoptsStrangers(ClassicGroup):
    """A member id that was never given out is let in."""

    @override
    def is_pending(self, member_id: str) -> bool:
        return member_id not in self.members


@mutant("groups/nameless-group", violates="groups/join/empty-group-id-is-refused")
class NamelessGroup(GroupRules):
    """A group may have the empty name."""

    @override
    def group_id_error(self, group_id: str) -> ErrorCode:
        return ErrorCode.NONE


@mutant("groups/any-session-timeout", violates="groups/join/session-timeout-has-bounds")
class AnySessionTimeout(GroupRules):
    """A session may be as short or as long as the member likes."""

    @override
    def session_timeout_error(self, session_timeout_ms: int, settings: GroupSettings) -> ErrorCode:
        return ErrorCode.NONE


@mutant("groups/mixes-protocol-types", violates="groups/join/protocols-must-agree")
class MixesProtocolTypes(ClassicGroup):
    """A consumer and a Connect worker share a group."""

    @override
    def supports_protocols(self, protocol_type: str, names: set[str]) -> bool:
        return any(self.supported_by_all(name) for name in names)


@mutant("groups/starts-counting-late", violates="groups/join/first-generation-is-one")
class StartsCountingLate(ClassicGroup):
    """The first generation is 2."""

    @override
    def __init__(self, group_id: str, now_ms: int) -> None:
        super().__init__(group_id, now_ms)
        self.generation = 1


@mutant("groups/pending-is-told-to-rejoin", violates="groups/join/pending-member-is-no-member")
class PendingIsToldToRejoin(ClassicGroup):
    """An id that has not joined yet is taken for a member that has to rejoin."""

    @override
    def member_error(self, member_id: str, instance_id: str | None) -> ErrorCode:
        if member_id in self.pending_joins:
            return ErrorCode.REBALANCE_IN_PROGRESS
        return super().member_error(member_id, instance_id)


# Static members


@mutant("groups/static-restart-rebalances", violates="groups/static/comes-back-without-rebalance")
class StaticRestartRebalances(ClassicGroup):
    """A static member that restarts makes everybody rejoin."""

    @override
    def static_rejoin_needs_rebalance(self) -> bool:
        return True


@mutant("groups/static-leader-assigns-anew", violates="groups/static/leader-skips-the-assignment")
class StaticLeaderAssignsAnew(ClassicGroup):
    """A static leader that restarts is not told to skip the assignment."""

    @override
    def skips_assignment(self, member_id: str) -> bool:
        return False


@mutant("groups/static-restart-changes-nothing", violates="groups/static/changed-protocol-rebalances")
class StaticRestartChangesNothing(ClassicGroup):
    """A static member that comes back with another protocol is told the current one."""

    @override
    def static_rejoin_needs_rebalance(self) -> bool:
        return False


@mutant("groups/static-duplicate-unfenced", violates="groups/static/duplicate-is-fenced")
class StaticDuplicateUnfenced(ClassicGroup):
    """The former self of a static member is not told that another has taken its place."""

    @override
    def is_fenced(self, member_id: str, instance_id: str) -> bool:
        return False


@mutant("groups/static-are-dropped-too", violates="groups/static/outlives-the-rebalance")
class StaticAreDroppedToo(ClassicGroup):
    """A static member that restarts slowly loses its place."""

    @override
    def not_rejoined(self) -> list[Member]:
        return [member for member in self.members.values() if not member.awaiting_join]


@mutant("groups/names-cannot-leave", violates="groups/static/leaves-by-its-name")
class NamesCannotLeave(ClassicGroup):
    """A static member cannot be removed without its member id."""

    @override
    def static_member_id(self, instance_id: str | None) -> str | None:
        return None


# Leaving


@mutant("groups/only-the-first-leaves", violates="groups/leave/each-member-is-answered")
class OnlyTheFirstLeaves(GroupShard):
    """Of a batch of members that leave only the first one does."""

    @override
    def leave(self, request: LeaveGroupRequest, caller: Caller) -> Decision:
        del request.members[1:]
        return super().leave(request, caller)


@mutant("groups/pending-cannot-leave", violates="groups/leave/pending-member-may-leave")
class PendingCannotLeave(ClassicGroup):
    """An id that was given out cannot be given back."""

    @override
    def leave_error(self, member_id: str, instance_id: str | None) -> ErrorCode:
        return self.member_error(member_id, instance_id)


@mutant("groups/last-member-leaves-a-ghost", violates="groups/leave/last-member-leaves-it-empty")
class LastMemberLeavesAGhost(ClassicGroup):
    """A group whose last member left is Stable for ever."""

    @override
    def rebalances_after_loss(self) -> bool:
        return bool(self.members) and super().rebalances_after_loss()
