"""Before a transactional batch is appended, the coordinator is asked whether the partition belongs to the transaction.

This broker has no transaction coordinator: the answer is the one that Kafka gives where none can be found (observed on
4.3.1 before __transaction_state was created).
Source: KIP-890; ReplicaManager.maybeSendPartitionsToTransactionCoordinator, handleProduceAppend.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.log.outcome import Refusal
from kafka_conformance.reference_broker.replication.appending import Entry, refuse

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.cluster.broker import Broker

_NO_COORDINATOR = Refusal(
    ErrorCode.NOT_ENOUGH_REPLICAS,
    "no transaction coordinator",
    message="Unable to verify the partition has been added to the transaction. "
    "Underlying error: COORDINATOR_NOT_AVAILABLE",
)


class TransactionVerifier:
    """Asks for one broker."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def must_verify(self, entry: Entry) -> bool:
        """Whether a batch belongs to a transaction."""
        return entry.header.is_transactional and entry.header.has_producer_id

    def verified(self, entries: list[Entry], transactional_id: str | None, version: int) -> list[Entry]:
        """Return the entries that may be appended; the others' answers say why not."""
        allowed = []
        for entry in entries:
            if self.must_verify(entry):
                refuse(entry.answer, _NO_COORDINATOR)
            else:
                allowed.append(entry)
        return allowed
