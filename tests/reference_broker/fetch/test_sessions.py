"""Incremental fetch sessions (KIP-227), as observed on Apache Kafka 4.3.1."""

from __future__ import annotations

from typing import Any

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.delete_topics import DeleteTopicsRequest
from kafka_conformance.protocol.messages.fetch import (
    FetchPartition,
    FetchRequest,
    FetchResponse,
    FetchTopic,
    ForgottenTopic,
)
from tests.reference_broker.wire import RunningCluster, Wire, batch, produce


class Session:
    """A session over the two partitions of a topic that holds one record in each."""

    def __init__(self, running: RunningCluster, wire: Wire) -> None:
        self.running = running
        self.wire = wire
        self.topic = running.topic(partitions=2)
        for partition in (0, 1):
            produce(wire, self.topic, batch(b"v"), partition=partition)
        self.id = 0

    def fetch(
        self, epoch: int, *wanted: tuple[int, int], session_id: int | None = None, **options: Any
    ) -> FetchResponse:
        """Fetch (partition, offset) pairs."""
        partitions = [
            FetchPartition(partition=partition, fetch_offset=offset, partition_max_bytes=1 << 20)
            for partition, offset in wanted
        ]
        request = FetchRequest(
            session_id=self.id if session_id is None else session_id,
            session_epoch=epoch,
            topics=[FetchTopic(topic=self.topic, partitions=partitions)] if wanted else [],
            **options,
        )
        answer: FetchResponse = self.wire.ask(request, 12)
        return answer

    def open(self) -> FetchResponse:
        answer = self.fetch(0, (0, 0), (1, 0))
        self.id = answer.session_id
        return answer


@pytest.fixture
def session(running: RunningCluster, wire: Wire) -> Session:
    return Session(running, wire)


def told(answer: FetchResponse) -> dict[int, int]:
    """Partition -> bytes."""
    return {each.partition_index: len(each.records) for topic in answer.responses for each in topic.partitions}  # type: ignore[arg-type]


def test_a_full_fetch_makes_a_session_and_later_ones_tell_only_news(session: Session) -> None:
    first = session.open()
    assert first.session_id > 0
    assert set(told(first)) == {0, 1}

    assert session.fetch(1, (0, 1), (1, 1)).responses == []

    produce(session.wire, session.topic, batch(b"w"), partition=1)
    news = session.fetch(2)
    assert list(told(news)) == [1]
    assert told(news)[1] > 0
    assert list(told(session.fetch(3))) == [1], "the same data again, as the offset has not moved"


def test_a_wrong_epoch_is_refused_and_the_session_lives_on(session: Session) -> None:
    session.open()
    session.fetch(1, (0, 1), (1, 1))

    for epoch in (1, 3):
        answer = session.fetch(epoch)
        assert (answer.error_code, answer.session_id) == (ErrorCode.INVALID_FETCH_SESSION_EPOCH, 0)
    assert session.fetch(2).error_code == ErrorCode.NONE


@pytest.mark.parametrize(("session_id", "epoch"), [(123456, 1), (0, 5)])
def test_an_unknown_session_is_refused(session: Session, session_id: int, epoch: int) -> None:
    answer = session.fetch(epoch, session_id=session_id)

    assert (answer.error_code, answer.session_id) == (ErrorCode.FETCH_SESSION_ID_NOT_FOUND, 0)


def test_epoch_0_of_a_session_begins_another(session: Session) -> None:
    first = session.open().session_id

    again = session.fetch(0, (0, 0))
    assert again.session_id not in (0, first)
    assert list(told(again)) == [0]
    assert session.fetch(1).error_code == ErrorCode.FETCH_SESSION_ID_NOT_FOUND


def test_epoch_minus_1_closes_a_session_with_a_full_answer(session: Session) -> None:
    session.open()

    last = session.fetch(-1, (0, 0))
    assert (last.error_code, last.session_id, list(told(last))) == (0, 0, [0])
    assert session.fetch(1).error_code == ErrorCode.FETCH_SESSION_ID_NOT_FOUND


def test_a_session_can_begin_without_topics(session: Session) -> None:
    answer = session.fetch(0)

    assert answer.session_id > 0
    assert answer.responses == []


def test_errors_are_told_when_a_session_begins_and_after(session: Session) -> None:
    answer = session.fetch(0, (0, 0), (7, 0))
    session.id = answer.session_id

    errors = {each.partition_index: each.error_code for each in answer.responses[0].partitions}
    assert errors == {0: 0, 7: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION}
    assert set(told(session.fetch(1, (0, 1)))) == {7}


def test_forgotten_partitions_are_not_told_any_more(session: Session) -> None:
    session.open()

    answer = session.fetch(1, forgotten_topics_data=[ForgottenTopic(topic=session.topic, partitions=[0])])

    assert list(told(answer)) == [1]


def test_a_session_that_has_forgotten_everything_ends(session: Session) -> None:
    session.open()

    answer = session.fetch(1, forgotten_topics_data=[ForgottenTopic(topic=session.topic, partitions=[0, 1])])

    assert answer.session_id == 0
    assert session.fetch(2).error_code == ErrorCode.FETCH_SESSION_ID_NOT_FOUND


def test_a_partition_that_gave_data_goes_to_the_end(session: Session) -> None:
    session.open()
    session.fetch(1, (0, 0), (1, 0), max_bytes=1)

    assert list(told(session.fetch(2, max_bytes=1))) == [1], "0 gave its batch before"


def test_names_and_ids_do_not_mix_in_a_session(session: Session) -> None:
    session.open()

    request = FetchRequest(session_id=session.id, session_epoch=1)
    assert session.wire.ask(request, 13).error_code == ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR


def test_a_topic_that_was_made_anew_is_inconsistent_in_an_old_session(session: Session) -> None:
    topic_id = session.running.cluster.controller.image.topics[session.topic].topic_id
    wanted = [FetchPartition(partition=0, partition_max_bytes=1 << 20)]
    request = FetchRequest(session_epoch=0, topics=[FetchTopic(topic_id=topic_id, partitions=wanted)])
    opened = session.wire.ask(request, 13)
    session.wire.ask(DeleteTopicsRequest(topic_names=[session.topic], timeout_ms=1000), 4)
    session.running.thread.call(lambda: session.running.cluster.controller.auto_create_topic(session.topic))

    answer = session.wire.ask(FetchRequest(session_id=opened.session_id, session_epoch=1), 13)

    assert answer.responses[0].partitions[0].error_code == ErrorCode.INCONSISTENT_TOPIC_ID
    assert session.wire.ask(request, 13).responses[0].partitions[0].error_code == ErrorCode.UNKNOWN_TOPIC_ID


def test_when_there_is_no_room_a_fetch_goes_without_a_session() -> None:
    with RunningCluster({"max.incremental.fetch.session.cache.slots": "2"}) as running, running.wire() as wire:
        sessions = [Session(running, wire).open().session_id for _ in range(3)]

    assert [bool(each) for each in sessions] == [True, True, False]
