"""The copier of confluent-kafka, that is of librdkafka.

Version 2.16.0 throws away its handle of a broker that Metadata does not name any more. Where that was the coordinator,
send_offsets_to_transaction may wait for ever, whatever time it is given: AddOffsetsToTxn is answered by the broker that
took over, and TxnOffsetCommit is never sent.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from tests.clients.transactional_copy.copying import (
    HEARTBEAT_INTERVAL_MS,
    POLL_S,
    SESSION_TIMEOUT_MS,
    SHARE,
    Abortable,
    Fenced,
    Library,
    Record,
    Told,
    main,
)

SECONDS = 5


class Confluent(Library):
    """A consumer and a transactional producer of librdkafka."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._producer = Producer(
            {"bootstrap.servers": told.bootstrap, "transactional.id": told.transactional_id, "linger.ms": 0}
        )
        self._consumer = Consumer(
            {
                "bootstrap.servers": told.bootstrap,
                "group.id": told.group,
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "session.timeout.ms": SESSION_TIMEOUT_MS,
                "heartbeat.interval.ms": HEARTBEAT_INTERVAL_MS,
                "fetch.wait.max.ms": 100,
            }
        )

    def initialise(self) -> None:
        self._do(lambda: self._producer.init_transactions(SECONDS))
        self._consumer.subscribe([self._told.source])

    def poll(self) -> Sequence[Record]:
        records = []
        for message in self._consumer.consume(SHARE, POLL_S):
            error = message.error()
            if error is None:
                records.append(Record(message.partition(), message.offset(), message.key(), message.value()))
            elif error.fatal():
                raise KafkaException(error)
        return records

    def begin(self) -> None:
        self._do(self._producer.begin_transaction)

    def send(self, partition: int, key: bytes | None, value: bytes) -> None:
        # A transaction that has failed meanwhile takes no records; what failed it is said by the commit.
        try:
            self._producer.produce(self._told.target, value, key, partition)
        except KafkaException as error:
            if error.args[0].code() != KafkaError._STATE:
                raise
            self.commit()

    def send_offsets(self, offsets: Mapping[int, int]) -> None:
        positions = [TopicPartition(self._told.source, partition, offset) for partition, offset in offsets.items()]
        group = self._consumer.consumer_group_metadata()
        self._do(lambda: self._producer.send_offsets_to_transaction(positions, group, SECONDS))

    def commit(self) -> None:
        self._do(lambda: self._producer.commit_transaction(SECONDS))

    def abort(self) -> None:
        self._do(lambda: self._producer.abort_transaction(SECONDS))

    def rewind(self, offsets: Mapping[int, int]) -> None:
        mine = {entry.partition for entry in self._consumer.assignment() if entry.topic == self._told.source}
        for partition, offset in offsets.items():
            if partition in mine:
                self._consumer.seek(TopicPartition(self._told.source, partition, offset))

    def close(self) -> None:
        self._consumer.close()

    def _do(self, call: Callable[[], Any]) -> None:
        """As librdkafka's introduction to transactions says: retriable, to be aborted, else fatal."""
        while True:
            try:
                call()
                return
            except KafkaException as raised:
                error = raised.args[0]
                if error.code() in (KafkaError._FENCED, KafkaError.PRODUCER_FENCED):
                    raise Fenced(str(error)) from raised
                if error.txn_requires_abort():
                    raise Abortable(str(error)) from raised
                if not error.retriable():
                    raise


if __name__ == "__main__":
    sys.exit(main(Confluent))
