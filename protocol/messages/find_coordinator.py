"""FindCoordinator (API key 10).

Versions  v1 request key_type; response throttle_time_ms, error_message. v3 flexible. v4 request no key,
          coordinator_keys; response no error_code, no error_message, no node_id, no host, no port, coordinators.
Source    Kafka 4.3, FindCoordinatorRequest.json, FindCoordinatorResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int8, int16, int32, string


class FindCoordinatorRequest(Message, key=10, versions="0-6", flexible="3+"):
    """FindCoordinatorRequest, versions 0-6."""

    key: Annotated[str, string("0-3")] = ""
    key_type: Annotated[int, int8("1+")] = 0
    coordinator_keys: Annotated[list[str], array("string", "4+")] = []


class Coordinator(Struct):
    """`Coordinator` of FindCoordinatorResponse."""

    key: Annotated[str, string("4+")] = ""
    node_id: Annotated[int, int32("4+")] = 0
    host: Annotated[str, string("4+")] = ""
    port: Annotated[int, int32("4+")] = 0
    error_code: Annotated[int, int16("4+")] = 0
    error_message: Annotated[str | None, string("4+", nullable="4+")] = ""


class FindCoordinatorResponse(Message, key=10, versions="0-6", flexible="3+"):
    """FindCoordinatorResponse, versions 0-6."""

    throttle_time_ms: Annotated[int, int32("1+")] = 0
    error_code: Annotated[int, int16("0-3")] = 0
    error_message: Annotated[str | None, string("1-3", nullable="1-3")] = ""
    node_id: Annotated[int, int32("0-3")] = 0
    host: Annotated[str, string("0-3")] = ""
    port: Annotated[int, int32("0-3")] = 0
    coordinators: Annotated[list[Coordinator], array(Coordinator, "4+")] = []
