"""What all clients do: connect, learn who leads and who coordinates, ask, wait a little and ask again."""

from __future__ import annotations

import asyncio
from typing import Any

from kafka_conformance.harness.wire.connection import WireConnection, open_connection
from kafka_conformance.harness.wire.errors import WireError
from kafka_conformance.plugins.schedules.world import World
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.layout import Message
from kafka_conformance.protocol.messages.find_coordinator import FindCoordinatorRequest
from kafka_conformance.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic

ANSWER_WITHIN_S = 3.0
BACKOFF_S = 0.1
METADATA_VERSION = 9
FIND_COORDINATOR_VERSION = 3
GROUP, TRANSACTION = 0, 1
"""Key types of FindCoordinator."""

COORDINATOR_NOT_YET = frozenset(
    {
        ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
        ErrorCode.COORDINATOR_NOT_AVAILABLE,
        ErrorCode.NOT_COORDINATOR,
        ErrorCode.CONCURRENT_TRANSACTIONS,
        ErrorCode.NOT_ENOUGH_REPLICAS,
        ErrorCode.REQUEST_TIMED_OUT,
    }
)
"""What a coordinator says that a client looks for it, and asks it, again after."""


class Client:
    """One client with a connection to each broker that it has to do with."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.chance = world.chance(name)
        self._connections: dict[int, WireConnection] = {}
        self._leaders: dict[tuple[str, int], tuple[int, int]] = {}
        self._newest_epochs: dict[tuple[str, int], int] = {}
        """The highest epoch of each partition's leaders that anybody has told."""
        self._coordinators: dict[tuple[int, str], int] = {}

    # Asking

    async def connection(self, node: int) -> WireConnection:
        """The connection to a broker, opened if there is none. Raises Unreachable."""
        found = self._connections.get(node)
        if found is None or found.closed.done():
            host, port = self.world.addresses[node]
            found = self._connections[node] = await open_connection(
                host, port, self.world.exchanges, name=f"{self.name} {node}", within_s=ANSWER_WITHIN_S
            )
        return found

    async def ask(self, node: int, message: Message, version: int, within_s: float = ANSWER_WITHIN_S) -> Any:
        """The answer of a broker. Raises WireError, after which the connection to it is gone."""
        try:
            connection = await self.connection(node)
            return await connection.send(message, version, within_s=within_s)
        except WireError:
            await self.hang_up(node)
            raise

    def told(self, number: int) -> ErrorCode:
        """The error of an answer, which is never one inside the broker."""
        error = ErrorCode(number)
        if error is ErrorCode.UNKNOWN_SERVER_ERROR:
            self.world.problem(self.name, "a broker answers UNKNOWN_SERVER_ERROR")
        return error

    async def hang_up(self, node: int) -> None:
        """Closes the connection to a broker, if there is one."""
        connection = self._connections.pop(node, None)
        if connection is not None:
            await connection.close()

    async def close(self) -> None:
        """Closes all connections."""
        for node in list(self._connections):
            await self.hang_up(node)

    async def back_off(self) -> None:
        """Waits a little."""
        await asyncio.sleep(BACKOFF_S * self.chance.uniform(0.8, 1.2))

    async def wait_ms(self, pace_ms: int) -> None:
        """Waits about so long."""
        await asyncio.sleep(pace_ms / 1000 * self.chance.uniform(0.2, 1.8))

    # Whom to ask

    async def leader(self, topic: str, partition: int) -> tuple[int, int]:
        """Who leads a partition, and in which epoch, as somebody has told; waits until somebody tells."""
        while (topic, partition) not in self._leaders:
            await self._learn_leaders(topic)
            if (topic, partition) not in self._leaders:
                await self.back_off()
        return self._leaders[topic, partition]

    def forget_leaders(self, topic: str) -> None:
        """They have changed, perhaps."""
        for known in [known for known in self._leaders if known[0] == topic]:
            del self._leaders[known]

    async def _learn_leaders(self, topic: str) -> None:
        """Ask anybody. A leader of an epoch before the newest is none: who says so has not heard of its successor.

        Source: org.apache.kafka.clients.Metadata.updateLatestMetadata, lastSeenLeaderEpochs
        """
        request = MetadataRequest(topics=[MetadataRequestTopic(name=topic)], allow_auto_topic_creation=False)
        node = self.chance.choice(list(self.world.addresses))
        try:
            answer = await self.ask(node, request, METADATA_VERSION)
        except WireError:
            return
        for found in answer.topics:
            for each in found.partitions:
                place = topic, each.partition_index
                if each.leader_id >= 0 and each.leader_epoch >= self._newest_epochs.get(place, -1):
                    self._leaders[place] = each.leader_id, each.leader_epoch
                    self._newest_epochs[place] = each.leader_epoch

    async def coordinator(self, key: str, key_type: int) -> int:
        """Who coordinates a group or a transactional id; waits until somebody tells."""
        while (key_type, key) not in self._coordinators:
            node = self.chance.choice(list(self.world.addresses))
            request = FindCoordinatorRequest(key=key, key_type=key_type)
            try:
                answer = await self.ask(node, request, FIND_COORDINATOR_VERSION)
            except WireError:
                answer = None
            if answer is not None and self.told(answer.error_code) is ErrorCode.NONE:
                self._coordinators[key_type, key] = answer.node_id
            else:
                await self.back_off()
        return self._coordinators[key_type, key]

    def forget_coordinator(self, key: str, key_type: int) -> None:
        """It has moved, perhaps."""
        self._coordinators.pop((key_type, key), None)

    async def ask_coordinator(self, key: str, key_type: int, message: Message, version: int) -> Any:
        """One answer of whoever coordinates now. Raises WireError."""
        node = await self.coordinator(key, key_type)
        try:
            return await self.ask(node, message, version)
        except WireError:
            self.forget_coordinator(key, key_type)
            raise
