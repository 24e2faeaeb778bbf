"""Which brokers hold a new partition: chosen here, or named by the request and checked.

Source: ReplicationControlManager.createTopic, createPartitions, validateManualPartitionAssignment.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid
from kafka_conformance.reference_broker.controller.decision import ApiError
from kafka_conformance.reference_broker.controller.image import MetadataImage
from kafka_conformance.reference_broker.controller.placement import PlacementError, StripedReplicaPlacer
from kafka_conformance.reference_broker.controller.records import PartitionRecord

if TYPE_CHECKING:
    from random import Random

Replicas = list[int]

UNASSIGNED_DIRECTORY: Uuid = ZERO_UUID


def place(
    image: MetadataImage, random: Random, partitions: int, replication_factor: int
) -> list[Replicas] | PlacementError:
    """Choose the replicas of that many new partitions."""
    placer = StripedReplicaPlacer((each for each in image.brokers.values() if not each.in_controlled_shutdown), random)
    try:
        return [placer.place(replication_factor) for _ in range(partitions)]
    except PlacementError as error:
        return error


def is_active(image: MetadataImage, broker_id: int) -> bool:
    """Whether a broker may lead: it is registered, not fenced and not shutting down."""
    broker = image.brokers.get(broker_id)
    return broker is not None and broker.is_active


def check_manual(image: MetadataImage, replicas: Sequence[int], replication_factor: int | None) -> ApiError | None:
    """Return what is wrong with an assignment that a request names; None where it is right.

    `replication_factor` is that of the partitions before, None for the first.
    """
    prefix = "The manual partition assignment includes"
    if not replicas:
        return _refused(f"{prefix} an empty replica list.")
    previous = None
    for broker in sorted(replicas):
        if broker not in image.brokers:
            return _refused(f"{prefix} broker {broker}, but no such broker is registered.")
        if broker == previous:
            return _refused(f"{prefix} the broker {broker} more than once.")
        previous = broker
    if replication_factor not in (None, len(replicas)):
        return _refused(
            f"{prefix} a partition with {len(replicas)} replica(s), but this is not consistent with previous "
            f"partitions, which have {replication_factor} replica(s)."
        )
    return None


def check_alive(image: MetadataImage, replicas: Sequence[int], partition: int) -> ApiError | None:
    """Return the error for a partition that a request assigns to brokers of which none is alive."""
    if any(is_active(image, broker) for broker in replicas):
        return None
    return _refused(
        f"All brokers specified in the manual partition assignment for partition {partition} "
        "are fenced or in controlled shutdown."
    )


def _refused(message: str) -> ApiError:
    return ApiError(ErrorCode.INVALID_REPLICA_ASSIGNMENT, message)


def partition_record(image: MetadataImage, topic_id: Uuid, partition: int, replicas: Sequence[int]) -> PartitionRecord:
    """Return the record of a new partition: the live replicas are in sync, the first of them leads."""
    isr = [broker for broker in replicas if is_active(image, broker)]
    return PartitionRecord(
        partition_id=partition,
        topic_id=topic_id,
        replicas=list(replicas),
        isr=isr,
        leader=isr[0],
        leader_epoch=0,
        partition_epoch=0,
        directories=[UNASSIGNED_DIRECTORY] * len(replicas),
    )
