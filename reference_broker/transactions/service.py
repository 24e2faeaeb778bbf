"""What the APIs ask of the transaction coordinator: the partition of a transactional id is found, or why not.

Source: TransactionCoordinator, TransactionStateManager
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.describe_transactions import TransactionState as DescribedTransaction
from kafka_conformance.protocol.messages.list_transactions import ListTransactionsRequest, ListTransactionsResponse
from kafka_conformance.reference_broker.groups.coordinator_state import CoordinatorState
from kafka_conformance.reference_broker.groups.java_strings import coordinator_partition
from kafka_conformance.reference_broker.groups.log_port import CoordinatorLog
from kafka_conformance.reference_broker.transactions.coordinator import TransactionCoordinator
from kafka_conformance.reference_broker.transactions.decision import (
    AddRequest,
    Decision,
    EndRequest,
    InitRequest,
    ProducerAnswer,
)
from kafka_conformance.reference_broker.transactions.describing import TransactionFilter
from kafka_conformance.reference_broker.transactions.markers import PartitionLeaders
from kafka_conformance.reference_broker.transactions.metadata import TopicPartition
from kafka_conformance.reference_broker.transactions.parts import TransactionParts
from kafka_conformance.reference_broker.transactions.settings import TransactionSettings

if TYPE_CHECKING:
    import asyncio

    from kafka_conformance.reference_broker.environment import Environment
    from kafka_conformance.reference_broker.transactions.shard import TransactionShard

R = TypeVar("R")
Answer: TypeAlias = R | Awaitable[R]


class TransactionCoordinatorService:
    """Immutable but for which partitions are led here. All methods are called on the loop's thread."""

    def __init__(
        self,
        environment: Environment,
        settings: TransactionSettings,
        parts: TransactionParts,
        *,
        leaders: PartitionLeaders,
        new_producer_id: Callable[[], int],
    ) -> None:
        self.settings = settings
        self._environment = environment
        self._parts = parts
        self._init_rules = parts.init_rules()
        self._describe_rules = parts.describe_rules()
        self._markers = parts.marker_sender(leaders)
        self._new_producer_id = new_producer_id
        self._coordinators: dict[int, TransactionCoordinator] = {}
        self._is_active = True
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._repeat("abort", settings.transaction_abort_timed_out_transaction_cleanup_interval_ms, self._abort)
        self._repeat("expire", settings.transaction_remove_expired_transaction_cleanup_interval_ms, self._expire)

    # Leadership of partitions

    def partition_for(self, transactional_id: str) -> int:
        """The partition of __transaction_state whose leader coordinates the transactional id."""
        return coordinator_partition(transactional_id, self.settings.transaction_state_log_num_partitions)

    def elected(self, partition: int, leader_epoch: int, log: CoordinatorLog) -> None:
        """This broker leads the partition of __transaction_state: load it, anew in each epoch."""
        coordinator = self._coordinators.get(partition)
        if coordinator is not None:
            if coordinator.leader_epoch >= leader_epoch:
                return
            coordinator.unload()
        coordinator = self._coordinators[partition] = TransactionCoordinator(
            self._parts.shard(self._parts, self.settings, self._new_producer_id),
            log,
            self._markers,
            loop=self._environment.loop,
            clock=self._environment.clock,
            leader_epoch=leader_epoch,
        )
        coordinator.load()

    def resigned(self, partition: int, leader_epoch: int | None = None) -> None:
        """Another broker leads the partition since `leader_epoch`; None: it was deleted, or this broker stops."""
        coordinator = self._coordinators.get(partition)
        if coordinator is None or (leader_epoch is not None and coordinator.leader_epoch >= leader_epoch):
            return
        del self._coordinators[partition]
        coordinator.unload()

    def high_watermark_reached(self, partition: int, offset: int) -> None:
        """The partition of __transaction_state is replicated up to `offset`."""
        coordinator = self._coordinators.get(partition)
        if coordinator is not None:
            coordinator.high_watermark_reached(offset)

    def shut_down(self) -> None:
        """Answer COORDINATOR_NOT_AVAILABLE or NOT_COORDINATOR from now on."""
        self._is_active = False
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        for partition in list(self._coordinators):
            self.resigned(partition)

    # Transactions

    def init_producer_id(self, request: InitRequest) -> Answer[ProducerAnswer]:
        """InitProducerId with a transactional id that is not empty."""
        error = self._init_rules.timeout_error(request.timeout_ms, self.settings)
        if error is not ErrorCode.NONE:
            return ProducerAnswer(error)
        now_ms = self._environment.clock.now_ms()
        return self._execute(
            request.transactional_id, lambda shard: shard.init_producer_id(request, now_ms), ProducerAnswer
        )

    def add_partitions(self, request: AddRequest) -> Answer[ErrorCode]:
        """AddPartitionsToTxn and AddOffsetsToTxn: all partitions or none."""
        if not request.transactional_id:
            return ErrorCode.INVALID_REQUEST
        now_ms = self._environment.clock.now_ms()
        return self._execute(
            request.transactional_id, lambda shard: shard.add_partitions(request, now_ms), lambda error: error
        )

    def verify_partitions(self, request: AddRequest) -> dict[TopicPartition, ErrorCode]:
        """AddPartitionsToTxn that only asks."""

        def refuse(error: ErrorCode) -> dict[TopicPartition, ErrorCode]:
            return dict.fromkeys(request.partitions, error)

        if not request.transactional_id:
            return refuse(ErrorCode.INVALID_REQUEST)
        return self._read(request.transactional_id, lambda shard: shard.verify_partitions(request), refuse)

    def end(self, request: EndRequest) -> Answer[ProducerAnswer]:
        """EndTxn."""
        if not request.transactional_id:
            return ProducerAnswer(ErrorCode.INVALID_REQUEST)
        now_ms = self._environment.clock.now_ms()
        return self._execute(request.transactional_id, lambda shard: shard.end(request, now_ms), ProducerAnswer)

    # Descriptions

    def describe(self, transactional_id: str) -> DescribedTransaction:
        """DescribeTransactions of one transactional id."""

        def refuse(error: ErrorCode) -> DescribedTransaction:
            return DescribedTransaction(transactional_id=transactional_id, error_code=error)

        if not self._is_active:
            return refuse(ErrorCode.COORDINATOR_NOT_AVAILABLE)
        if not transactional_id:
            return refuse(ErrorCode.INVALID_REQUEST)
        return self._read(transactional_id, lambda shard: shard.describe(transactional_id), refuse)

    def list_transactions(self, request: ListTransactionsRequest) -> ListTransactionsResponse:
        """ListTransactions: the ids that this broker coordinates; none while some of them are being loaded."""
        if not self._is_active:
            return ListTransactionsResponse(error_code=ErrorCode.COORDINATOR_NOT_AVAILABLE)
        coordinators = self._coordinators.values()
        if any(coordinator.state is CoordinatorState.LOADING for coordinator in coordinators):
            return ListTransactionsResponse(error_code=ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
        try:
            pattern = re.compile(request.transactional_id_pattern) if request.transactional_id_pattern else None
        except re.error:
            return ListTransactionsResponse(error_code=ErrorCode.INVALID_REGULAR_EXPRESSION)
        wanted = TransactionFilter(request, pattern, self._environment.clock.now_ms())
        response = ListTransactionsResponse(unknown_state_filters=self._describe_rules.unknown_states(request))
        for coordinator in coordinators:
            response.transaction_states += coordinator.read(
                lambda shard: shard.list_transactions(wanted), lambda error: []
            )
        return response

    # Time

    def _repeat(self, name: str, interval_ms: int, do: Callable[[], None]) -> None:
        def run() -> None:
            self._repeat(name, interval_ms, do)
            do()

        self._timers[name] = self._environment.loop.call_later(interval_ms / 1000, run)

    def _abort(self) -> None:
        now_ms = self._environment.clock.now_ms()
        for coordinator in list(self._coordinators.values()):
            coordinator.carry_out(lambda shard: shard.abort_timed_out(now_ms))

    def _expire(self) -> None:
        now_ms = self._environment.clock.now_ms()
        for coordinator in list(self._coordinators.values()):
            coordinator.carry_out(lambda shard: iter((shard.remove_expired(now_ms),)))

    # Finding the coordinator

    def _execute(
        self,
        transactional_id: str,
        operate: Callable[[TransactionShard], Decision],
        refuse: Callable[[ErrorCode], R],
    ) -> Answer[R]:
        coordinator = self._coordinators.get(self.partition_for(transactional_id))
        return refuse(ErrorCode.NOT_COORDINATOR) if coordinator is None else coordinator.execute(operate, refuse)

    def _read(
        self, transactional_id: str, read: Callable[[TransactionShard], R], refuse: Callable[[ErrorCode], R]
    ) -> R:
        coordinator = self._coordinators.get(self.partition_for(transactional_id))
        return refuse(ErrorCode.NOT_COORDINATOR) if coordinator is None else coordinator.read(read, refuse)
