"""One change of a partition: a new ISR or assignment, who leads after it, and who else could (KIP-966).

Source: org.apache.kafka.controller.{PartitionChangeBuilder, PartitionReassignmentReplicas}. Last known leaders are
elected where nobody else can be (useLastKnownLeaderInBalancedRecovery), as in 4.3.1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import NamedTuple

from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid
from kafka_conformance.reference_broker.controller.image import NO_LEADER, PartitionImage
from kafka_conformance.reference_broker.controller.records import NO_LEADER_CHANGE, PartitionChangeRecord

RECOVERED, RECOVERING = 0, 1
"""LeaderRecoveryState."""


class Election(Enum):
    """How far an election may go."""

    PREFERRED = "preferred"
    ONLINE = "online"
    UNCLEAN = "unclean"


class Elected(NamedTuple):
    """Who leads from now on; `unclean` where records may be lost by it."""

    node_id: int
    unclean: bool = False


class PartitionChange:
    """Set the targets that differ, then `build`. Lists keep the order of the replicas that they were given in."""

    def __init__(
        self,
        topic_id: Uuid,
        partition: PartitionImage,
        is_acceptable_leader: Callable[[int], bool],
        min_isr: int,
        election: Election = Election.ONLINE,
    ) -> None:
        self._topic_id = topic_id
        self.partition = partition
        self.is_acceptable_leader = is_acceptable_leader
        self.min_isr = min_isr
        self.election = election
        self.isr: list[int] = list(partition.isr)
        self.replicas: list[int] = list(partition.replicas)
        self.removing: list[int] = list(partition.removing_replicas)
        self.adding: list[int] = list(partition.adding_replicas)
        self.elr: list[int] = list(partition.elr)
        self.recovery_state = partition.leader_recovery_state
        self.unclean_shutdown: Sequence[int] = ()
        """Replicas that may have lost records although they were eligible."""

    def build(self) -> PartitionChangeRecord | None:
        """Return what changes; None if nothing does."""
        record = PartitionChangeRecord(topic_id=self._topic_id, partition_id=self.partition.partition)
        self.complete_reassignment()
        self.elr = self.next_elr()
        self._elect(record)
        self._bump_epoch_for_removed_replicas(record)
        if record.isr is not None:  # an unclean election has decided
            self.elr = []
        if self.elr != list(self.partition.elr):
            record.eligible_leader_replicas = self.elr
        if record.isr is None and self.isr != list(self.partition.isr):
            record.isr = self.isr
        self._note_last_known_leader(record)
        self._set_assignment(record)
        if self.recovery_state != self.partition.leader_recovery_state:
            record.leader_recovery_state = self.recovery_state
        empty = PartitionChangeRecord(topic_id=self._topic_id, partition_id=self.partition.partition)
        return None if record == empty else record

    # Who leads

    def elect(self) -> Elected:
        """Choose the leader: the first in the order of the replicas, unless the one that there is may stay."""
        first = self.replicas[0]
        if self.election is Election.PREFERRED and self.is_valid_new_leader(first):
            return Elected(first)
        for node_id in (self.partition.leader, *self.candidates()):
            if self.is_valid_new_leader(node_id):
                return Elected(node_id)
        if self.may_elect_last_known_leader():
            return Elected(self.partition.last_known_elr[0], unclean=True)
        if self.election is Election.UNCLEAN:
            for node_id in self.replicas:
                if self.is_acceptable_leader(node_id):
                    return Elected(node_id, unclean=True)
        return Elected(NO_LEADER)

    def candidates(self) -> Sequence[int]:
        """In which order replicas are asked: that of the assignment, not that of the ISR."""
        return self.replicas

    def is_valid_new_leader(self, node_id: int) -> bool:
        """Whether a replica has all that was committed: it is in sync, or eligible where none is."""
        has_all = node_id in self.isr or (not self.isr and node_id in self.elr)
        return has_all and self.is_acceptable_leader(node_id)

    def may_elect_last_known_leader(self) -> bool:
        """Whether the one that led last may lead again although it may have lost records."""
        last = self.partition.last_known_elr
        return not self.elr and not self.isr and len(last) == 1 and self.is_acceptable_leader(last[0])

    def _elect(self, record: PartitionChangeRecord) -> None:
        elected = self.elect()
        if elected.node_id == self.partition.leader:
            return
        if elected.node_id in self.elr:
            self.isr = [elected.node_id]
            self.elr = [node_id for node_id in self.elr if node_id != elected.node_id]
        record.leader = elected.node_id
        if elected.unclean:
            record.isr = [elected.node_id]
            if self.partition.leader_recovery_state != RECOVERING:
                record.leader_recovery_state = RECOVERING

    def _bump_epoch_for_removed_replicas(self, record: PartitionChangeRecord) -> None:
        if record.leader == NO_LEADER_CHANGE and not set(self.partition.replicas) <= set(self.replicas):
            record.leader = self.partition.leader

    def _note_last_known_leader(self, record: PartitionChangeRecord) -> None:
        if record.leader == NO_LEADER and not self.partition.last_known_elr:
            record.last_known_elr = [self.partition.leader]
        elif record.leader >= 0 and self.partition.last_known_elr:
            record.last_known_elr = []

    # Who else could lead

    def next_elr(self) -> list[int]:
        """The replicas that left the ISR below its minimum: no record has been committed without them since."""
        if len(self.isr) >= self.min_isr:
            return []
        candidates = sorted({*self.elr, *self.partition.isr})
        return [each for each in candidates if each not in self.isr and each not in self.unclean_shutdown]

    # Reassignment

    def complete_reassignment(self) -> None:
        """Take the new assignment once all added replicas are in sync."""
        if not self.removing and not self.adding:
            return
        isr = [node_id for node_id in self.isr if node_id not in self.removing]
        replicas = [node_id for node_id in self.replicas if node_id not in self.removing]
        if not isr or not replicas or not set(self.adding) <= set(isr):
            return
        if len(self.adding) < len(self.removing) and not set(replicas) <= set(isr):
            return
        self.isr, self.replicas = isr, replicas
        self.removing, self.adding = [], []

    def _set_assignment(self, record: PartitionChangeRecord) -> None:
        if self.replicas != list(self.partition.replicas):
            record.replicas = self.replicas
            record.directories = [ZERO_UUID] * len(self.replicas)
        if self.removing != list(self.partition.removing_replicas):
            record.removing_replicas = self.removing
        if self.adding != list(self.partition.adding_replicas):
            record.adding_replicas = self.adding
