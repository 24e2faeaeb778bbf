"""Leader epochs after leaders have followed one another: how readers and followers find out where logs part."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.fetch.epochs import current_epoch, end_of_epoch
from kafka_conformance.conformance.replication.epochs import Led, Stint, stints
from kafka_conformance.conformance.replication.failing import REPLICAS, followers_of
from kafka_conformance.conformance.replication.leading import lead_from
from kafka_conformance.harness.cases import LATEST, ErrorCode, checks, expect
from kafka_conformance.harness.subject.partition_requests import list_offsets_request


@checks("replication/epochs/end-of-each")
@given(done=stints())
def test_the_end_of_each_epoch_is_where_the_next_one_that_wrote_begins(cluster, done):
    with cluster.topic(replication_factor=REPLICAS) as topic:
        led = Led(topic, [*done, Stint(0, 1), Stint(1, 0), Stint(2, 0)])
        asked = range(max(led.epochs) + 2)

        answers = [end_of_epoch(topic, epoch) for epoch in asked]

        expect([(answer.leader_epoch, answer.end_offset) for answer in answers], "the ends of the epochs").equals(
            [led.end_of(epoch) for epoch in asked]
        )


@checks("replication/epochs/reader-of-another-log")
@given(done=stints(min_size=2), data=st.data())
def test_a_reader_that_has_more_of_an_epoch_than_there_is_learns_where_it_ends(cluster, done, data):
    with cluster.topic(replication_factor=REPLICAS) as topic:
        led = Led(topic, [Stint(0, 1), *done, Stint(2, 1), Stint(1, 1)])
        epoch = data.draw(st.sampled_from(range(len(led.epochs) - 1)).map(led.epochs.__getitem__), label="its epoch")
        known, end = led.end_of(epoch)

        beyond = topic.fetch(end + 1, last_fetched_epoch=epoch)
        within = topic.fetch(end, last_fetched_epoch=known)

        parted = beyond.partition.diverging_epoch
        expect(beyond).is_empty()
        expect((parted.epoch, parted.end_offset), "where the logs part").equals((known, end))
        expect([record.offset for record in within.records][:1], "the first record where they do not").equals([end])


@checks("replication/epochs/old-ones-are-fenced")
def test_whoever_knows_the_epoch_before_is_fenced_at_the_next_leader(cluster):
    with cluster.topic(replication_factor=REPLICAS) as topic:
        topic.produce([b"a"])
        old = current_epoch(topic)
        lead_from(topic, followers_of(topic)[0])

        fetched = topic.fetch(0, current_leader_epoch=old)
        listed = cluster.send(list_offsets_request(topic, {0: LATEST}, current_leader_epoch=old), node=topic.leader())
        end = end_of_epoch(topic, old, current=old)

        expect(fetched).fails_with(ErrorCode.FENCED_LEADER_EPOCH)
        expect(fetched.raw, "the records").equals(b"")
        told = listed.topics[0].partitions[0].error_code, end.error_code
        expect(told, "what ListOffsets and OffsetForLeaderEpoch say").equals((ErrorCode.FENCED_LEADER_EPOCH,) * 2)


@checks("replication/epochs/old-ones-are-fenced")
def test_whoever_knows_the_epoch_before_is_fenced_at_a_follower(cluster):
    with cluster.topic(replication_factor=REPLICAS) as topic:
        topic.produce([b"a"])
        old, before = current_epoch(topic), topic.leader()
        lead_from(topic, followers_of(topic)[0])

        with cluster.connect(before) as connection:
            fetched = topic.fetch(0, current_leader_epoch=old, on=connection)

        expect(fetched).fails_with(ErrorCode.FENCED_LEADER_EPOCH)
