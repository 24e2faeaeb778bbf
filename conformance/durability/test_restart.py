"""What is there when a broker comes back after an orderly stop."""

from kafka_conformance.conformance.durability.coming_back import restart, states_of
from kafka_conformance.conformance.fetch.epochs import current_epoch, end_of_epoch
from kafka_conformance.conformance.fetch.sessions import FetchSession
from kafka_conformance.conformance.fetch.written_log import write
from kafka_conformance.harness.cases import ErrorCode, NewRecord, checks, expect, needs


@checks("durability/log-start-survives")
def test_deleted_records_stay_deleted_after_a_restart(cluster):
    starts = range(5)
    with cluster.topic(len(starts)) as topic:
        for index in starts:
            topic.produce([b"a", b"b"], partition=index)
            topic.produce([b"c", b"d"], partition=index)
            topic.delete_records(index, partition=index)

        restart(cluster, topic)

        found = [(state.start, state.end) for state in states_of(topic)]
        expect(found, "start and end of each log").equals([(start, 4) for start in starts])


@checks("durability/records-outlive-a-restart")
def test_records_and_offsets_go_on_after_a_restart(cluster):
    batch = [NewRecord(b"k", b"v", (("h", None),)), NewRecord(None, b"")]
    written = [[batch] * count for count in range(4)]
    with cluster.topic(len(written)) as topic:
        logs = [write(topic, batches, partition=index) for index, batches in enumerate(written)]

        restart(cluster, topic)

        found = [state.records for state in states_of(topic)]
        following = [topic.produce([b"next"], partition=index).base_offset for index in range(len(written))]
        expect(found, "the records of each partition").equals([log.from_offset(0) for log in logs])
        expect(following, "the next offset of each partition").equals([log.end for log in logs])


@checks("durability/leader-epoch-never-goes-back")
@needs("leader-epochs")
def test_the_leader_epoch_does_not_go_back_and_batches_keep_theirs(cluster):
    with cluster.topic() as topic:
        topic.produce([b"a", b"b"])
        before = current_epoch(topic)

        restart(cluster, topic)

        after = current_epoch(topic)
        topic.produce([b"c"])
        epochs = [header.partition_leader_epoch for header, _ in topic.fetch(0).batches]
        expect(after, "the leader epoch after the restart").is_at_least(before)
        expect(epochs, "the epochs of the batches").equals([before, after])


@checks("durability/epochs-keep-their-ends")
@needs("leader-epochs")
def test_an_epoch_ends_where_its_leader_stopped_to_write(cluster):
    with cluster.topic() as topic:
        topic.produce([b"a", b"b"])
        before = current_epoch(topic)
        restart(cluster, topic)
        topic.produce([b"c"])

        ended = end_of_epoch(topic, before)
        current = end_of_epoch(topic, current_epoch(topic))

        expect((ended.leader_epoch, ended.end_offset), "the epoch from before, and its end").equals((before, 2))
        expect(current.end_offset, "the end of the current epoch").equals(3)


@checks("durability/older-epochs-are-fenced")
@needs("leader-epochs")
def test_a_reader_that_knows_the_epoch_from_before_a_restart_is_fenced(cluster):
    with cluster.topic() as topic:
        topic.produce([b"a"])
        before = current_epoch(topic)
        restart(cluster, topic)

        fetched = topic.fetch(0, current_leader_epoch=before)
        asked = end_of_epoch(topic, before, current=before)

        expect(fetched).fails_with(ErrorCode.FENCED_LEADER_EPOCH)
        expect(ErrorCode(asked.error_code), "the error").equals(ErrorCode.FENCED_LEADER_EPOCH)


@checks("durability/sessions-end")
@needs("fetch-sessions")
def test_a_fetch_session_is_gone_after_a_restart(cluster):
    with cluster.topic() as topic:
        with cluster.connect(leader_of=topic) as connection:
            session = FetchSession(connection, topic, {0: 0})

        restart(cluster, topic)

        with cluster.connect(leader_of=topic) as connection:
            answer = connection.send(session.request({}, session.id, session.epoch))
        error = ErrorCode(answer.error_code)
        expect(error, "the error of the session").equals(ErrorCode.FETCH_SESSION_ID_NOT_FOUND)
