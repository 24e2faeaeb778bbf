"""Defects of replication that no case of the suite is about, for the schedules to find."""

from __future__ import annotations

from typing_extensions import override

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.log import Log
from kafka_conformance.reference_broker.replication.fetcher import ReplicaFetcher
from kafka_conformance.reference_broker.replication.partition import Partition
from kafka_conformance.reference_broker.replication.partition_state import Enough
from kafka_conformance.reference_broker.replication.reads import DivergingEpoch


class AcknowledgesAlone(Partition):
    """A leader acknowledges for all replicas what it alone has."""

    @override
    def check_enough_replicas_reach_offset(self, required_offset: int) -> Enough:
        return Enough(self.is_leader, ErrorCode.NONE if self.is_leader else ErrorCode.NOT_LEADER_OR_FOLLOWER)


class ForgetsProducersOnElection(Partition):
    """A replica that becomes the leader knows no producer."""

    @override
    def become_leader(self) -> None:
        super().become_leader()
        self.log.producer_state.producers.clear()


class KeepsWhatDiverged(ReplicaFetcher):
    """A follower that is told where its log parts from the leader's cuts nothing off."""

    @override
    def truncation_offset(self, log: Log, diverging: DivergingEpoch) -> int:
        return log.log_end_offset
