"""The classes of which a log is built. Each decision that a log takes is a method of one of them."""

from typing import NamedTuple

from kafka_conformance.reference_broker.log.leader_epochs import LeaderEpochCache
from kafka_conformance.reference_broker.log.offset_index import OffsetIndex
from kafka_conformance.reference_broker.log.producer_append import ProducerAppendInfo
from kafka_conformance.reference_broker.log.producer_state_manager import ProducerStateManager
from kafka_conformance.reference_broker.log.reader import LogReader
from kafka_conformance.reference_broker.log.record_checks import RecordChecks
from kafka_conformance.reference_broker.log.recovery import LogLoader
from kafka_conformance.reference_broker.log.retention import Retention
from kafka_conformance.reference_broker.log.segment import LogSegment, SegmentParts
from kafka_conformance.reference_broker.log.time_index import TimeIndex
from kafka_conformance.reference_broker.log.transaction_index import TransactionIndex
from kafka_conformance.reference_broker.log.validator import LogValidator


class LogParts(NamedTuple):
    """Put a subclass in place of one of these to get a log with another behaviour."""

    validator: type[LogValidator] = LogValidator
    record_checks: type[RecordChecks] = RecordChecks
    producer_state: type[ProducerStateManager] = ProducerStateManager
    producer_append: type[ProducerAppendInfo] = ProducerAppendInfo
    leader_epochs: type[LeaderEpochCache] = LeaderEpochCache
    reader: type[LogReader] = LogReader
    retention: type[Retention] = Retention
    segment: type[LogSegment] = LogSegment
    offset_index: type[OffsetIndex] = OffsetIndex
    time_index: type[TimeIndex] = TimeIndex
    transaction_index: type[TransactionIndex] = TransactionIndex
    loader: type[LogLoader] = LogLoader

    @property
    def of_segment(self) -> SegmentParts:
        """What a segment takes."""
        return SegmentParts(self.offset_index, self.time_index, self.transaction_index)
