"""What is there when a broker comes back that was ended without warning. Nothing was flushed on its behalf."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.durability.coming_back import kill_and_restart, states_of
from kafka_conformance.conformance.fetch.written_log import write
from kafka_conformance.harness.cases import (
    EARLIEST,
    MAX_TIMESTAMP,
    ApiKey,
    Compression,
    ErrorCode,
    NewRecord,
    checks,
    expect,
    few_examples,
    needs,
)
from kafka_conformance.harness.strategies import batch_lists
from kafka_conformance.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic

TIMES = range(11)


def in_batches(timestamps):
    """Records of these times, two in a batch."""
    records = [NewRecord(None, b"%d" % place, (), time) for place, time in enumerate(timestamps)]
    return [records[place : place + 2] for place in range(0, len(records), 2)]


def when(topic, time, partition):
    """Offset and timestamp of what a time gives."""
    listed = topic.list_offset(time, partition=partition)
    return listed.offset, listed.timestamp


@checks("durability/acknowledged-records-survive")
@few_examples
@given(written=st.lists(batch_lists(max_size=3), min_size=1, max_size=3))
def test_all_acknowledged_records_are_there_after_a_kill(cluster, written):
    with cluster.topic(len(written)) as topic:
        logs = [write(topic, batches, partition=index) for index, batches in enumerate(written)]

        kill_and_restart(cluster, topic)

        found = [state.records for state in states_of(topic)]
        expect(found, "the records of each partition").equals([log.from_offset(0) for log in logs])


@checks("durability/acknowledged-records-survive")
def test_records_of_every_codec_and_kind_of_acknowledgement_are_there_after_a_kill(cluster):
    codecs = list(Compression)
    with cluster.topic(2 * len(codecs)) as topic:
        for place, codec in enumerate(codecs):
            topic.produce([b"all"] * 3, partition=2 * place, compression=codec, acks=-1)
            topic.produce([b"leader"] * 3, partition=2 * place + 1, compression=codec, acks=1)
        before = states_of(topic)

        kill_and_restart(cluster, topic)

        expect(states_of(topic), "the partitions").equals(before)


@checks("durability/acknowledged-records-survive")
def test_records_outlive_one_kill_after_the_other(cluster):
    with cluster.topic() as topic:
        topic.produce([b"first"])
        kill_and_restart(cluster, topic)
        topic.produce([b"second"])
        kill_and_restart(cluster, topic)

        expect(topic).holds_exactly([b"first"], [b"second"])


@checks("durability/offsets-go-on")
def test_the_next_record_after_a_kill_gets_the_next_offset(cluster):
    counts = range(4)
    with cluster.topic(len(counts)) as topic:
        for index in counts:
            write(topic, [[NewRecord(None, b"x"), NewRecord(None, b"y")]] * index, partition=index)

        kill_and_restart(cluster, topic)

        answers = [topic.produce([b"next"], partition=index) for index in counts]
        expect([answer.error for answer in answers], "the errors").equals([ErrorCode.NONE] * len(counts))
        given_offsets = [answer.base_offset for answer in answers]
        expect(given_offsets, "the offsets given after the kill").equals([2 * count for count in counts])


@checks("durability/times-are-found-again")
def test_a_time_gives_the_same_record_after_a_kill(cluster):
    cluster.require(ApiKey.LIST_OFFSETS, 7)
    orders = [(1, 2, 3, 4), (4, 3, 2, 1), (2, 2, 5, 5, 1, 7), (7,), (3, 9, 1, 9, 3)]
    with cluster.topic(len(orders)) as topic:
        logs = [write(topic, in_batches(order), partition=index) for index, order in enumerate(orders)]

        kill_and_restart(cluster, topic)

        found = [[when(topic, time, index) for time in (*TIMES, MAX_TIMESTAMP)] for index in range(len(orders))]
        wanted = [[*map(log.first_at_or_after, TIMES), log.first_of_newest()] for log in logs]
        expect(found, "offset and timestamp by time, for each partition").equals(wanted)


@checks("durability/topics-survive")
def test_a_topic_keeps_its_id_its_partitions_and_its_settings_after_a_kill(cluster):
    with cluster.topic(3, {"max.message.bytes": "200"}) as topic:
        kill_and_restart(cluster, topic)

        described = topic.refresh()
        too_large = topic.produce([bytes(300)])
        expect(described.topic_id, "the topic's id").equals(topic.id)
        expect(len(described.partitions), "the number of partitions").equals(3)
        expect(too_large).refused_with(ErrorCode.MESSAGE_TOO_LARGE)


@checks("durability/deleted-topics-stay-deleted")
def test_a_deleted_topic_does_not_come_back_after_a_kill(cluster):
    with cluster.topic() as kept, cluster.topic() as deleted:
        deleted.produce([b"gone"])
        deleted.delete()

        kill_and_restart(cluster, kept)

        request = MetadataRequest(topics=[MetadataRequestTopic(name=deleted.name)], allow_auto_topic_creation=False)
        error = ErrorCode(cluster.send(request).topics[0].error_code)
        expect(error, "the error of the deleted topic").equals(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        with cluster.topic(name=deleted.name) as again:
            expect(again).is_empty()


@checks("durability/producer-ids-are-not-given-again")
@needs("idempotence")
def test_a_producer_id_is_not_given_again_after_a_kill(cluster):
    with cluster.topic() as topic:
        before = [cluster.idempotent_producer().producer_id for _ in range(3)]

        kill_and_restart(cluster, topic)

        after = [cluster.idempotent_producer().producer_id for _ in range(3)]
        expect(len({*before, *after}), "different producer ids").equals(6)


@checks("durability/deleted-topics-stay-deleted")
def test_a_topic_made_anew_under_an_old_name_is_empty_after_a_kill(cluster):
    with cluster.topic() as first:
        first.produce([b"old"])
        first.delete()
        with cluster.topic(name=first.name) as second:
            kill_and_restart(cluster, second)

            expect(second).is_empty()
            expect(second.list_offset(EARLIEST).offset, "the start").equals(0)
            expect(second.produce([NewRecord(None, b"new")])).acknowledged_at(0)
