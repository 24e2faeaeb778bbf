"""DescribeLogDirs: what a broker keeps where, and how much of it.

Versions  v2 flexible; v3 error of the whole; v4 bytes of the volume (KIP-827); v5 whether it is cordoned (KIP-1066),
          which no directory of this broker is.
Errors    none: topics and partitions that are not kept here are left out. Each broker speaks for itself; null asks for
          everything, an empty list for nothing.
Source    KafkaApis.handleDescribeLogDirsRequest, ReplicaManager.describeLogDirs
"""

from __future__ import annotations

from kafka_conformance.protocol.messages.describe_log_dirs import (
    DescribeLogDirsPartition,
    DescribeLogDirsRequest,
    DescribeLogDirsResponse,
    DescribeLogDirsResult,
    DescribeLogDirsTopic,
)
from kafka_conformance.reference_broker.cluster.context import Context
from kafka_conformance.reference_broker.log.log import Log


def describe_log_dirs(ctx: Context, request: DescribeLogDirsRequest) -> DescribeLogDirsResponse:
    """Answer DescribeLogDirs."""
    directory = ctx.broker.log_directory
    wanted = None
    if request.topics is not None:
        wanted = {(topic.topic, index) for topic in request.topics for index in topic.partitions}
    topics: dict[str, DescribeLogDirsTopic] = {}
    for place, log in directory.logs.items():
        if wanted is None or (place.topic, place.partition) in wanted:
            topic = topics.setdefault(place.topic, DescribeLogDirsTopic(name=place.topic))
            topic.partitions.append(_partition(place.partition, log))
    space = directory.storage.space()
    result = DescribeLogDirsResult(
        log_dir=directory.storage.location,
        topics=list(topics.values()),
        total_bytes=space.total_bytes,
        usable_bytes=space.usable_bytes,
    )
    return DescribeLogDirsResponse(results=[result])


def _partition(index: int, log: Log) -> DescribeLogDirsPartition:
    lag = max(log.high_watermark - log.log_end_offset, 0)
    return DescribeLogDirsPartition(partition_index=index, partition_size=log.size, offset_lag=lag)
