"""AlterUserScramCredentials (API key 51).

Source    Kafka 4.3, AlterUserScramCredentialsRequest.json, AlterUserScramCredentialsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, bytestring, int8, int16, int32, string


class ScramCredentialDeletion(Struct):
    """`ScramCredentialDeletion` of AlterUserScramCredentialsRequest."""

    name: Annotated[str, string("0+")] = ""
    mechanism: Annotated[int, int8("0+")] = 0


class ScramCredentialUpsertion(Struct):
    """`ScramCredentialUpsertion` of AlterUserScramCredentialsRequest."""

    name: Annotated[str, string("0+")] = ""
    mechanism: Annotated[int, int8("0+")] = 0
    iterations: Annotated[int, int32("0+")] = 0
    salt: Annotated[bytes, bytestring("0+")] = b""
    salted_password: Annotated[bytes, bytestring("0+")] = b""


class AlterUserScramCredentialsRequest(Message, key=51, versions="0", flexible="0+"):
    """AlterUserScramCredentialsRequest, versions 0."""

    deletions: Annotated[list[ScramCredentialDeletion], array(ScramCredentialDeletion, "0+")] = []
    upsertions: Annotated[list[ScramCredentialUpsertion], array(ScramCredentialUpsertion, "0+")] = []


class AlterUserScramCredentialsResult(Struct):
    """`AlterUserScramCredentialsResult` of AlterUserScramCredentialsResponse."""

    user: Annotated[str, string("0+")] = ""
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = ""


class AlterUserScramCredentialsResponse(Message, key=51, versions="0", flexible="0+"):
    """AlterUserScramCredentialsResponse, versions 0."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    results: Annotated[list[AlterUserScramCredentialsResult], array(AlterUserScramCredentialsResult, "0+")] = []
