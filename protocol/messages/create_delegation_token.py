"""CreateDelegationToken (API key 38).

Versions  v2 flexible. v3 request owner_principal_type, owner_principal_name; response
          token_requester_principal_type, token_requester_principal_name.
Source    Kafka 4.3, CreateDelegationTokenRequest.json, CreateDelegationTokenResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, bytestring, int16, int32, int64, string


class CreatableRenewers(Struct):
    """`CreatableRenewers` of CreateDelegationTokenRequest."""

    principal_type: Annotated[str, string("0+")] = ""
    principal_name: Annotated[str, string("0+")] = ""


class CreateDelegationTokenRequest(Message, key=38, versions="1-3", flexible="2+"):
    """CreateDelegationTokenRequest, versions 1-3."""

    owner_principal_type: Annotated[str | None, string("3+", nullable="3+")] = ""
    owner_principal_name: Annotated[str | None, string("3+", nullable="3+")] = ""
    renewers: Annotated[list[CreatableRenewers], array(CreatableRenewers, "0+")] = []
    max_lifetime_ms: Annotated[int, int64("0+")] = 0


class CreateDelegationTokenResponse(Message, key=38, versions="1-3", flexible="2+"):
    """CreateDelegationTokenResponse, versions 1-3."""

    error_code: Annotated[int, int16("0+")] = 0
    principal_type: Annotated[str, string("0+")] = ""
    principal_name: Annotated[str, string("0+")] = ""
    token_requester_principal_type: Annotated[str, string("3+")] = ""
    token_requester_principal_name: Annotated[str, string("3+")] = ""
    issue_timestamp_ms: Annotated[int, int64("0+")] = 0
    expiry_timestamp_ms: Annotated[int, int64("0+")] = 0
    max_timestamp_ms: Annotated[int, int64("0+")] = 0
    token_id: Annotated[str, string("0+")] = ""
    hmac: Annotated[bytes, bytestring("0+")] = b""
    throttle_time_ms: Annotated[int, int32("0+")] = 0
