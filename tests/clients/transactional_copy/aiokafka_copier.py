"""The copier of aiokafka."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError, ProducerFenced

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


class BetweenTransactions(ConsumerRebalanceListener):
    """Gives partitions up only between transactions: aiokafka rebalances in the background, and its offsets do not
    name the generation of the group, so that the broker cannot refuse those of partitions that are another's."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()

    async def on_partitions_revoked(self, revoked: Any) -> None:
        async with self.lock:
            pass

    async def on_partitions_assigned(self, assigned: Any) -> None: ...


class Aiokafka(Library):
    """A consumer and a transactional producer of aiokafka, on a loop that runs while one of them is waited for."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._loop = asyncio.new_event_loop()
        self._listener = BetweenTransactions()
        self._sent: list[Awaitable[Any]] = []
        self._loop.run_until_complete(self._create())

    async def _create(self) -> None:
        told = self._told
        self._producer = AIOKafkaProducer(
            bootstrap_servers=told.bootstrap, transactional_id=told.transactional_id, linger_ms=0
        )
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=told.bootstrap,
            group_id=told.group,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            isolation_level="read_committed",
            session_timeout_ms=SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=HEARTBEAT_INTERVAL_MS,
            fetch_max_wait_ms=100,
        )

    def initialise(self) -> None:
        self._do(self._producer.start())
        self._consumer.subscribe([self._told.source], listener=self._listener)
        self._do(self._consumer.start())

    def poll(self) -> Sequence[Record]:
        return self._loop.run_until_complete(self._poll())

    async def _poll(self) -> Sequence[Record]:
        await self._listener.lock.acquire()
        by_partition = await self._consumer.getmany(timeout_ms=round(POLL_S * 1000), max_records=SHARE)
        records = [Record(r.partition, r.offset, r.key, r.value) for found in by_partition.values() for r in found]
        if not records:
            self._listener.lock.release()
            await asyncio.sleep(0)  # whoever waits for the lock comes first
        return records

    def begin(self) -> None:
        self._sent.clear()
        self._do(self._producer.begin_transaction())

    def send(self, partition: int, key: bytes | None, value: bytes) -> None:
        self._sent.append(self._do(self._producer.send(self._told.target, value, key=key, partition=partition)))

    def send_offsets(self, offsets: Mapping[int, int]) -> None:
        positions = {TopicPartition(self._told.source, partition): offset for partition, offset in offsets.items()}
        self._do(self._producer.send_offsets_to_transaction(positions, self._told.group))

    def commit(self) -> None:
        while self._sent:  # a commit alone says nothing of a record that failed
            self._do(self._sent.pop())
        self._do(self._producer.commit_transaction())
        self._listener.lock.release()

    def abort(self) -> None:
        try:
            self._do(self._producer.abort_transaction())
        except Abortable as error:
            raise RuntimeError("it cannot even be aborted") from error

    def rewind(self, offsets: Mapping[int, int]) -> None:
        mine = self._consumer.assignment()
        for partition, offset in offsets.items():
            place = TopicPartition(self._told.source, partition)
            if place in mine:
                self._consumer.seek(place, offset)
        self._listener.lock.release()

    def close(self) -> None:
        self._do(self._consumer.stop())
        self._do(self._producer.stop())

    def _do(self, work: Awaitable[Any]) -> Any:
        """As its documentation says: fenced is the end, any other error is one to abort after."""
        try:
            return self._loop.run_until_complete(work)
        except ProducerFenced as error:
            raise Fenced(str(error)) from error
        except KafkaError as error:
            raise Abortable(repr(error)) from error


if __name__ == "__main__":
    sys.exit(main(Aiokafka))
