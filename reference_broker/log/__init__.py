"""The log of a partition: segments, timestamps, producers, transactions, leader epochs, retention, recovery."""

from kafka_conformance.reference_broker.log.checkpoints import TopicPartition
from kafka_conformance.reference_broker.log.config import LogConfig
from kafka_conformance.reference_broker.log.log import Log
from kafka_conformance.reference_broker.log.log_directory import LogDirectory
from kafka_conformance.reference_broker.log.outcome import (
    AppendInfo,
    AppendOrigin,
    Fetched,
    RecordError,
    Refusal,
    TimestampOffset,
)
from kafka_conformance.reference_broker.log.parts import LogParts
from kafka_conformance.reference_broker.log.recovery import StopState

__all__ = [
    "AppendInfo",
    "AppendOrigin",
    "Fetched",
    "Log",
    "LogConfig",
    "LogDirectory",
    "LogParts",
    "RecordError",
    "Refusal",
    "StopState",
    "TimestampOffset",
    "TopicPartition",
]
