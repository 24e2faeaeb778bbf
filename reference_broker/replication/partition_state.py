"""What a broker knows of one partition: who leads, what is committed, who waits for it.

State changes come in metadata images (`update`); what is committed follows from the ends of the replicas' logs.
Source: kafka.cluster.Partition.{makeLeader, makeFollower, maybeIncrementLeaderHW, checkEnoughReplicasReachOffset}.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, NamedTuple, Protocol

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.primitives import Uuid
from kafka_conformance.reference_broker.controller.image import NO_LEADER, PartitionImage
from kafka_conformance.reference_broker.environment import Clock
from kafka_conformance.reference_broker.log import Log
from kafka_conformance.reference_broker.log.outcome import NO_EPOCH
from kafka_conformance.reference_broker.replication.follower import Follower

DEFAULT_LAG_TIME_MAX_MS = 30_000
"""replica.lag.time.max.ms of Apache Kafka."""


class Watcher(Protocol):
    """Somebody who waits for a partition to change."""

    def wake(self, partition: Any) -> None:
        """Look again at `partition`, the Partition that changed."""
        ...


class Enough(NamedTuple):
    """Whether the high watermark has reached an offset; an error ends the waiting, too."""

    reached: bool
    error: ErrorCode


class PartitionState:
    """One replica and its role. `log` is its log, whoever leads."""

    def __init__(self, topic: str, topic_id: Uuid, partition: int, log: Log, node_id: int, clock: Clock) -> None:
        self.topic = topic
        self.topic_id = topic_id
        self.partition = partition
        self.log = log
        self.node_id = node_id
        self.leader = NO_LEADER
        self.leader_epoch = NO_EPOCH
        self.partition_epoch = NO_EPOCH
        self.epoch_start_offset = 0
        """The end of the log when this replica became the leader."""
        self.isr: tuple[int, ...] = ()
        self.wanted_isr: tuple[int, ...] | None = None
        """What the leader has asked the controller for, until an image tells what came of it."""
        self.replicas: tuple[int, ...] = ()
        self.followers: dict[int, Follower] = {}
        """The other replicas, known to the leader only."""
        self.lag_time_max_ms = DEFAULT_LAG_TIME_MAX_MS
        self.is_under_min_isr = False
        """Whether too few replicas are in sync for anything to be committed."""
        self.on_high_watermark: Callable[[int], None] | None = None
        """Told each high watermark of this replica while it leads: a coordinator waits for it."""
        self._clock = clock
        self._watchers: dict[Watcher, None] = {}
        self._min_insync_replicas = 1

    def __repr__(self) -> str:
        return f"Partition({self.topic}-{self.partition}, leader {self.leader}, epoch {self.leader_epoch})"

    # What the controller says

    def update(self, image: PartitionImage) -> None:
        """Take over leader, epochs and in-sync replicas from a newer image; older ones are ignored."""
        if image.partition_epoch <= self.partition_epoch:
            return
        was_leader = self.is_leader
        new_epoch = image.leader_epoch > self.leader_epoch
        self.leader = image.leader
        self.leader_epoch = image.leader_epoch
        self.partition_epoch = image.partition_epoch
        self.isr = image.isr
        self.wanted_isr = None
        self.replicas = image.replicas
        self.is_under_min_isr = self.lacks_replicas()
        if self.is_leader:
            if new_epoch:
                self.become_leader()
            self._know_followers(new_epoch=new_epoch, was_leader=was_leader)
            self.maybe_increment_high_watermark()
        else:
            self.followers.clear()
        self.notify()

    def become_leader(self) -> None:
        """Begin a new leader epoch at the end of the log."""
        self.epoch_start_offset = self.log.log_end_offset
        self.log.assign_epoch_start_offset(self.leader_epoch, self.epoch_start_offset)

    def _know_followers(self, *, new_epoch: bool, was_leader: bool) -> None:
        """Source: updateAssignmentAndIsr, Replica.resetReplicaState."""
        known, self.followers = self.followers, {}
        now_ms = self._clock.now_ms()
        for node_id in self.replicas:
            if node_id == self.node_id:
                continue
            in_sync = node_id in self.isr
            follower = known.get(node_id)
            if follower is None or (new_epoch and not was_leader):
                follower = Follower(now_ms, in_sync=in_sync)
            elif new_epoch:
                follower.begin_epoch(self.epoch_start_offset, now_ms, in_sync=in_sync)
            self.followers[node_id] = follower

    def resign(self) -> None:
        """Stop to be a replica here: whoever waits is told."""
        self.leader = NO_LEADER
        self.followers.clear()
        self.notify()

    @property
    def is_leader(self) -> bool:
        """Whether this broker's replica leads."""
        return self.leader == self.node_id

    # Who waits

    def watch(self, watcher: Watcher) -> None:
        """Wake `watcher` whenever this partition changes."""
        self._watchers[watcher] = None

    def unwatch(self, watcher: Watcher) -> None:
        """Do not wake it any more."""
        self._watchers.pop(watcher, None)

    def notify(self) -> None:
        """Wake all who wait."""
        if self._watchers:
            for watcher in tuple(self._watchers):
                if watcher in self._watchers:
                    watcher.wake(self)

    # What is committed

    @property
    def min_insync_replicas(self) -> int:
        """The topic's min.insync.replicas."""
        return self._min_insync_replicas

    @min_insync_replicas.setter
    def min_insync_replicas(self, number: int) -> None:
        self._min_insync_replicas = number
        self.is_under_min_isr = self.lacks_replicas()

    @property
    def effective_min_isr(self) -> int:
        """min.insync.replicas, capped by the number of replicas."""
        return min(self._min_insync_replicas, len(self.replicas))

    def lacks_replicas(self) -> bool:
        """Whether fewer replicas are in sync than there have to be."""
        return len(self.isr) < self.effective_min_isr

    @property
    def maximal_isr(self) -> Collection[int]:
        """The replicas that may be in sync by now: a replica counts from the moment in which it is proposed."""
        return self.isr if self.wanted_isr is None else {*self.isr, *self.wanted_isr}

    def may_be_in_isr(self, node_id: int, follower: Follower) -> bool:
        """Whether a replica that is not in sync may become so."""
        return False

    def holds_back(self, node_id: int, follower: Follower, now_ms: int) -> bool:
        """Whether nothing is committed before that replica has it: it is in sync, or about to be."""
        if node_id in self.maximal_isr:
            return True
        end = self.log.log_end_offset
        return follower.is_caught_up(end, now_ms, self.lag_time_max_ms) and self.may_be_in_isr(node_id, follower)

    def replicated_end(self) -> int:
        """The end that all replicas have reached which count."""
        end, now_ms = self.log.log_end_offset, self._clock.now_ms()
        for node_id, follower in self.followers.items():
            if follower.log_end_offset < end and self.holds_back(node_id, follower, now_ms):
                end = follower.log_end_offset
        return end

    def maybe_increment_high_watermark(self) -> bool:
        """Move the high watermark to the end that all in-sync replicas have reached."""
        if self.is_under_min_isr:
            return False
        reached = self.replicated_end() if self.followers else self.log.log_end_offset
        if reached <= self.log.high_watermark:
            return False
        self.log.update_high_watermark(reached)
        if self.on_high_watermark is not None:
            self.on_high_watermark(reached)
        return True

    def check_enough_replicas_reach_offset(self, required_offset: int) -> Enough:
        """Whether an append that ends before `required_offset` is committed."""
        if not self.is_leader:
            return Enough(False, ErrorCode.NOT_LEADER_OR_FOLLOWER)
        if self.log.high_watermark < required_offset:
            return Enough(False, ErrorCode.NONE)
        if len(self.maximal_isr) < self.effective_min_isr:
            return Enough(True, ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND)
        return Enough(True, ErrorCode.NONE)
