"""DescribeQuorum (KIP-595): the leader of the controllers' log, its voters and observers.

Versions  v1 when a replica fetched last, and when it had everything (KIP-836); v2 the nodes of the voters (KIP-853).
Errors    UNKNOWN_TOPIC_OR_PARTITION for each partition that is asked for, unless that is __cluster_metadata-0 alone.
Source    ControllerApis.handleDescribeQuorum, KafkaRaftClient.handleDescribeQuorumRequest
"""

from __future__ import annotations

from collections.abc import Sequence

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.describe_quorum import (
    DescribeQuorumRequest,
    DescribeQuorumResponse,
    Node,
    ReplicaState,
    ResponsePartitionData,
    ResponseTopicData,
)
from kafka_conformance.reference_broker.apis.deferred import Deferred
from kafka_conformance.reference_broker.apis.rules import ApiRules
from kafka_conformance.reference_broker.cluster.context import Context
from kafka_conformance.reference_broker.controller.quorum import QuorumState, ReplicaOfLog
from kafka_conformance.reference_broker.controller.topic_names import CLUSTER_METADATA_TOPIC

_METADATA_PARTITION = (CLUSTER_METADATA_TOPIC, 0)
_NOT_HERE = "This server does not host this topic-partition."


class DescribeQuorumRules(ApiRules):
    """What is told of a quorum."""

    def is_metadata_log(self, partitions: Sequence[tuple[str, int]]) -> bool:
        """Whether these partitions are the one that can be described."""
        return list(partitions) == [_METADATA_PARTITION]

    def voters(self, state: QuorumState) -> Sequence[ReplicaOfLog]:
        """Those whose vote counts."""
        return state.voters

    def high_watermark(self, state: QuorumState) -> int:
        """Up to which offset the log is committed."""
        return state.high_watermark


def describe_quorum(
    ctx: Context, request: DescribeQuorumRequest
) -> DescribeQuorumResponse | Deferred[DescribeQuorumResponse]:
    """Answer DescribeQuorum."""
    return ctx.broker.forward(lambda: _answer(ctx, request))


def _answer(ctx: Context, request: DescribeQuorumRequest) -> DescribeQuorumResponse:
    rules = ctx.broker.rules.of(DescribeQuorumRules)
    asked = [(topic.topic_name, each.partition_index) for topic in request.topics for each in topic.partitions]
    if not rules.is_metadata_log(asked):
        return DescribeQuorumResponse(
            topics=[
                ResponseTopicData(
                    topic_name=topic.topic_name,
                    partitions=[_unknown(each.partition_index) for each in topic.partitions],
                )
                for topic in request.topics
            ]
        )
    state = ctx.broker.controller.describe_quorum()
    voters = rules.voters(state)
    partition = ResponsePartitionData(
        leader_id=state.leader_id,
        leader_epoch=state.leader_epoch,
        high_watermark=rules.high_watermark(state),
        current_voters=[_replica(each) for each in voters],
        observers=[_replica(each) for each in state.observers],
    )
    # The controller has no listener: brokers reach it over links
    return DescribeQuorumResponse(
        topics=[ResponseTopicData(topic_name=CLUSTER_METADATA_TOPIC, partitions=[partition])],
        nodes=[Node(node_id=each.replica_id) for each in voters],
    )


def _unknown(index: int) -> ResponsePartitionData:
    error = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    return ResponsePartitionData(partition_index=index, error_code=error, error_message=_NOT_HERE)


def _replica(replica: ReplicaOfLog) -> ReplicaState:
    return ReplicaState(
        replica_id=replica.replica_id,
        log_end_offset=replica.log_end_offset,
        last_fetch_timestamp=replica.last_fetch_ms,
        last_caught_up_timestamp=replica.last_caught_up_ms,
    )
