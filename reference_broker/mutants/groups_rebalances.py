"""Defects of classic groups: how a rebalance goes, and what its members are told."""

from __future__ import annotations

from collections.abc import Mapping

from typing_extensions import override

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.groups.classic.group import ClassicGroup
from kafka_conformance.reference_broker.groups.classic.member import Member, Protocols
from kafka_conformance.reference_broker.groups.classic.states import State
from kafka_conformance.reference_broker.mutants.registry import mutant

# Rebalances


@mutant("groups/everybody-owns-the-leaders-share", violates="groups/rebalance/one-owner")
class EverybodyOwnsTheLeadersShare(ClassicGroup):
    """Each member is given what the leader assigned to itself."""

    @override
    def assignment_of(self, member_id: str, assignments: Mapping[str, bytes]) -> bytes:
        return assignments.get(self.leader or "", b"")


@mutant("groups/empty-group-is-no-generation", violates="groups/rebalance/generation-grows-by-one")
class EmptyGroupIsNoGeneration(ClassicGroup):
    """The generation is not raised when the last member leaves."""

    @override
    def next_generation(self) -> int:
        return self.generation + 1 if self.members else self.generation


@mutant("groups/followers-learn-the-members", violates="groups/rebalance/leader-learns-the-members")
class FollowersLearnTheMembers(ClassicGroup):
    """Followers are told all members too."""

    @override
    def learns_members(self, member_id: str) -> bool:
        return True


@mutant("groups/leader-chooses-the-protocol", violates="groups/rebalance/members-agree-on-the-protocol")
class LeaderChoosesTheProtocol(ClassicGroup):
    """The protocol is the one that the leader names first, whether the others support it or not."""

    @override
    def select_protocol(self) -> str:
        return self.members[self.leader or next(iter(self.members))].protocols[0][0]


@mutant("groups/first-protocol-by-name", violates="groups/rebalance/most-preferred-protocol-wins")
class FirstProtocolByName(ClassicGroup):
    """Of the protocols that all support the first by name is chosen, without a vote."""

    @override
    def select_protocol(self) -> str:
        names = {name for member in self.members.values() for name in member.protocol_names}
        return min(name for name in names if self.supported_by_all(name))


@mutant("groups/sync-during-rebalance", violates="groups/rebalance/join-starts-one")
class SyncDuringRebalance(ClassicGroup):
    """A SyncGroup while the members have to rejoin is taken to be of a member that is unknown."""

    @override
    def sync_answer(self) -> ErrorCode:
        answer = super().sync_answer()
        return ErrorCode.UNKNOWN_MEMBER_ID if answer is ErrorCode.REBALANCE_IN_PROGRESS else answer


@mutant("groups/leaves-quietly", violates="groups/rebalance/leave-starts-one")
class LeavesQuietly(ClassicGroup):
    """A member leaves and nobody takes over its partitions."""

    @override
    def rebalances_after_loss(self) -> bool:
        return False


@mutant("groups/keeps-the-absent", violates="groups/rebalance/absent-members-are-dropped")
class KeepsTheAbsent(ClassicGroup):
    """A member that did not rejoin in time stays, and is assigned partitions that it does not read."""

    @override
    def not_rejoined(self) -> list[Member]:
        return []


@mutant("groups/waits-for-the-pending", violates="groups/rebalance/pending-members-do-not-block")
class WaitsForThePending(ClassicGroup):
    """A rebalance waits for an id that never comes back."""

    @override
    def elect_leader(self) -> bool:
        return not self.pending_joins and super().elect_leader()


@mutant("groups/every-rejoin-rebalances", violates="groups/rejoin/unchanged-follower-stays")
class EveryRejoinRebalances(ClassicGroup):
    """A follower that rejoins unchanged starts a rebalance."""

    @override
    def needs_rebalance(self, member: Member, protocols: Protocols) -> bool:
        return self.state is State.STABLE or super().needs_rebalance(member, protocols)


@mutant("groups/ignores-new-metadata", violates="groups/rejoin/changed-follower-rebalances")
class IgnoresNewMetadata(ClassicGroup):
    """A follower that subscribes to other topics is told the current generation."""

    @override
    def needs_rebalance(self, member: Member, protocols: Protocols) -> bool:
        return super().needs_rebalance(member, member.protocols)


@mutant("groups/leader-is-a-member-like-any-other", violates="groups/rejoin/leader-rebalances")
class LeaderIsAMemberLikeAnyOther(ClassicGroup):
    """A leader that rejoins unchanged is told the current generation."""

    @override
    def needs_rebalance(self, member: Member, protocols: Protocols) -> bool:
        if self.state is State.STABLE:
            return member.protocols != protocols
        return super().needs_rebalance(member, protocols)


@mutant("groups/repeated-join-rebalances", violates="groups/rejoin/repeated-while-completing")
class RepeatedJoinRebalances(ClassicGroup):
    """A JoinGroup that is repeated before the assignment starts another rebalance."""

    @override
    def needs_rebalance(self, member: Member, protocols: Protocols) -> bool:
        return self.state is State.COMPLETING_REBALANCE or super().needs_rebalance(member, protocols)


# Assignments, heartbeats, sessions


@mutant("groups/forgotten-get-anothers-share", violates="groups/sync/everybody-gets-what-the-leader-gave")
class ForgottenGetAnothersShare(ClassicGroup):
    """A member that the leader left out is given what somebody else got."""

    @override
    def assignment_of(self, member_id: str, assignments: Mapping[str, bytes]) -> bytes:
        return assignments.get(member_id, next(iter(assignments.values()), b""))


@mutant("groups/followers-do-not-wait", violates="groups/sync/waits-for-the-leader")
class FollowersDoNotWait(ClassicGroup):
    """A follower is given its last assignment before the leader has made the next."""

    @override
    def is_assigned(self, member_id: str) -> bool:
        return super().is_assigned(member_id) or member_id != self.leader


@mutant("groups/assigns-once", violates="groups/sync/repeated-is-answered-again")
class AssignsOnce(ClassicGroup):
    """A member that repeats its SyncGroup has to rejoin."""

    @override
    def sync_answer(self) -> ErrorCode:
        return ErrorCode.REBALANCE_IN_PROGRESS if self.state is State.STABLE else super().sync_answer()


@mutant("groups/sync-waits-for-ever", violates="groups/sync/rebalance-interrupts-it")
class SyncWaitsForEver(ClassicGroup):
    """Who waits for an assignment is not told that the next rebalance has begun."""

    @override
    def interrupts_syncs(self) -> bool:
        return False


@mutant("groups/sync-of-any-protocol", violates="groups/sync/protocol-must-match")
class SyncOfAnyProtocol(ClassicGroup):
    """A SyncGroup that speaks of another protocol is served."""

    @override
    def agrees_on_protocol(self, protocol_type: str | None, protocol_name: str | None) -> bool:
        return True


@mutant("groups/silent-leader-blocks", violates="groups/sync/silent-members-are-dropped")
class SilentLeaderBlocks(ClassicGroup):
    """A leader that never assigns keeps the group waiting."""

    @override
    def not_synced(self) -> list[str]:
        return []


@mutant("groups/heartbeat-as-documented", violates="groups/heartbeat/tells-of-the-rebalance")
class HeartbeatAsDocumented(ClassicGroup):
    """A heartbeat before the assignment is answered as Kafka's comments say, and not as its code does."""

    @override
    def heartbeat_answer(self) -> ErrorCode:
        completing = self.state is State.COMPLETING_REBALANCE
        return ErrorCode.REBALANCE_IN_PROGRESS if completing else super().heartbeat_answer()


@mutant("groups/sessions-never-end", violates="groups/session/silent-member-is-dropped")
class SessionsNeverEnd(ClassicGroup):
    """A crashed member keeps its partitions."""

    @override
    def outlives_session(self, member: Member) -> bool:
        return True


@mutant("groups/heartbeats-do-not-count", violates="groups/session/heartbeat-keeps-it")
class HeartbeatsDoNotCount(ClassicGroup):
    """A member is dropped after its session timeout although it heartbeats."""

    @override
    def counts_heartbeats(self) -> bool:
        return False


@mutant("groups/strangers-are-stale", violates="groups/fencing/unknown-member")
class StrangersAreStale(ClassicGroup):
    """Who is no member is told that its generation is wrong, so it rejoins with the same id for ever."""

    @override
    def member_error(self, member_id: str, instance_id: str | None) -> ErrorCode:
        error = super().member_error(member_id, instance_id)
        return ErrorCode.ILLEGAL_GENERATION if error is ErrorCode.UNKNOWN_MEMBER_ID else error


@mutant("groups/any-generation", violates="groups/fencing/stale-generation")
class AnyGeneration(ClassicGroup):
    """A member that missed a rebalance goes on as if nothing had happened."""

    @override
    def is_current_generation(self, generation: int) -> bool:
        return True
