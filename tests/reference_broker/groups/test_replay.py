"""Whatever happens to groups, a coordinator that takes over finds in the log what the last one knew.

Hypothesis draws the events; after each, the state that must survive is compared with a replay of the log.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.leave_group import MemberIdentity
from kafka_conformance.reference_broker.groups.classic.group import ClassicGroup
from kafka_conformance.reference_broker.groups.classic.states import State
from kafka_conformance.reference_broker.groups.log_port import LoggedRecord
from kafka_conformance.reference_broker.groups.parts import GroupParts
from kafka_conformance.reference_broker.groups.records import GroupMetadataValue, decode_record
from kafka_conformance.reference_broker.groups.settings import GroupSettings
from kafka_conformance.reference_broker.groups.shard import GroupShard
from tests.reference_broker.groups.bench import Bench, reply

SETTINGS = GroupSettings(
    group_initial_rebalance_delay_ms=1000,
    group_max_size=4,
    offsets_retention_minutes=1,
    offsets_retention_check_interval_ms=20_000,
    offsets_topic_num_partitions=1,
)
PROTOCOLS = st.sampled_from(
    [{"range": b"\0\0\0\0\0\1\0\1t\xff\xff\xff\xff"}, {"range": b"", "sticky": b""}, {"sticky": b""}]
)
INSTANCES = st.sampled_from([None, None, "i1", "i2"])
VERSIONS = st.sampled_from([3, 5, 9])
WHO = st.integers(0, 5)


def replayed(bench: Bench) -> GroupShard:
    shard = GroupShard(GroupParts(), bench.settings)
    for entry in bench.log.entries:
        assert isinstance(entry, LoggedRecord)
        record = decode_record(entry.key, entry.value)
        assert record is not None
        shard.apply(record, entry.offset)
    return shard


def surviving(group: ClassicGroup) -> GroupMetadataValue | None:
    """What the group would write now; a Stable one was written before it became so, hence without its time."""
    value = group.record({member.member_id: member.assignment for member in group.members.values()}).value
    assert value is not None
    value.current_state_timestamp = -1
    return value


class Groups(RuleBasedStateMachine):
    """Two groups under random events, on a log that replicates at once."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench(SETTINGS)
        self.known: list[tuple[str, str, str | None]] = []

    def pick(self, number: int) -> tuple[str, str, str | None]:
        return self.known[number % len(self.known)]

    def generation(self, group_id: str, offset: int) -> int:
        group = self.bench.coordinator.shard.groups.get(group_id)
        return offset + (group.generation if group else 0)

    @rule(group=st.sampled_from("gh"), instance=INSTANCES, protocols=PROTOCOLS, version=VERSIONS)
    def join_as_new(self, group: str, instance: str | None, protocols: dict[str, bytes], version: int) -> None:
        self.bench.join(
            group_id=group, group_instance_id=instance, protocols=protocols, version=version, rebalance_timeout_ms=8000
        )
        live = self.bench.coordinator.shard.groups.get(group)
        for member in [*live.members, *live.pending_joins] if live else ():
            if not any(member == known for _, known, _ in self.known):
                self.known.append((group, member, instance))

    @precondition(lambda self: self.known)
    @rule(who=WHO, protocols=PROTOCOLS)
    def rejoin(self, who: int, protocols: dict[str, bytes]) -> None:
        group, member, instance = self.pick(who)
        live = self.bench.coordinator.shard.groups.get(group)
        if live and member in live.pending_joins:
            instance = None
        self.bench.join(
            member, group_id=group, group_instance_id=instance, protocols=protocols, rebalance_timeout_ms=8000
        )

    @precondition(lambda self: self.known)
    @rule(who=WHO, offset=st.sampled_from([0, 0, 0, 1]))
    def sync(self, who: int, offset: int) -> None:
        group, member, _ = self.pick(who)
        live = self.bench.coordinator.shard.groups.get(group)
        assignments = {each: each.encode() for each in (live.members if live else ())}
        generation = self.generation(group, offset)
        self.bench.sync(
            member,
            generation,
            group_id=group,
            assignments=assignments,
            version=4,
            protocol_type=None,
            protocol_name=None,
        )

    @precondition(lambda self: self.known)
    @rule(who=WHO)
    def everybody_joins_and_syncs(self, who: int) -> None:
        group, _, _ = self.pick(who)
        live = self.bench.coordinator.shard.groups.get(group)
        if live is None:
            return
        for member in list(live.members.values()):
            self.bench.join(
                member.member_id,
                group_id=group,
                group_instance_id=member.instance_id,
                rebalance_timeout_ms=8000,
                protocols=dict(member.protocols),
            )
        self.bench.advance(8000)
        for number in range(len(self.known)):
            self.sync(number, 0)

    @precondition(lambda self: self.known)
    @rule(who=WHO, by_instance=st.booleans())
    def leave(self, who: int, by_instance: bool) -> None:
        group, member, instance = self.pick(who)
        identity = MemberIdentity(member_id="" if by_instance else member, group_instance_id=instance)
        reply(self.bench.leave(identity, group_id=group))

    @precondition(lambda self: self.known)
    @rule(who=WHO, offset=st.sampled_from([0, 0, 1]))
    def heartbeat(self, who: int, offset: int) -> None:
        group, member, instance = self.pick(who)
        generation = self.generation(group, offset)
        reply(self.bench.heartbeat(member, generation, group_id=group, group_instance_id=instance))

    @rule(
        group=st.sampled_from("ghs"),
        offset=st.integers(0, 99),
        partition=st.integers(0, 2),
        retention=st.sampled_from([-1, -1, 30_000]),
    )
    def commit_as_nobody(self, group: str, offset: int, partition: int, retention: int) -> None:
        reply(self.bench.commit(offset, group_id=group, partition=partition, retention_time_ms=retention, version=4))

    @precondition(lambda self: self.known)
    @rule(who=WHO, offset=st.integers(0, 99))
    def commit_as_member(self, who: int, offset: int) -> None:
        group, member, _ = self.pick(who)
        reply(self.bench.commit(offset, self.generation(group, 0), member, group_id=group))

    @rule(group=st.sampled_from("ghs"))
    def delete_group(self, group: str) -> None:
        reply(self.bench.service.delete_groups([group]))

    @rule(milliseconds=st.sampled_from([1, 500, 1000, 4000, 10_000, 70_000]))
    def time_passes(self, milliseconds: int) -> None:
        self.bench.advance(milliseconds)

    @rule(group=st.sampled_from("ghs"))
    def an_append_fails(self, group: str) -> None:
        before = len(self.bench.log.entries)
        self.bench.log.error = ErrorCode.NOT_ENOUGH_REPLICAS
        reply(self.bench.commit(1, group_id=group))
        reply(self.bench.service.delete_groups([group]))
        self.bench.log.error = ErrorCode.NONE
        assert len(self.bench.log.entries) == before

    @rule()
    def fail_over(self) -> None:
        before = self.bench.coordinator
        self.bench.fail_over()
        assert before._parked == {}

    @invariant()
    def the_log_says_what_the_coordinator_knows(self) -> None:
        shard, again = self.bench.coordinator.shard, replayed(self.bench)
        assert shard.offsets.__dict__ == again.offsets.__dict__ == shard.committed.offsets.__dict__
        assert shard.groups.keys() == again.groups.keys() == shard.committed.group_ids
        for group_id, group in shard.groups.items():
            assert group.durable == again.groups[group_id].durable

    @invariant()
    def a_group_that_rests_is_as_it_was_written(self) -> None:
        again = replayed(self.bench)
        for group_id, group in self.bench.coordinator.shard.groups.items():
            other = again.groups[group_id]
            other.resume()
            if group.state in (State.STABLE, State.EMPTY):
                assert surviving(group) == surviving(other)
                assert group.state is other.state
            if group.state is State.EMPTY and group.protocol_type is not None:
                assert group.state_since_ms == other.state_since_ms

    @invariant()
    def whoever_is_awaited_has_a_parked_request(self) -> None:
        parked = {(each.group_id, each.member_id) for each in self.bench.coordinator._parked}
        for group in self.bench.coordinator.shard.groups.values():
            for member in group.members.values():
                if member.awaiting_join or member.awaiting_sync:
                    assert (group.group_id, member.member_id) in parked
        assert len(parked) == len(self.bench.coordinator._parked)

    @invariant()
    def everybody_who_is_not_awaited_has_a_session(self) -> None:
        sessions = {(key.group_id, key.member_id) for key in self.bench.coordinator._timers}
        for group in self.bench.coordinator.shard.groups.values():
            for member in group.members.values():
                if not (member.awaiting_join or member.awaiting_sync):
                    assert (group.group_id, member.member_id) in sessions

    @invariant()
    def a_group_that_waits_has_a_timer(self) -> None:
        groups = {key.group_id for key in self.bench.coordinator._timers if not key.member_id}
        for group in self.bench.coordinator.shard.groups.values():
            if group.state in (State.PREPARING_REBALANCE, State.COMPLETING_REBALANCE):
                assert group.group_id in groups


TestGroups = Groups.TestCase
TestGroups.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
