"""A classic group: its state, and the decisions that make the protocol, each a method of its own.

Two kinds of state. `durable` is the last GroupMetadata record of the log; `apply` alone changes it, so a coordinator
that takes over has the same one. All else (who is parked, a rebalance under way, pending ids) is lost at failover:
`resume` then rebuilds it from `durable`, and the members find out by their next heartbeat.
Source: ClassicGroup; GroupMetadataManager.replay(GroupMetadataKey, GroupMetadataValue)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.groups.classic.member import Member, Protocols
from kafka_conformance.reference_broker.groups.classic.membership import Membership
from kafka_conformance.reference_broker.groups.classic.states import (
    COMMIT_ANSWER,
    DELETE_ANSWER,
    HEARTBEAT_ANSWER,
    REJOIN,
    SYNC_ANSWER,
    Event,
    Rejoin,
    State,
    next_state,
)
from kafka_conformance.reference_broker.groups.classic.stored import loaded_member, stored_member
from kafka_conformance.reference_broker.groups.classic.subscriptions import CONSUMER, subscribed_topics
from kafka_conformance.reference_broker.groups.records import (
    GroupMetadataKey,
    GroupMetadataRecord,
    GroupMetadataValue,
)


class ClassicGroup(Membership):
    """A group of the classic protocol, or a "simple" one, which only keeps offsets."""

    def __init__(self, group_id: str, now_ms: int) -> None:
        super().__init__()
        self.group_id = group_id
        self.durable: GroupMetadataValue | None = None
        """As the log has it; None for a group that no GroupMetadata record made."""
        self.state = State.EMPTY
        self.previous_state = State.DEAD
        self.state_since_ms = now_ms
        self.generation = 0
        self.protocol_name: str | None = None
        self.subscribed_topics: frozenset[str] | None = None
        """The topics of all members; None where they are not known."""
        self.new_member_added = False
        """Somebody joined during the initial rebalance delay, which is then extended."""

    # The log and the group

    def apply(self, value: GroupMetadataValue) -> None:
        """Take over a record of the log: the only way in which what survives a failover changes."""
        self.durable = value

    def resume(self) -> None:
        """Become what the log says, at the end of loading."""
        value = self.durable
        if value is None:
            return
        self.generation = value.generation
        self.protocol_type = value.protocol_type or None
        self.protocol_name = value.protocol
        self.leader = value.leader
        self.state_since_ms = value.current_state_timestamp
        for stored in value.members:
            self.add(loaded_member(stored, value.protocol or ""), value.protocol_type)
        if self.members:
            self.previous_state, self.state = self.state, next_state(self.state, Event.LOADED_WITH_MEMBERS)
        self.subscribed_topics = self.compute_subscribed_topics()

    def record(self, assignments: Mapping[str, bytes]) -> GroupMetadataRecord:
        """The record that makes the current generation durable, with the assignment of each member."""
        members = [stored_member(member, self.protocol_name, assignments) for member in self.members.values()]
        value = GroupMetadataValue(
            protocol_type=self.protocol_type or "",
            generation=self.generation,
            protocol=self.protocol_name,
            leader=self.leader,
            current_state_timestamp=self.state_since_ms,
            members=members,
        )
        return GroupMetadataRecord(GroupMetadataKey(group=self.group_id), value)

    def creation_record(self) -> GroupMetadataRecord:
        """The record that says that the group exists, without a generation."""
        value = GroupMetadataValue(current_state_timestamp=self.state_since_ms)
        return GroupMetadataRecord(GroupMetadataKey(group=self.group_id), value)

    def transition(self, event: Event, now_ms: int) -> None:
        """Move to the next state. Raises IllegalTransitionError."""
        self.previous_state, self.state = self.state, next_state(self.state, event)
        self.state_since_ms = now_ms

    def start_generation(self, now_ms: int) -> None:
        """The members that have joined are the next generation; without members the group is Empty."""
        self.generation = self.next_generation()
        self.protocol_name = self.select_protocol() if self.members else None
        self.subscribed_topics = self.compute_subscribed_topics()
        self.transition(Event.MEMBERS_JOINED if self.members else Event.NO_MEMBER_LEFT, now_ms)
        self.pending_syncs.clear()

    def next_generation(self) -> int:
        """The number of the generation that begins, also where nobody is left to be in it."""
        return self.generation + 1

    # Who may do what

    def new_member_id(self, stem: str, unique: str) -> str:
        """The id of a new member: `stem` is its client id, or its instance id."""
        return f"{stem}-{unique}"

    def is_pending(self, member_id: str) -> bool:
        """Whether the id was given out by MEMBER_ID_REQUIRED and has not come back."""
        return member_id in self.pending_joins

    def is_fenced(self, member_id: str, instance_id: str) -> bool:
        """Whether another member has taken over the instance id (KIP-345)."""
        return self.static_ids[instance_id] != member_id

    def member_error(self, member_id: str, instance_id: str | None) -> ErrorCode:
        """UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID or NONE."""
        if instance_id is not None:
            if instance_id not in self.static_ids:
                return ErrorCode.UNKNOWN_MEMBER_ID
            if self.is_fenced(member_id, instance_id):
                return ErrorCode.FENCED_INSTANCE_ID
        return ErrorCode.NONE if member_id in self.members else ErrorCode.UNKNOWN_MEMBER_ID

    def heartbeat_answer(self) -> ErrorCode:
        """What a member of the current generation is told by a heartbeat."""
        return HEARTBEAT_ANSWER[self.state]

    def is_current_generation(self, generation: int) -> bool:
        """Whether a request speaks of the generation that the group is in."""
        return generation == self.generation

    def admits(self, member_id: str, max_size: int) -> bool:
        """Whether there is room (group.max.size) for the member that wants to join."""
        if self.state in (State.EMPTY, State.DEAD):
            return True
        member = self.members.get(member_id)
        if self.state is State.PREPARING_REBALANCE:
            # Those that wait are counted: the group may be larger than a limit that was lowered.
            return (member is not None and member.awaiting_join) or self.awaiting_join() < max_size
        return member is not None or len(self.members) < max_size

    def requires_member_id(self, api_version: int) -> bool:
        """Whether a new dynamic member is sent away with an id first (KIP-394)."""
        return api_version >= 4

    def supports_protocols(self, protocol_type: str, names: set[str]) -> bool:
        """Whether a joining member agrees with the others on the type and on at least one protocol."""
        if self.state is State.EMPTY:
            return bool(protocol_type) and bool(names)
        return self.protocol_type == protocol_type and any(self.supported_by_all(name) for name in names)

    def agrees_on_protocol(self, protocol_type: str | None, protocol_name: str | None) -> bool:
        """Whether a SyncGroup speaks of the type and the protocol of the generation, as far as it names them."""
        told = ((protocol_type, self.protocol_type), (protocol_name, self.protocol_name))
        return all(theirs is None or ours is None or theirs == ours for theirs, ours in told)

    def leave_error(self, member_id: str, instance_id: str | None) -> ErrorCode:
        """Whether a member may leave: also one that is pending."""
        return ErrorCode.NONE if self.is_pending(member_id) else self.member_error(member_id, instance_id)

    def static_member_id(self, instance_id: str | None) -> str | None:
        """The member that a LeaveGroup without a member id means (KIP-345)."""
        return None if instance_id is None else self.static_ids.get(instance_id)

    def validate_commit(
        self, member_id: str, instance_id: str | None, generation: int, *, transactional: bool = False
    ) -> ErrorCode:
        """Whether this member may commit offsets in this generation (-1: it uses the group for offsets only)."""
        if self.state is State.DEAD:
            return COMMIT_ANSWER[State.DEAD]
        if generation < 0 and self.state is State.EMPTY:
            return ErrorCode.NONE
        if generation >= 0 or member_id or instance_id is not None:
            error = self.member_error(member_id, instance_id)
            if error:
                return error
            if not self.is_current_generation(generation):
                return ErrorCode.ILLEGAL_GENERATION
        elif not transactional:
            return ErrorCode.UNKNOWN_MEMBER_ID
        return ErrorCode.NONE if transactional else COMMIT_ANSWER[self.state]

    def validate_delete(self) -> ErrorCode:
        """Whether the group may be deleted."""
        return DELETE_ANSWER[self.state]

    def validate_offset_delete(self) -> ErrorCode:
        """Whether offsets may be deleted; of a group with members only where its topics can be known."""
        error = DELETE_ANSWER[self.state]
        return ErrorCode.NONE if error is ErrorCode.NON_EMPTY_GROUP and self.is_consumer_type else error

    # How a rebalance goes

    def needs_rebalance(self, member: Member, protocols: Protocols) -> bool:
        """Whether a JoinGroup of a known member takes part in a rebalance, or is told the current generation."""
        rejoin = REJOIN[self.state]
        changed = member.protocols != protocols
        if rejoin is Rejoin.REBALANCE_IF_CHANGED_OR_LEADER:
            # The leader rejoins where something else changed the assignment, such as a topic's partitions.
            return changed or member.member_id == self.leader
        return changed or rejoin is Rejoin.REBALANCE

    def static_rejoin_needs_rebalance(self) -> bool:
        """Whether a restarted static member changes which protocol is selected (KIP-345)."""
        return self.select_protocol() != self.protocol_name

    def can_rebalance(self) -> bool:
        """Whether a rebalance can start: none is being prepared."""
        return self.state in (State.EMPTY, State.STABLE, State.COMPLETING_REBALANCE)

    def is_initial_rebalance(self) -> bool:
        """Whether the group waits for its first members, for group.initial.rebalance.delay.ms."""
        return self.previous_state is State.EMPTY

    def extends_initial_delay(self, remaining_ms: int) -> bool:
        """Whether the initial delay is extended: somebody came, and the first rebalance timeout is not used up."""
        return self.new_member_added and remaining_ms > 0

    def all_joined(self) -> bool:
        """Whether every member has rejoined, and every id that was given out has come back."""
        return self.awaiting_join() == len(self.members) and not self.pending_joins

    def not_rejoined(self) -> list[Member]:
        """The members that are dropped at the end of a rebalance: dynamic ones that did not rejoin."""
        return [member for member in self.members.values() if not member.awaiting_join and not member.is_static]

    def elect_leader(self) -> bool:
        """Keep the leader if it has rejoined, else take the first that has; false if nobody has."""
        joined = [member.member_id for member in self.members.values() if member.awaiting_join]
        if self.leader is None or not joined:
            return False
        if self.leader not in joined:
            self.leader = joined[0]
        return True

    def select_protocol(self) -> str:
        """The protocol that all support and most prefer; a tie is broken by the votes' order, in Kafka by a hash."""
        candidates = {name for member in self.members.values() for name in member.protocol_names}
        candidates = {name for name in candidates if self.supported_by_all(name)}
        votes = Counter(member.vote(candidates) for member in self.members.values())
        return max(votes, key=votes.__getitem__)

    def counts_heartbeats(self) -> bool:
        """Whether a heartbeat starts the session of its member anew."""
        return self.state is not State.EMPTY

    def sync_answer(self) -> ErrorCode:
        """What a member of the current generation is told by SyncGroup; NONE also where it has to wait."""
        return SYNC_ANSWER[self.state] or ErrorCode.NONE

    def is_assigned(self, member_id: str) -> bool:
        """Whether a SyncGroup can be answered at once; before, it waits for that of the leader."""
        return self.state is State.STABLE

    def interrupts_syncs(self) -> bool:
        """Whether a rebalance that starts sends away those who wait for their assignment."""
        return self.state is State.COMPLETING_REBALANCE

    def rebalances_after_loss(self) -> bool:
        """Whether the others rebalance now that a member has left or was silent for too long."""
        return self.state in (State.STABLE, State.COMPLETING_REBALANCE)

    def learns_members(self, member_id: str) -> bool:
        """Whether a member is told who else is in its generation: it has to assign."""
        return member_id == self.leader

    def assignment_of(self, member_id: str, assignments: Mapping[str, bytes]) -> bytes:
        """What the leader gave a member; nothing if it forgot it."""
        return assignments.get(member_id, b"")

    def skips_assignment(self, member_id: str) -> bool:
        """Whether a static member that came back is told to lead without assigning anew (KIP-814)."""
        return member_id == self.leader

    def not_synced(self) -> list[str]:
        """The members that are dropped when the sync times out: those that never asked for their assignment."""
        return sorted(self.pending_syncs)

    def outlives_session(self, member: Member) -> bool:
        """Whether a member is kept although its session timed out: it waits for the others, it cannot heartbeat."""
        return not member.is_new and (member.awaiting_join or member.awaiting_sync)

    # What it knows of topics

    @property
    def is_consumer_type(self) -> bool:
        """Whether the members are consumers, so that their metadata can be read."""
        return self.protocol_type == CONSUMER

    def compute_subscribed_topics(self) -> frozenset[str] | None:
        """The topics of all members, None where they cannot be known."""
        if not self.is_consumer_type:
            return None
        if not self.members:
            return frozenset()
        if self.protocol_name is None:
            return None
        name = self.protocol_name
        return subscribed_topics([member.metadata(name) for member in self.members.values()])

    def is_subscribed_to(self, topic: str) -> bool:
        """Whether a member consumes `topic`; where the topics of consumers cannot be known, it is taken to."""
        if self.subscribed_topics is None:
            return self.is_consumer_type
        return topic in self.subscribed_topics

    def retention_starts_ms(self, committed_at_ms: int) -> int | None:
        """From when an offset that was committed at `committed_at_ms` is counted as old; None: it is kept.

        Source: ClassicGroup.offsetExpirationCondition (KIP-211)
        """
        if self.protocol_type is None:
            return committed_at_ms
        if self.state is State.EMPTY:
            return committed_at_ms if self.state_since_ms == -1 else self.state_since_ms
        if self.is_consumer_type and self.subscribed_topics is not None and self.state is State.STABLE:
            return committed_at_ms
        return None
