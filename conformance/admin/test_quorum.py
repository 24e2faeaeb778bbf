"""DescribeQuorum: who keeps the metadata, and how far it is committed."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.harness.cases import ApiKey, ErrorCode, checks, expect, over_versions
from kafka_conformance.protocol.messages.describe_quorum import (
    DescribeQuorumRequest,
    RequestPartitionData,
    RequestTopicData,
)

METADATA = "__cluster_metadata"
others = st.lists(
    st.tuples(st.sampled_from([METADATA, "orders"]), st.integers(0, 3)), min_size=1, max_size=3, unique=True
).filter(lambda asked: asked != [(METADATA, 0)])


def quorum_request(*partitions):
    """The partitions by topic."""
    topics = {}
    for topic, index in partitions:
        topics.setdefault(topic, []).append(RequestPartitionData(partition_index=index))
    return DescribeQuorumRequest(
        topics=[RequestTopicData(topic_name=topic, partitions=found) for topic, found in topics.items()]
    )


def described(cluster, version=None):
    """The partition of the metadata."""
    partition = cluster.send(quorum_request((METADATA, 0)), version).topics[0].partitions[0]
    expect(partition.error_code, "the error").equals(ErrorCode.NONE)
    return partition


def errors_in(answer):
    """The error of each partition."""
    return {
        (topic.topic_name, each.partition_index): each.error_code
        for topic in answer.topics
        for each in topic.partitions
    }


@checks("admin/quorum/leader-is-a-voter")
@over_versions(ApiKey.DESCRIBE_QUORUM)
def test_the_leader_of_the_metadata_is_a_voter_and_has_all_that_is_committed(cluster, version):
    partition = described(cluster, version)

    ends = {voter.replica_id: voter.log_end_offset for voter in partition.current_voters}
    expect(partition.leader_id in ends, "whether the leader is a voter").equals(True)
    expect(ends[partition.leader_id] >= partition.high_watermark, "whether the leader has all").equals(True)


@checks("admin/quorum/commits-what-is-answered")
def test_what_is_answered_is_committed(cluster):
    before = described(cluster).high_watermark

    with cluster.topic():
        after = described(cluster).high_watermark

    expect(after > before, f"whether {after} is higher than {before}").equals(True)


@checks("admin/quorum/other-partitions")
@given(asked=others)
def test_nothing_else_has_a_quorum(cluster, asked):
    answer = cluster.send(quorum_request(*asked))

    expect(errors_in(answer), "the errors").equals(dict.fromkeys(asked, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
