"""Defects of the controller of several brokers: who is in sync, who leads, where replicas are moved."""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.alter_partition_reassignments import (
    AlterPartitionReassignmentsRequest,
    AlterPartitionReassignmentsResponse,
)
from kafka_conformance.protocol.messages.elect_leaders import ElectLeadersRequest, ElectLeadersResponse
from kafka_conformance.protocol.messages.list_partition_reassignments import (
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsResponse,
)
from kafka_conformance.reference_broker.controller.controller import Controller
from kafka_conformance.reference_broker.controller.elections import ElectionType
from kafka_conformance.reference_broker.controller.image import BrokerImage, TopicImage
from kafka_conformance.reference_broker.controller.membership import HeartbeatAnswer
from kafka_conformance.reference_broker.controller.partition_change import Elected, Election, PartitionChange
from kafka_conformance.reference_broker.controller.replication import ReplicationControl
from kafka_conformance.reference_broker.log import AppendInfo, Refusal
from kafka_conformance.reference_broker.mutants.registry import mutant
from kafka_conformance.reference_broker.replication.follower import Follower
from kafka_conformance.reference_broker.replication.partition import Partition

# Who is in sync


@mutant("replication/stays-out", violates="replication/isr/leaves-and-comes-back")
class StaysOut(Partition):
    """A replica that has left the in-sync ones does not come back."""

    @override
    def maybe_expand_isr(self, node_id: int, follower: Follower) -> None:
        pass


@mutant("replication/appends-what-it-refuses", violates="replication/isr/answer-says-what-was-appended")
class AppendsWhatItRefuses(Partition):
    """A batch that is refused because too few replicas are in sync is appended all the same."""

    @override
    def append_as_leader(self, records: memoryview, *, acks: int = -1, **how: Any) -> AppendInfo | Refusal:
        outcome = super().append_as_leader(records, acks=acks, **how)
        if isinstance(outcome, Refusal) and outcome.error is ErrorCode.NOT_ENOUGH_REPLICAS:
            super().append_as_leader(records, acks=1, **how)
        return outcome


@mutant("replication/nobody-is-eligible", violates="replication/isr/eligible-leaders")
class NobodyIsEligible(PartitionChange):
    """Who leaves an ISR that is too small is not eligible any more (before KIP-966)."""

    @override
    def next_elr(self) -> list[int]:
        return []


# Elections


@mutant("replication/elects-whoever-lives", violates="replication/only-who-has-all-leads")
class ElectsWhoeverLives(PartitionChange):
    """A replica leads although it is not in sync."""

    @override
    def is_valid_new_leader(self, node_id: int) -> bool:
        return self.is_acceptable_leader(node_id)


@mutant("replication/prefers-nobody", violates="replication/elections/preferred")
class PrefersNobody(PartitionChange):
    """Whoever leads goes on, although the first replica is asked for."""

    @override
    def elect(self) -> Elected:
        if self.election is Election.PREFERRED and self.is_valid_new_leader(self.partition.leader):
            return Elected(self.partition.leader)
        return super().elect()


@mutant("replication/elects-again", violates="replication/elections/not-needed")
class ElectsAgain(Controller):
    """An election where the wanted leader leads is said to have been held."""

    @override
    def elect_leaders(self, request: ElectLeadersRequest) -> ElectLeadersResponse:
        return _told(super().elect_leaders(request), ErrorCode.ELECTION_NOT_NEEDED, ErrorCode.NONE)


@mutant("replication/prefers-the-dead", violates="replication/elections/preferred-is-away")
class PrefersTheDead(PartitionChange):
    """Where the preferred leader is asked for it is elected, whether it is there or not."""

    @override
    def is_valid_new_leader(self, node_id: int) -> bool:
        return self.election is Election.PREFERRED or super().is_valid_new_leader(node_id)


@mutant("replication/needs-nobody", violates="replication/elections/nobody-is-left")
class NeedsNobody(Controller):
    """Where no replica is alive an election is said not to be needed."""

    @override
    def elect_leaders(self, request: ElectLeadersRequest) -> ElectLeadersResponse:
        answer = super().elect_leaders(request)
        return _told(answer, ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE, ErrorCode.ELECTION_NOT_NEEDED)


@mutant("replication/elects-for-what-is-not-there", violates="replication/elections/unknown-partitions")
class ElectsForWhatIsNotThere(Controller):
    """A partition that does not exist is said to be led already."""

    @override
    def elect_leaders(self, request: ElectLeadersRequest) -> ElectLeadersResponse:
        answer = super().elect_leaders(request)
        return _told(answer, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.ELECTION_NOT_NEEDED)


@mutant("replication/knows-every-election", violates="replication/elections/unknown-types")
class KnowsEveryElection(Controller):
    """An election of an unknown type is held as one of the preferred leader."""

    @override
    def elect_leaders(self, request: ElectLeadersRequest) -> ElectLeadersResponse:
        if request.election_type not in list(ElectionType):
            request.election_type = ElectionType.PREFERRED
        return super().elect_leaders(request)


@mutant("replication/elects-cleanly-on-request", violates="replication/elections/unclean-on-request")
class ElectsCleanlyOnRequest(Controller):
    """An unclean election is held as one of the preferred leader."""

    @override
    def elect_leaders(self, request: ElectLeadersRequest) -> ElectLeadersResponse:
        request.election_type = ElectionType.PREFERRED
        return super().elect_leaders(request)


@mutant("replication/elects-cleanly-everywhere", violates="replication/elections/unclean-where-configured")
class ElectsCleanlyEverywhere(Controller):
    """unclean.leader.election.enable of a topic is not looked at."""

    @property
    @override
    def replication(self) -> ReplicationControl:
        return _Clean(self.image, self.config, self._partition_change)


class _Clean(ReplicationControl):
    @override
    def allows_unclean_elections(self, topic: TopicImage) -> bool:
        return False


@mutant("replication/stops-at-once", violates="replication/orderly-stop-hands-over")
class StopsAtOnce(Controller):
    """A broker that wants to stop may do so at once: others lead when it is missed."""

    @override
    def _heartbeat_before_shutdown(self, broker: BrokerImage) -> HeartbeatAnswer:
        return HeartbeatAnswer(should_shut_down=True)


# Reassignments


@mutant("replication/takes-new-ones-for-in-sync", violates="replication/reassignment/keeps-records")
class TakesNewOnesForInSync(PartitionChange):
    """A reassignment is complete as soon as it is asked for: replicas that are added count as in sync."""

    @override
    def complete_reassignment(self) -> None:
        self.isr = [*self.isr, *(each for each in self.adding if each not in self.isr)]
        super().complete_reassignment()


@mutant("replication/moves-in-secret", violates="replication/reassignment/is-listed")
class MovesInSecret(Controller):
    """No reassignment is listed."""

    @override
    def list_partition_reassignments(
        self, request: ListPartitionReassignmentsRequest
    ) -> ListPartitionReassignmentsResponse:
        return ListPartitionReassignmentsResponse(error_message=None)


@mutant("replication/cancels-nothing", violates="replication/reassignment/is-cancelled")
class CancelsNothing(Controller):
    """Where no reassignment is under way, one is said to have been cancelled."""

    @override
    def alter_partition_reassignments(
        self, request: AlterPartitionReassignmentsRequest
    ) -> AlterPartitionReassignmentsResponse:
        answer = super().alter_partition_reassignments(request)
        return _altered(answer, ErrorCode.NO_REASSIGNMENT_IN_PROGRESS, ErrorCode.NONE)


@mutant("replication/counts-replicas-once", violates="replication/reassignment/impossible-targets")
class CountsReplicasOnce(Controller):
    """A broker that a reassignment names twice counts once."""

    @override
    def alter_partition_reassignments(
        self, request: AlterPartitionReassignmentsRequest
    ) -> AlterPartitionReassignmentsResponse:
        for topic in request.topics:
            for partition in topic.partitions:
                partition.replicas = partition.replicas and list(dict.fromkeys(partition.replicas))
        return super().alter_partition_reassignments(request)


@mutant("replication/moves-what-is-not-there", violates="replication/reassignment/unknown-partitions")
class MovesWhatIsNotThere(Controller):
    """A partition that does not exist is said to have no reassignment under way."""

    @override
    def alter_partition_reassignments(
        self, request: AlterPartitionReassignmentsRequest
    ) -> AlterPartitionReassignmentsResponse:
        answer = super().alter_partition_reassignments(request)
        return _altered(answer, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.NO_REASSIGNMENT_IN_PROGRESS)


def _told(answer: ElectLeadersResponse, error: ErrorCode, instead: ErrorCode) -> ElectLeadersResponse:
    for topic in answer.replica_election_results:
        for partition in topic.partition_result:
            partition.error_code = instead if partition.error_code == error else partition.error_code
    return answer


def _altered(
    answer: AlterPartitionReassignmentsResponse, error: ErrorCode, instead: ErrorCode
) -> AlterPartitionReassignmentsResponse:
    for topic in answer.responses:
        for partition in topic.partitions:
            partition.error_code = instead if partition.error_code == error else partition.error_code
    return answer
