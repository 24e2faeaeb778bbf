"""The classes of which a round of cleaning is built. Each decision of it is a method of one of them."""

from typing import NamedTuple

from kafka_conformance.reference_broker.log.cleaning.cleaner import Cleaner
from kafka_conformance.reference_broker.log.cleaning.log_to_clean import LogToClean
from kafka_conformance.reference_broker.log.cleaning.offset_map import OffsetMap
from kafka_conformance.reference_broker.log.cleaning.record_filter import RecordFilter
from kafka_conformance.reference_broker.log.cleaning.transactions import CleanedTransactions


class CleaningParts(NamedTuple):
    """Put a subclass in place of one of these to get another behaviour."""

    log_to_clean: type[LogToClean] = LogToClean
    cleaner: type[Cleaner] = Cleaner
    offset_map: type[OffsetMap] = OffsetMap
    transactions: type[CleanedTransactions] = CleanedTransactions
    record_filter: type[RecordFilter] = RecordFilter
