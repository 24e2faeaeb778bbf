import kafka.errors
import pytest

from kafka_conformance.protocol.error_codes import ErrorCode


def test_every_code_from_minus_1_to_136_has_a_name() -> None:
    assert [int(code) for code in ErrorCode] == list(range(-1, 137))


OTHER_NAMES = {
    ErrorCode.UNKNOWN_SERVER_ERROR: "UNKNOWN",
    ErrorCode.NONE: "NO_ERROR",
    ErrorCode.NOT_LEADER_OR_FOLLOWER: "NOT_LEADER_FOR_PARTITION",
    ErrorCode.MESSAGE_TOO_LARGE: "MESSAGE_SIZE_TOO_LARGE",
    ErrorCode.INVALID_TOPIC_EXCEPTION: "INVALID_TOPIC",
    ErrorCode.INVALID_REPLICA_ASSIGNMENT: "INVALID_REPLICATION_ASSIGNMENT",
}


@pytest.mark.parametrize("code", [code for code in ErrorCode if code <= ErrorCode.TELEMETRY_TOO_LARGE])
def test_kafka_python_has_the_same_name_for_the_code(code: ErrorCode) -> None:
    theirs = kafka.errors.for_code(int(code))

    assert theirs.message == OTHER_NAMES.get(code, code.name)
    assert theirs.retriable == code.retriable or code is ErrorCode.CORRUPT_MESSAGE  # retriable in Java only


def test_what_a_client_may_try_again_is_retriable() -> None:
    assert ErrorCode.NOT_LEADER_OR_FOLLOWER.retriable
    assert ErrorCode.NOT_LEADER_OR_FOLLOWER.refreshes_metadata
    assert ErrorCode.CORRUPT_MESSAGE.retriable
    assert not ErrorCode.CORRUPT_MESSAGE.refreshes_metadata
    for code in (
        ErrorCode.NONE,
        ErrorCode.UNKNOWN_SERVER_ERROR,
        ErrorCode.INVALID_RECORD,
        ErrorCode.FENCED_INSTANCE_ID,
    ):
        assert not code.retriable


def test_every_error_that_refreshes_metadata_is_retriable() -> None:
    assert all(code.retriable for code in ErrorCode if code.refreshes_metadata)
