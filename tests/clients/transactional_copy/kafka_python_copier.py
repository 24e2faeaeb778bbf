"""The copier of kafka-python.

Version 3.0.12 forgets a request for the transaction's coordinator when the connection is refused, and waits for its
answer for ever (Sender._maybe_send_pending_request).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import InvalidProducerEpochError, KafkaError, ProducerFencedError
from kafka.structs import OffsetAndMetadata

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


class KafkaPython(Library):
    """A consumer and a transactional producer of kafka-python."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._sent: list[Any] = []
        servers = told.bootstrap.split(",")
        self._producer = KafkaProducer(bootstrap_servers=servers, transactional_id=told.transactional_id, linger_ms=0)
        self._consumer = KafkaConsumer(
            bootstrap_servers=servers,
            group_id=told.group,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            isolation_level="read_committed",
            session_timeout_ms=SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=HEARTBEAT_INTERVAL_MS,
            fetch_max_wait_ms=100,
            max_poll_records=SHARE,
        )

    def initialise(self) -> None:
        self._do(self._producer.init_transactions)
        self._consumer.subscribe([self._told.source])

    def poll(self) -> Sequence[Record]:
        by_partition = self._consumer.poll(timeout_ms=round(POLL_S * 1000))
        return [Record(r.partition, r.offset, r.key, r.value) for records in by_partition.values() for r in records]

    def begin(self) -> None:
        self._sent.clear()
        self._do(self._producer.begin_transaction)

    def send(self, partition: int, key: bytes | None, value: bytes) -> None:
        self._sent.append(self._do(lambda: self._producer.send(self._told.target, value, key=key, partition=partition)))

    def send_offsets(self, offsets: Mapping[int, int]) -> None:
        positions = {
            TopicPartition(self._told.source, partition): OffsetAndMetadata(offset, "", -1)
            for partition, offset in offsets.items()
        }
        self._do(lambda: self._producer.send_offsets_to_transaction(positions, self._consumer.group_metadata()))

    def commit(self) -> None:
        while self._sent:  # a commit alone says nothing of a record that failed
            self._do(self._sent.pop().get)
        self._do(self._producer.commit_transaction)

    def abort(self) -> None:
        try:
            self._do(self._producer.abort_transaction)
        except Abortable as error:
            raise RuntimeError("it cannot even be aborted") from error

    def rewind(self, offsets: Mapping[int, int]) -> None:
        mine = self._consumer.assignment()
        for partition, offset in offsets.items():
            place = TopicPartition(self._told.source, partition)
            if place in mine:
                self._consumer.seek(place, offset)

    def close(self) -> None:
        self._consumer.close(autocommit=False)
        self._producer.close()

    @staticmethod
    def _do(call: Callable[[], Any]) -> Any:
        """As its documentation says, after Java's: fenced is the end, any other error is one to abort after."""
        try:
            return call()
        except (ProducerFencedError, InvalidProducerEpochError) as error:
            raise Fenced(str(error)) from error
        except KafkaError as error:
            raise Abortable(repr(error)) from error


if __name__ == "__main__":
    sys.exit(main(KafkaPython))
