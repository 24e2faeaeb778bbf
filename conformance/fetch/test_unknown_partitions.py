"""Fetches of partitions that are not there."""

from kafka_conformance.conformance.fetch.several_partitions import by_partition
from kafka_conformance.harness.cases import ApiKey, ErrorCode, checks, expect, over_versions
from kafka_conformance.harness.subject.partition_requests import fetch_request
from kafka_conformance.protocol.primitives import ZERO_UUID

UNKNOWN_ID = bytes.fromhex("00112233445566778899aabbccddeeff")


class Nowhere:
    """A topic that does not exist, by its id."""

    name = "kc-no-such-topic"

    def __init__(self, topic_id):
        self.id = topic_id


@checks("fetch/unknown/partition")
@over_versions(ApiKey.FETCH)
def test_a_partition_that_is_not_there_is_unknown(cluster, version):
    with cluster.topic(partitions=1) as topic:
        fetched = topic.fetch(0, partition=7, version=version)

        expect(fetched).fails_with(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        expect(fetched.raw, "the records").equals(b"")


@checks("fetch/unknown/topic")
@over_versions(ApiKey.FETCH, "4-12")
def test_a_topic_name_that_is_not_there_is_unknown(cluster, version):
    answer = cluster.send(fetch_request(Nowhere(ZERO_UUID), {0: 0}), version)

    expect(by_partition(answer)[0]).fails_with(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)


@checks("fetch/unknown/topic-id")
@over_versions(ApiKey.FETCH, "13-18")
def test_a_topic_id_that_nobody_has_is_unknown(cluster, version):
    invented = cluster.send(fetch_request(Nowhere(UNKNOWN_ID), {0: 0}), version)
    zero = cluster.send(fetch_request(Nowhere(ZERO_UUID), {0: 0}), version)

    expect(by_partition(invented)[0], "the answer for an invented id").fails_with(ErrorCode.UNKNOWN_TOPIC_ID)
    expect(by_partition(zero)[0], "the answer for the zero id").fails_with(ErrorCode.UNKNOWN_TOPIC_ID)
