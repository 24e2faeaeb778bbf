"""Requests of transactional producers for every version, and what their answers say of each partition.

There are two protocols. In the first (KIP-98) a producer adds partitions and groups to its transaction before it writes
to them; in the second (KIP-890, `transaction.version` 2) brokers add them themselves, and each end of a transaction
gives the producer its next epoch. Which one a request speaks follows from its version.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

from kafka_conformance.harness.subject.answers import error_code
from kafka_conformance.harness.subject.connection import Versions
from kafka_conformance.harness.subject.partition_requests import NamedTopic
from kafka_conformance.harness.violation import NotApplicable
from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.layout import VersionRange
from kafka_conformance.protocol.messages.add_partitions_to_txn import (
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnResponse,
    AddPartitionsToTxnTopic,
    AddPartitionsToTxnTransaction,
)
from kafka_conformance.protocol.messages.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestPartition,
    TxnOffsetCommitRequestTopic,
    TxnOffsetCommitResponse,
)
from kafka_conformance.protocol.messages.write_txn_markers import (
    WritableTxnMarker,
    WritableTxnMarkerTopic,
    WriteTxnMarkersRequest,
    WriteTxnMarkersResponse,
)


class TransactionProtocol(Enum):
    """Which of Kafka's two protocols a transactional producer speaks."""

    V1 = "v1"
    V2 = "v2"

    def version(self, api: ApiKey, offered: Versions) -> int:
        """The highest version of the API that speaks it. Raises NotApplicable where none is offered."""
        spoken, theirs = _SPOKEN[self][api], offered.get(api)
        if theirs is None or spoken.first > theirs.last or theirs.first > spoken.last:
            raise NotApplicable(f"the target offers no {api.name} of transaction protocol {self.value}")
        return min(spoken.last, theirs.last)

    @classmethod
    def newest(cls, offered: Versions) -> TransactionProtocol:
        """What a client would speak."""
        speaks = ApiKey.END_TXN in offered and offered[ApiKey.END_TXN].last >= _SPOKEN[cls.V2][ApiKey.END_TXN].first
        return cls.V2 if speaks else cls.V1


_SPOKEN: Mapping[TransactionProtocol, Mapping[ApiKey, VersionRange]] = {
    TransactionProtocol.V1: {
        ApiKey.PRODUCE: VersionRange(3, 11),
        ApiKey.ADD_PARTITIONS_TO_TXN: VersionRange(0, 3),
        ApiKey.ADD_OFFSETS_TO_TXN: VersionRange(0, 4),
        ApiKey.TXN_OFFSET_COMMIT: VersionRange(0, 4),
        ApiKey.END_TXN: VersionRange(0, 4),
    },
    TransactionProtocol.V2: {
        ApiKey.PRODUCE: VersionRange(12, 13),
        ApiKey.TXN_OFFSET_COMMIT: VersionRange(5, 5),
        ApiKey.END_TXN: VersionRange(5, 5),
    },
}
"""Source: TransactionVersion.transactionVersionForEndTxn, AddPartitionsToTxnManager; ProduceRequest.json."""


def add_partitions_request(
    transactional_id: str, producer_id: int, epoch: int, partitions: Mapping[str, Sequence[int]]
) -> AddPartitionsToTxnRequest:
    """An AddPartitionsToTxn of partitions by topic name; from version 4 on as the only transaction of a batch."""
    topics = [AddPartitionsToTxnTopic(name=name, partitions=list(indexes)) for name, indexes in partitions.items()]
    return AddPartitionsToTxnRequest(
        transactions=[
            AddPartitionsToTxnTransaction(
                transactional_id=transactional_id, producer_id=producer_id, producer_epoch=epoch, topics=topics
            )
        ],
        v3_and_below_transactional_id=transactional_id,
        v3_and_below_producer_id=producer_id,
        v3_and_below_producer_epoch=epoch,
        v3_and_below_topics=topics,
    )


def added_in(answer: AddPartitionsToTxnResponse) -> dict[tuple[str, int], ErrorCode]:
    """The error of each partition by (topic name, partition)."""
    topics = [
        *answer.results_by_topic_v3_and_below,
        *(topic for result in answer.results_by_transaction for topic in result.topic_results),
    ]
    return {
        (topic.name, entry.partition_index): error_code(entry.partition_error_code)
        for topic in topics
        for entry in topic.results_by_partition
    }


def txn_offset_commit_request(
    transactional_id: str,
    producer_id: int,
    epoch: int,
    group_id: str,
    topic: NamedTopic,
    offsets: Mapping[int, int],
    *,
    generation_id: int = -1,
    member_id: str = "",
    instance_id: str | None = None,
) -> TxnOffsetCommitRequest:
    """A TxnOffsetCommit of an offset for each partition."""
    partitions = [
        TxnOffsetCommitRequestPartition(partition_index=index, committed_offset=offset)
        for index, offset in offsets.items()
    ]
    return TxnOffsetCommitRequest(
        transactional_id=transactional_id,
        group_id=group_id,
        producer_id=producer_id,
        producer_epoch=epoch,
        generation_id_or_member_epoch=generation_id,
        member_id=member_id,
        group_instance_id=instance_id,
        topics=[TxnOffsetCommitRequestTopic(name=topic.name, topic_id=topic.id, partitions=partitions)],
    )


def offsets_in(answer: TxnOffsetCommitResponse) -> dict[int, ErrorCode]:
    """The error of each partition of the one topic that was asked for."""
    return {
        entry.partition_index: error_code(entry.error_code) for topic in answer.topics for entry in topic.partitions
    }


def write_markers_request(
    producer_id: int,
    epoch: int,
    partitions: Mapping[str, Sequence[int]],
    *,
    committed: bool,
    coordinator_epoch: int,
    transaction_version: int = 0,
) -> WriteTxnMarkersRequest:
    """A WriteTxnMarkers of one producer's marker in partitions by topic name."""
    topics = [
        WritableTxnMarkerTopic(name=name, partition_indexes=list(indexes)) for name, indexes in partitions.items()
    ]
    marker = WritableTxnMarker(
        producer_id=producer_id,
        producer_epoch=epoch,
        transaction_result=committed,
        topics=topics,
        coordinator_epoch=coordinator_epoch,
        transaction_version=transaction_version,
    )
    return WriteTxnMarkersRequest(markers=[marker])


def markers_in(answer: WriteTxnMarkersResponse) -> dict[tuple[str, int], ErrorCode]:
    """The error of each partition by (topic name, partition)."""
    return {
        (topic.name, entry.partition_index): error_code(entry.error_code)
        for marker in answer.markers
        for topic in marker.topics
        for entry in topic.partitions
    }
