"""AlterReplicaLogDirs (API key 34).

Versions  v2 flexible.
Source    Kafka 4.3, AlterReplicaLogDirsRequest.json, AlterReplicaLogDirsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int16, int32, string


class AlterReplicaLogDirTopic(Struct):
    """`AlterReplicaLogDirTopic` of AlterReplicaLogDirsRequest."""

    name: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[int], array("int32", "0+")] = []


class AlterReplicaLogDir(Struct):
    """`AlterReplicaLogDir` of AlterReplicaLogDirsRequest."""

    path: Annotated[str, string("0+")] = ""
    topics: Annotated[list[AlterReplicaLogDirTopic], array(AlterReplicaLogDirTopic, "0+")] = []


class AlterReplicaLogDirsRequest(Message, key=34, versions="1-2", flexible="2+"):
    """AlterReplicaLogDirsRequest, versions 1-2."""

    dirs: Annotated[list[AlterReplicaLogDir], array(AlterReplicaLogDir, "0+")] = []


class AlterReplicaLogDirPartitionResult(Struct):
    """`AlterReplicaLogDirPartitionResult` of AlterReplicaLogDirsResponse."""

    partition_index: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0


class AlterReplicaLogDirTopicResult(Struct):
    """`AlterReplicaLogDirTopicResult` of AlterReplicaLogDirsResponse."""

    topic_name: Annotated[str, string("0+")] = ""
    partitions: Annotated[list[AlterReplicaLogDirPartitionResult], array(AlterReplicaLogDirPartitionResult, "0+")] = []


class AlterReplicaLogDirsResponse(Message, key=34, versions="1-2", flexible="2+"):
    """AlterReplicaLogDirsResponse, versions 1-2."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    results: Annotated[list[AlterReplicaLogDirTopicResult], array(AlterReplicaLogDirTopicResult, "0+")] = []
