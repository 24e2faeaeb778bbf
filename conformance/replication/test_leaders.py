"""Where a partition is led: who refuses what is for its leader, and what a refusal tells (KIP-951)."""

import pytest

from kafka_conformance.conformance.fetch.epochs import current_epoch
from kafka_conformance.conformance.replication.failing import REPLICAS, followers_of
from kafka_conformance.conformance.replication.leading import lead_from, replicas_from
from kafka_conformance.harness.cases import LATEST, ApiKey, ErrorCode, NewRecord, build_batch, checks, expect
from kafka_conformance.harness.subject.partition_requests import fetch_request, list_offsets_request, produce_request
from kafka_conformance.protocol.messages.delete_records import (
    DeleteRecordsPartition,
    DeleteRecordsRequest,
    DeleteRecordsTopic,
)
from kafka_conformance.protocol.messages.offset_for_leader_epoch import (
    OffsetForLeaderEpochRequest,
    OffsetForLeaderPartition,
    OffsetForLeaderTopic,
)

LONGER_THAN_ANYBODY_WAITS_MS = 600_000


def told(answer):
    """What the answer for a partition says: the error, who leads, and in which epoch."""
    return answer.error_code, answer.current_leader.leader_id, answer.current_leader.leader_epoch


@checks("replication/the-leader-is-named")
def test_a_replica_that_does_not_lead_refuses_a_batch_and_names_the_leader(cluster):
    with cluster.topic(replication_factor=REPLICAS) as topic:
        said = ErrorCode.NOT_LEADER_OR_FOLLOWER, topic.leader(), current_epoch(topic)
        batch = bytes(build_batch([NewRecord(None, b"a")]))
        for follower in followers_of(topic):
            answer = cluster.send(produce_request(topic, {0: batch}), 10, node=follower)

            (partition,) = answer.responses[0].partition_responses
            expect(told(partition), "the error, the leader and its epoch").equals(said)
            named = [each.node_id for each in answer.node_endpoints]
            expect(named, "the brokers whose address is told").equals([topic.leader()])


@checks("replication/leaders/fenced-fetch-names-the-next")
@pytest.mark.parametrize("version", [16, 17, 18])
def test_a_fetch_that_is_fenced_is_told_who_leads_and_in_which_epoch(cluster, version):
    cluster.require(ApiKey.FETCH, version)
    with cluster.topic(replication_factor=REPLICAS) as topic:
        old = current_epoch(topic)
        lead_from(topic, followers_of(topic)[0])

        answer = topic.fetch(0, current_leader_epoch=old, version=version)

        said = ErrorCode.FENCED_LEADER_EPOCH, topic.leader(), current_epoch(topic)
        expect(told(answer.partition), "the error, the leader and its epoch").equals(said)
        named = [each.node_id for each in answer.response.node_endpoints]
        expect(named, "the brokers whose address is told").equals([topic.leader()])


@checks("replication/leaders/fetch-elsewhere-names-the-leader")
def test_a_fetch_from_a_broker_without_a_replica_is_told_who_leads(cluster):
    cluster.require(ApiKey.FETCH, 16)
    *pair, outsider = replicas_from(cluster, 0, REPLICAS)
    with cluster.topic(assignment=[pair]) as topic, cluster.connect(outsider) as connection:
        answer = topic.fetch(0, on=connection)

        said = ErrorCode.NOT_LEADER_OR_FOLLOWER, topic.leader(), current_epoch(topic)
        expect(told(answer.partition), "the error, the leader and its epoch").equals(said)
        named = [each.node_id for each in answer.response.node_endpoints]
        expect(named, "the brokers whose address is told").equals([topic.leader()])


@checks("replication/leaders/waiting-fetch-is-fenced")
def test_a_fetch_that_waits_at_a_leader_ends_when_another_leads(cluster):
    with cluster.topic(replication_factor=REPLICAS) as topic, cluster.connect(leader_of=topic) as connection:
        request = fetch_request(
            topic, {0: 0}, max_wait_ms=LONGER_THAN_ANYBODY_WAITS_MS, current_leader_epoch=current_epoch(topic)
        )
        waiting = connection.start(request)

        lead_from(topic, followers_of(topic)[0])

        (partition,) = waiting.result().responses[0].partitions
        expect(ErrorCode(partition.error_code), "the error").equals(ErrorCode.FENCED_LEADER_EPOCH)


@checks("replication/leaders/followers-refuse")
def test_a_follower_refuses_what_only_a_leader_can_tell(cluster):
    with cluster.topic(replication_factor=REPLICAS) as topic:
        topic.produce([b"a"])
        epochs = OffsetForLeaderEpochRequest(
            replica_id=-1,
            topics=[OffsetForLeaderTopic(topic=topic.name, partitions=[OffsetForLeaderPartition(leader_epoch=0)])],
        )
        deletion = DeleteRecordsRequest(
            topics=[DeleteRecordsTopic(name=topic.name, partitions=[DeleteRecordsPartition(offset=1)])],
            timeout_ms=30_000,
        )
        for follower in followers_of(topic):
            listed = cluster.send(list_offsets_request(topic, {0: LATEST}), node=follower).topics[0].partitions[0]
            end = cluster.send(epochs, node=follower).topics[0].partitions[0]
            deleted = cluster.send(deletion, node=follower).topics[0].partitions[0]

            said = [ErrorCode(each.error_code) for each in (listed, end, deleted)]
            expect(said, f"what node {follower} says").equals([ErrorCode.NOT_LEADER_OR_FOLLOWER] * 3)
        expect(topic.start_offset(), "the start of the log").equals(0)
