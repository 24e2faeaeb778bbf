"""DescribeDelegationToken (API key 41).

Versions  v2 flexible. v3 response token_requester_principal_type, token_requester_principal_name.
Source    Kafka 4.3, DescribeDelegationTokenRequest.json, DescribeDelegationTokenResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, bytestring, int16, int32, int64, string


class DescribeDelegationTokenOwner(Struct):
    """`DescribeDelegationTokenOwner` of DescribeDelegationTokenRequest."""

    principal_type: Annotated[str, string("0+")] = ""
    principal_name: Annotated[str, string("0+")] = ""


class DescribeDelegationTokenRequest(Message, key=41, versions="1-3", flexible="2+"):
    """DescribeDelegationTokenRequest, versions 1-3."""

    owners: Annotated[
        list[DescribeDelegationTokenOwner] | None, array(DescribeDelegationTokenOwner, "0+", nullable="0+")
    ] = []


class DescribedDelegationTokenRenewer(Struct):
    """`DescribedDelegationTokenRenewer` of DescribeDelegationTokenResponse."""

    principal_type: Annotated[str, string("0+")] = ""
    principal_name: Annotated[str, string("0+")] = ""


class DescribedDelegationToken(Struct):
    """`DescribedDelegationToken` of DescribeDelegationTokenResponse."""

    principal_type: Annotated[str, string("0+")] = ""
    principal_name: Annotated[str, string("0+")] = ""
    token_requester_principal_type: Annotated[str, string("3+")] = ""
    token_requester_principal_name: Annotated[str, string("3+")] = ""
    issue_timestamp: Annotated[int, int64("0+")] = 0
    expiry_timestamp: Annotated[int, int64("0+")] = 0
    max_timestamp: Annotated[int, int64("0+")] = 0
    token_id: Annotated[str, string("0+")] = ""
    hmac: Annotated[bytes, bytestring("0+")] = b""
    renewers: Annotated[list[DescribedDelegationTokenRenewer], array(DescribedDelegationTokenRenewer, "0+")] = []


class DescribeDelegationTokenResponse(Message, key=41, versions="1-3", flexible="2+"):
    """DescribeDelegationTokenResponse, versions 1-3."""

    error_code: Annotated[int, int16("0+")] = 0
    tokens: Annotated[list[DescribedDelegationToken], array(DescribedDelegationToken, "0+")] = []
    throttle_time_ms: Annotated[int, int32("0+")] = 0
