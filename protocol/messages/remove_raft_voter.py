"""RemoveRaftVoter (API key 81).

Source    Kafka 4.3, RemoveRaftVoterRequest.json, RemoveRaftVoterResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, int16, int32, string, uuid
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class RemoveRaftVoterRequest(Message, key=81, versions="0", flexible="0+"):
    """RemoveRaftVoterRequest, versions 0."""

    cluster_id: Annotated[str | None, string("0+", nullable="0+")] = ""
    voter_id: Annotated[int, int32("0+")] = 0
    voter_directory_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID


class RemoveRaftVoterResponse(Message, key=81, versions="0", flexible="0+"):
    """RemoveRaftVoterResponse, versions 0."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = ""
