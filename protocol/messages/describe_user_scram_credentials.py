"""DescribeUserScramCredentials (API key 50).

Source    Kafka 4.3, DescribeUserScramCredentialsRequest.json, DescribeUserScramCredentialsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, int8, int16, int32, string


class UserName(Struct):
    """`UserName` of DescribeUserScramCredentialsRequest."""

    name: Annotated[str, string("0+")] = ""


class DescribeUserScramCredentialsRequest(Message, key=50, versions="0", flexible="0+"):
    """DescribeUserScramCredentialsRequest, versions 0."""

    users: Annotated[list[UserName] | None, array(UserName, "0+", nullable="0+")] = []


class CredentialInfo(Struct):
    """`CredentialInfo` of DescribeUserScramCredentialsResponse."""

    mechanism: Annotated[int, int8("0+")] = 0
    iterations: Annotated[int, int32("0+")] = 0


class DescribeUserScramCredentialsResult(Struct):
    """`DescribeUserScramCredentialsResult` of DescribeUserScramCredentialsResponse."""

    user: Annotated[str, string("0+")] = ""
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = ""
    credential_infos: Annotated[list[CredentialInfo], array(CredentialInfo, "0+")] = []


class DescribeUserScramCredentialsResponse(Message, key=50, versions="0", flexible="0+"):
    """DescribeUserScramCredentialsResponse, versions 0."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = ""
    results: Annotated[list[DescribeUserScramCredentialsResult], array(DescribeUserScramCredentialsResult, "0+")] = []
