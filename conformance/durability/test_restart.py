"""What is there when a broker comes back after an orderly stop."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.durability.coming_back import restart, state_of, states_of
from kafka_conformance.conformance.fetch.epochs import current_epoch, end_of_epoch
from kafka_conformance.conformance.fetch.sessions import FetchSession
from kafka_conformance.harness.cases import ErrorCode, checks, expect, needs
from kafka_conformance.harness.strategies import batch_lists


@checks("durability/log-start-survives")
@given(starts=st.lists(st.integers(0, 4), min_size=2, max_size=3))
def test_deleted_records_stay_deleted_after_a_restart(cluster, starts):
    with cluster.topic(len(starts)) as topic:
        for index, start in enumerate(starts):
            topic.produce([b"a", b"b"], partition=index)
            topic.produce([b"c", b"d"], partition=index)
            topic.delete_records(start, partition=index)
        before = states_of(topic)

        restart(cluster, topic)

        expect(states_of(topic), "the partitions").equals(before)


@checks("durability/records-outlive-a-restart")
@given(written=batch_lists(max_size=3))
def test_records_and_offsets_go_on_after_a_restart(cluster, written):
    with cluster.topic() as topic:
        for batch in written:
            topic.produce(batch)
        before = state_of(topic)

        restart(cluster, topic)

        expect(state_of(topic), "the partition").equals(before)
        expect(topic.produce([b"next"])).acknowledged_at(before.end)


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
        expect(end_of_epoch(topic, after).end_offset, "the end of the current epoch").equals(3)


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
