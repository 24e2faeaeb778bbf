"""Fetch sessions: the broker remembers what a client reads, and tells only what is new (KIP-227)."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.fetch.sessions import FINAL_EPOCH, INITIAL_EPOCH, NO_SESSION, FetchSession
from kafka_conformance.conformance.fetch.several_partitions import by_partition, fetch_each, led_together
from kafka_conformance.conformance.fetch.written_log import contents
from kafka_conformance.harness.cases import ErrorCode, checks, expect
from kafka_conformance.harness.subject.partition_requests import fetch_request


@checks("fetch/sessions/first-answer-is-full")
@given(filled=st.sets(st.integers(0, 2)))
def test_the_first_answer_names_every_partition(cluster, filled):
    with led_together(cluster, 3) as (topic, partitions, connection):
        for place in filled:
            topic.produce([b"a"], partition=partitions[place])

        with FetchSession(connection, topic, dict.fromkeys(partitions, 0)) as session:
            sizes = [len(each.records) for each in by_partition(session.first).values()]
            expect(ErrorCode(session.first.error_code), "the error of the session").equals(ErrorCode.NONE)
            expect(sizes, "records of each partition").equals([int(place in filled) for place in range(3)])


@checks("fetch/sessions/news-only")
def test_an_answer_without_news_names_no_partition(cluster):
    with led_together(cluster, 2) as (topic, (one, other), connection):
        topic.produce([b"a"], partition=one)
        with FetchSession(connection, topic, {one: 0, other: 0}) as session:
            after_moving = session.fetch({one: 1})
            unchanged = session.fetch()

            expect(after_moving, "partitions of the answer once the reader moved on").equals({})
            expect(unchanged, "partitions of the answer to an empty request").equals({})


@checks("fetch/sessions/new-data-is-told")
@given(written=st.lists(st.sets(st.integers(0, 3)), min_size=1, max_size=4))
def test_an_answer_names_the_partitions_that_got_records_and_no_other(cluster, written):
    with led_together(cluster, 4) as (topic, partitions, connection):
        ends = dict.fromkeys(partitions, 0)
        told, wanted = [], []
        with FetchSession(connection, topic, ends) as session:
            for places in written:
                grown = [partitions[place] for place in sorted(places)]
                for index in grown:
                    topic.produce([b"a"], partition=index)
                told.append({index: contents(each.records) for index, each in session.fetch(ends).items()})
                wanted.append({index: [(ends[index], None, b"a")] for index in grown})
                ends |= {index: ends[index] + 1 for index in grown}

        expect(told, "what the session tells each time").equals(wanted)


@checks("fetch/sessions/unread-data-is-told-again")
def test_what_the_reader_has_not_moved_past_is_given_again(cluster):
    with led_together(cluster, 2) as (topic, (one, other), connection):
        topic.produce([b"a"], partition=one)
        with FetchSession(connection, topic, {one: 0, other: 0}) as session:
            again = session.fetch()

            expect(list(again), "partitions of the answer").equals([one])
            expect(again[one]).holds_exactly([b"a"])


@checks("fetch/sessions/log-start-is-news")
def test_a_new_start_of_the_log_is_told_without_records(cluster):
    with cluster.topic() as topic, cluster.connect(leader_of=topic) as connection:
        topic.produce([b"a", b"b"])
        with FetchSession(connection, topic, {0: 2}) as session:
            topic.delete_records(1)

            told = session.fetch()
            silent = session.fetch()

            starts = {index: each.log_start_offset for index, each in told.items()}
            sizes = {index: len(each.raw) for index, each in told.items()}
            expect(starts, "the log starts that are told").equals({0: 1})
            expect(sizes, "the bytes that are told").equals({0: 0})
            expect(silent, "partitions of the answer after that").equals({})


@checks("fetch/sessions/errors-are-told-each-time")
def test_an_error_is_told_in_every_answer(cluster):
    with (
        led_together(cluster, 2) as (topic, (good, wrong), connection),
        FetchSession(connection, topic, {good: 0, wrong: 5}) as session,
    ):
        first, second = session.fetch(), session.fetch()

        expect([list(first), list(second)], "partitions of both answers").equals([[wrong], [wrong]])
        expect(first[wrong]).fails_with(ErrorCode.OFFSET_OUT_OF_RANGE)
        expect(second[wrong]).fails_with(ErrorCode.OFFSET_OUT_OF_RANGE)


@checks("fetch/sessions/partitions-can-be-added")
def test_a_partition_that_joins_a_session_is_told_and_then_remembered(cluster):
    with (
        led_together(cluster, 2) as (topic, (one, other), connection),
        FetchSession(connection, topic, {one: 0}) as session,
    ):
        joined = session.fetch({other: 0})
        topic.produce([b"a"], partition=other)
        later = session.fetch()

        expect(list(joined), "partitions of the answer to the one that adds").equals([other])
        expect(list(later), "partitions of the next answer").equals([other])
        expect(later[other]).holds_exactly([b"a"])


@checks("fetch/sessions/partitions-can-be-forgotten")
def test_a_forgotten_partition_is_no_longer_told(cluster):
    with (
        led_together(cluster, 2) as (topic, (kept, forgotten), connection),
        FetchSession(connection, topic, {kept: 0, forgotten: 0}) as session,
    ):
        session.fetch(forgotten=[forgotten])
        topic.produce([b"a"], partition=kept)
        topic.produce([b"a"], partition=forgotten)

        expect(list(session.fetch()), "partitions of the answer").equals([kept])


@checks("fetch/sessions/unknown-id")
@given(epoch=st.integers(1, 2**31 - 1))
def test_a_session_that_is_not_open_is_not_found(cluster, epoch):
    with cluster.topic() as topic, cluster.connect(leader_of=topic) as connection:
        with FetchSession(connection, topic, {0: 0}) as closed:
            pass

        gone = connection.send(fetch_request(topic, {0: 0}, session_id=closed.id, session_epoch=epoch))
        none = connection.send(fetch_request(topic, {0: 0}, session_id=NO_SESSION, session_epoch=epoch))

        errors = [ErrorCode(gone.error_code), ErrorCode(none.error_code)]
        expect(errors, "the errors").equals([ErrorCode.FETCH_SESSION_ID_NOT_FOUND] * 2)
        expect([gone.responses, none.responses], "partitions of the answers").equals([[], []])


@checks("fetch/sessions/wrong-epoch")
@given(answered=st.integers(0, 2), data=st.data())
def test_an_epoch_that_is_not_the_next_is_refused(cluster, answered, data):
    with cluster.topic() as topic, cluster.connect(leader_of=topic) as connection:
        topic.produce([b"a"])
        with FetchSession(connection, topic, {0: 0}) as session:
            for _ in range(answered):
                session.fetch()
            others = st.integers(1, 9).filter(lambda epoch: epoch != session.epoch)

            refused = session.send(epoch=data.draw(others, label="epoch"))

            expect(ErrorCode(refused.error_code), "the error").equals(ErrorCode.INVALID_FETCH_SESSION_EPOCH)
            expect(refused.responses, "partitions of the answer").equals([])


@checks("fetch/sessions/outlives-a-wrong-epoch")
def test_a_session_goes_on_after_a_request_with_a_wrong_epoch(cluster):
    with cluster.topic() as topic, cluster.connect(leader_of=topic) as connection:
        topic.produce([b"a"])
        with FetchSession(connection, topic, {0: 0}) as session:
            session.send(epoch=session.epoch + 1)

            told = {index: contents(each.records) for index, each in session.fetch().items()}
            expect(told, "what the next request is answered").equals({0: [(0, None, b"a")]})


@checks("fetch/sessions/final-epoch-closes")
def test_the_final_epoch_closes_a_session(cluster):
    with cluster.topic() as topic, cluster.connect(leader_of=topic) as connection:
        topic.produce([b"a"])
        session = FetchSession(connection, topic, {0: 0})

        last = session.send({0: 0}, epoch=FINAL_EPOCH)
        closed = session.send(epoch=session.epoch)

        expect(last.session_id, "the session of the last answer").equals(NO_SESSION)
        expect(by_partition(last)[0]).holds_exactly([b"a"])
        expect(ErrorCode(closed.error_code), "the error after that").equals(ErrorCode.FETCH_SESSION_ID_NOT_FOUND)


@checks("fetch/sessions/initial-epoch-replaces")
def test_the_initial_epoch_of_a_session_closes_it_and_opens_another(cluster):
    with cluster.topic() as topic, cluster.connect(leader_of=topic) as connection:
        topic.produce([b"a"])
        session = FetchSession(connection, topic, {0: 0})

        full = session.send({0: 0}, epoch=INITIAL_EPOCH)
        closed = session.send(epoch=session.epoch)
        connection.send(fetch_request(topic, {}, session_id=full.session_id, session_epoch=FINAL_EPOCH))

        expect(full.session_id, "the new session").differs_from(session.id)
        expect(by_partition(full)[0]).holds_exactly([b"a"])
        expect(ErrorCode(closed.error_code), "the error of the old one").equals(ErrorCode.FETCH_SESSION_ID_NOT_FOUND)


@checks("fetch/sessions/not-needed")
def test_without_a_session_every_answer_is_full(cluster):
    with led_together(cluster, 2) as (topic, (one, other), connection):
        topic.produce([b"a"], partition=one)

        first = fetch_each(connection, topic, {one: 0, other: 0}, session_id=NO_SESSION, session_epoch=FINAL_EPOCH)
        again = fetch_each(connection, topic, {one: 1, other: 0}, session_id=NO_SESSION, session_epoch=FINAL_EPOCH)

        sessions = {each.response.session_id for each in (*first.values(), *again.values())}
        expect([list(first), list(again)], "partitions of the answers").equals([[one, other]] * 2)
        expect(sessions, "the sessions of the answers").equals({NO_SESSION})
