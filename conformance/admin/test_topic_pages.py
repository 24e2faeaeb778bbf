"""DescribeTopicPartitions: topics page by page."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.admin.making import several_topics
from kafka_conformance.harness.cases import ApiKey, ErrorCode, checks, expect
from kafka_conformance.protocol.messages.describe_topic_partitions import (
    DescribeTopicPartitionsRequest,
    TopicRequest,
)

MOST_PAGES = 40


def pages(cluster, names, limit):
    """The answers, each asked for with the cursor of the one before."""
    cluster.require(ApiKey.DESCRIBE_TOPIC_PARTITIONS)
    request = DescribeTopicPartitionsRequest(
        topics=[TopicRequest(name=name) for name in names], response_partition_limit=limit
    )
    found = [cluster.send(request)]
    while found[-1].next_cursor is not None and len(found) < MOST_PAGES:
        request.cursor = found[-1].next_cursor
        found.append(cluster.send(request))
    return found


def partitions_of(page):
    """Name and index of each partition of a page."""
    return [(topic.name, partition.partition_index) for topic in page.topics for partition in topic.partitions]


@checks("admin/describe-topic-partitions/pages-are-complete")
@given(counts=st.lists(st.integers(1, 5), min_size=1, max_size=3), limit=st.integers(1, 7), data=st.data())
def test_the_pages_together_give_every_partition_once_in_order(cluster, counts, limit, data):
    with several_topics(cluster, counts) as topics:
        names = [topic.name for topic in topics]
        asked = data.draw(st.permutations(names), label="the order in which they are asked for")

        answers = pages(cluster, asked, limit)

        everything = sorted((topic.name, index) for topic in topics for index in range(topic.partition_count))
        expect([entry for page in answers for entry in partitions_of(page)], "all partitions").equals(everything)
        longest = max(len(partitions_of(page)) for page in answers)
        expect(longest, "the partitions of the longest page").is_at_most(limit)


@checks("admin/describe-topic-partitions/agrees-with-metadata")
@given(count=st.integers(1, 4))
def test_leaders_and_replicas_are_those_of_metadata(cluster, count):
    with cluster.topic(partitions=count) as topic:
        page = pages(cluster, [topic.name, cluster.unique("unknown")], 100)[0]
        metadata = topic.refresh()

        errors = [entry.error_code for entry in page.topics]
        expect(sorted(errors), "the errors").equals([ErrorCode.NONE, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION])
        entry = next(entry for entry in page.topics if entry.name == topic.name)
        expect(entry.topic_id, "the id").equals(metadata.topic_id)
        shown = [
            (each.partition_index, each.leader_id, each.replica_nodes, each.isr_nodes) for each in entry.partitions
        ]
        expect(shown, "index, leader, replicas, in-sync replicas").equals(
            [(each.partition_index, each.leader_id, each.replica_nodes, each.isr_nodes) for each in metadata.partitions]
        )
