"""AddRaftVoter (API key 80).

Versions  v1 request ack_when_committed.
Source    Kafka 4.3, AddRaftVoterRequest.json, AddRaftVoterResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, boolean, int16, int32, string, uint16, uuid
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid


class Listener(Struct):
    """`Listener` of AddRaftVoterRequest."""

    name: Annotated[str, string("0+")] = ""
    host: Annotated[str, string("0+")] = ""
    port: Annotated[int, uint16("0+")] = 0


class AddRaftVoterRequest(Message, key=80, versions="0-1", flexible="0+"):
    """AddRaftVoterRequest, versions 0-1."""

    cluster_id: Annotated[str | None, string("0+", nullable="0+")] = ""
    timeout_ms: Annotated[int, int32("0+")] = 0
    voter_id: Annotated[int, int32("0+")] = 0
    voter_directory_id: Annotated[Uuid, uuid("0+")] = ZERO_UUID
    listeners: Annotated[list[Listener], array(Listener, "0+")] = []
    ack_when_committed: Annotated[bool, boolean("1+")] = True


class AddRaftVoterResponse(Message, key=80, versions="0-1", flexible="0+"):
    """AddRaftVoterResponse, versions 0-1."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = ""
