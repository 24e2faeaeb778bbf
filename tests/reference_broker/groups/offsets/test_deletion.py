"""OffsetDelete, expiry and deleted topics."""

import pytest

from kafka_conformance.protocol.codec import encode_message
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.consumer_protocol import ConsumerProtocolSubscription
from kafka_conformance.protocol.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteRequestPartition,
    OffsetDeleteRequestTopic,
)
from kafka_conformance.reference_broker.groups.log_port import LoggedRecord
from tests.reference_broker.groups.bench import NO_DELAY, Bench, reply

ID = bytes(range(16))
DAY_MS = 24 * 60 * 60 * 1000
SHORT = NO_DELAY._replace(offsets_retention_minutes=1, offsets_retention_check_interval_ms=10_000)


def subscription(*topics: str, version: int = 1) -> bytes:
    message = ConsumerProtocolSubscription(topics=list(topics))
    return version.to_bytes(2, "big") + b"".join(encode_message(message, version))


def delete(bench: Bench, topic: str = "t", *partitions: int, group_id: str = "g"):  # type: ignore[no-untyped-def]
    wanted = [OffsetDeleteRequestPartition(partition_index=number) for number in partitions or (0,)]
    request = OffsetDeleteRequest(group_id=group_id, topics=[OffsetDeleteRequestTopic(name=topic, partitions=wanted)])
    return reply(bench.service.delete_offsets(request))


def errors(answer) -> list[int]:  # type: ignore[no-untyped-def]
    return [partition.error_code for topic in answer.topics for partition in topic.partitions]


def test_an_offset_of_a_simple_group_is_deleted() -> None:
    bench = Bench()
    bench.commit(5)

    assert errors(delete(bench, "t", 0, 1)) == [0, 0]

    assert bench.offset() == -1
    bench.fail_over()
    assert bench.offset() == -1
    assert len(bench.log.entries) == 2  # nothing was written for partition 1


def test_an_unknown_group_has_no_offsets_to_delete() -> None:
    assert delete(Bench()).error_code == ErrorCode.GROUP_ID_NOT_FOUND


def test_offsets_of_a_subscribed_topic_are_kept_and_others_deleted() -> None:
    bench = Bench()
    (member,) = bench.stable(protocols={"range": subscription("t")})
    bench.commit(5, 1, member)
    bench.commit(6, 1, member, topic="old")

    assert errors(delete(bench, "t")) == [ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC]
    assert errors(delete(bench, "old")) == [ErrorCode.NONE]

    assert (bench.offset("t"), bench.offset("old")) == (5, -1)


@pytest.mark.parametrize("version", [0, 1, 2, 3])
def test_the_subscription_is_read_in_every_version(version: int) -> None:
    bench = Bench()
    bench.stable(protocols={"range": subscription("t", version=version)})

    assert bench.group().subscribed_topics == {"t"}


@pytest.mark.parametrize("metadata", [b"", b"\0", b"\0\1\0\0\0\5", b"\0\1\xff\xff\xff\xff"])
def test_where_the_subscription_cannot_be_read_every_topic_counts_as_subscribed(metadata: bytes) -> None:
    bench = Bench()
    (member,) = bench.stable(protocols={"range": metadata})
    bench.commit(5, 1, member)

    assert errors(delete(bench)) == [ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC]


def test_a_live_group_of_another_type_deletes_nothing() -> None:
    bench = Bench()
    _, answer = bench.new_member(protocol_type="connect")
    reply(answer)

    assert delete(bench).error_code == ErrorCode.NON_EMPTY_GROUP


def test_the_subscription_is_known_after_a_failover() -> None:
    bench = Bench()
    bench.stable(protocols={"range": subscription("t")})

    bench.fail_over()

    assert bench.group().subscribed_topics == {"t"}


# Expiry


def test_a_simple_groups_offset_expires_a_retention_after_its_commit() -> None:
    bench = Bench(SHORT)
    bench.commit(5)
    bench.advance(50_000)
    bench.commit(6, partition=1)

    bench.advance(10_000)

    assert (bench.offset(), bench.offset("t", 1)) == (-1, 6)
    bench.advance(50_000)
    assert bench.offset("t", 1) == -1


def test_a_group_goes_with_its_last_offset() -> None:
    bench = Bench(SHORT)
    bench.commit(5)

    bench.advance(60_000)

    assert bench.coordinator.shard.groups == {}
    tombstone = bench.log.entries[-1]
    assert isinstance(tombstone, LoggedRecord)
    assert (tombstone.key, tombstone.value) == (b"\0\2\0\1g", None)


def test_an_offset_of_an_empty_group_expires_a_retention_after_the_last_member_left() -> None:
    bench = Bench(SHORT)
    (member,) = bench.stable()
    bench.commit(5, 1, member)
    for _ in range(10):
        bench.advance(9_000)
        bench.heartbeat(member)
    bench.leave(member)

    bench.advance(50_000)
    assert bench.offset() == 5
    bench.advance(20_000)

    assert bench.offset() == -1


def test_an_empty_group_expires_by_the_time_in_the_log_after_a_failover() -> None:
    bench = Bench(SHORT)
    (member,) = bench.stable()
    bench.commit(5, 1, member)
    bench.leave(member)
    bench.advance(40_000)
    bench.fail_over()

    bench.advance(20_000)

    assert bench.offset() == -1


def kept_alive(bench: Bench, member: str, seconds: int) -> None:
    for _ in range(seconds // 5):
        bench.advance(5000)
        bench.heartbeat(member)


def test_a_stable_group_keeps_the_offsets_of_its_topics_and_loses_others() -> None:
    bench = Bench(SHORT)
    (member,) = bench.stable(protocols={"range": subscription("t")})
    bench.commit(5, 1, member)
    bench.commit(6, 1, member, topic="old")

    kept_alive(bench, member, 70)

    assert (bench.offset("t"), bench.offset("old")) == (5, -1)


def test_a_stable_group_whose_topics_are_not_known_keeps_all_offsets() -> None:
    bench = Bench(SHORT)
    (member,) = bench.stable(protocol_type="connect")
    bench.sync(member, protocol_type="connect")
    bench.commit(5, 1, member)

    kept_alive(bench, member, 70)

    assert bench.offset() == 5


def test_an_offset_with_a_retention_of_its_own_expires_by_that() -> None:
    bench = Bench(SHORT)
    bench.commit(5, retention_time_ms=5 * 60_000, version=4)

    bench.advance(5 * 60_000 - 1)
    assert bench.offset() == 5
    bench.advance(10_000)

    assert bench.offset() == -1


def test_by_default_offsets_are_kept_for_a_week() -> None:
    bench = Bench()
    bench.commit(5)

    bench.advance(7 * DAY_MS - 1)
    assert bench.offset() == 5
    bench.advance(1)

    assert bench.offset() == -1


def test_expiry_that_cannot_be_stored_is_tried_again() -> None:
    bench = Bench(SHORT)
    bench.commit(5)
    bench.log.error = ErrorCode.NOT_ENOUGH_REPLICAS
    bench.advance(60_000)
    assert bench.offset() == 5
    bench.log.error = ErrorCode.NONE

    bench.advance(10_000)

    assert bench.offset() == -1


# Deleted topics


def test_the_offsets_of_a_deleted_topic_are_forgotten() -> None:
    bench = Bench()
    bench.commit(5, topic_id=ID, version=10)
    bench.commit(6, topic="u", topic_id=ID, version=10)
    bench.commit(7, topic="v")

    bench.service.topics_deleted({"t": ID, "v": ID})

    assert (bench.offset("t"), bench.offset("u"), bench.offset("v")) == (-1, 6, -1)


def test_the_offsets_of_a_later_topic_of_the_same_name_are_kept() -> None:
    bench = Bench()
    bench.commit(5, topic_id=ID, version=10)

    bench.service.topics_deleted({"t": b"\1" * 16})

    assert bench.offset() == 5
