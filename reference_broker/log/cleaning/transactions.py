"""The transactions that the cleaner meets on its way through a log (Kafka: CleanedTransactionMetadata).

The data of aborted transactions may go at once. A marker may go when nothing of its transaction is left before it.
"""

import heapq
from collections.abc import Iterable

from kafka_conformance.protocol.records import BatchHeader, ControlRecordType, control_record_type, records_of
from kafka_conformance.reference_broker.log.transaction_index import AbortedTxn, TransactionIndex


class _AbortedTransaction:
    """One whose marker is still to come."""

    def __init__(self, entry: AbortedTxn) -> None:
        self.entry = entry
        self.has_batches = False


class CleanedTransactions:
    """To be told of all batches in their order. `index` is that of the segment which is being written."""

    def __init__(self) -> None:
        self.index: TransactionIndex | None = None
        self._announced: list[tuple[int, AbortedTxn]] = []
        self._aborted: dict[int, _AbortedTransaction] = {}
        self._committed: set[int] = set()

    def announce(self, aborted: Iterable[AbortedTxn]) -> None:
        """Aborted transactions that the next batches may belong to; known ones do no harm."""
        for entry in aborted:
            heapq.heappush(self._announced, (entry.first_offset, entry))

    def may_discard(self, header: BatchHeader, view: memoryview) -> bool:
        """Is this a batch of an aborted transaction, or a marker without any batch of its transaction?"""
        self._begin_up_to(header.last_offset)
        return self.may_discard_marker(header, view) if header.is_control else self.may_discard_data(header)

    def _begin_up_to(self, offset: int) -> None:
        while self._announced and self._announced[0][0] <= offset:
            entry = heapq.heappop(self._announced)[1]
            self._aborted.setdefault(entry.producer_id, _AbortedTransaction(entry))

    def may_discard_data(self, header: BatchHeader) -> bool:
        """Data that nobody who reads committed records will ever see."""
        if not header.is_transactional:
            return False
        aborted = self._aborted.get(header.producer_id)
        if aborted is None:
            self._committed.add(header.producer_id)
            return False
        aborted.has_batches = True
        return True

    def may_discard_marker(self, header: BatchHeader, view: memoryview) -> bool:
        """Nothing of its transaction is left; an emptied one has been judged before."""
        record = next(records_of(header, view), None)
        if record is None:
            return True
        kind = control_record_type(record.key)
        if kind is ControlRecordType.ABORT:
            return self._end_aborted(header.producer_id)
        if kind is ControlRecordType.COMMIT:
            return self._end_committed(header.producer_id)
        return False

    def _end_aborted(self, producer_id: int) -> bool:
        """As long as there is data of the transaction, readers must be told that it was aborted."""
        aborted = self._aborted.pop(producer_id, None)
        if aborted is None or not aborted.has_batches:
            return True
        if self.index is not None:
            self.index.add(aborted.entry)
        return False

    def _end_committed(self, producer_id: int) -> bool:
        if producer_id not in self._committed:
            return True
        self._committed.remove(producer_id)
        return False
