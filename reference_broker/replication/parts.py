"""The classes by which a broker keeps its replicas. Each decision that is taken here is a method of one of them."""

from typing import NamedTuple

from kafka_conformance.reference_broker.replication.appending import ReplicaAppender
from kafka_conformance.reference_broker.replication.fetcher import ReplicaFetcher
from kafka_conformance.reference_broker.replication.fetching import ReplicaReader
from kafka_conformance.reference_broker.replication.partition import Partition
from kafka_conformance.reference_broker.replication.transaction_verification import TransactionVerifier


class ReplicaParts(NamedTuple):
    """Put a subclass in place of one of these to get a broker with another behaviour."""

    partition: type[Partition] = Partition
    fetcher: type[ReplicaFetcher] = ReplicaFetcher
    appender: type[ReplicaAppender] = ReplicaAppender
    reader: type[ReplicaReader] = ReplicaReader
    transaction_verifier: type[TransactionVerifier] = TransactionVerifier
