import pytest

from kafka_conformance.protocol.errors import MalformedError, TruncatedError
from kafka_conformance.protocol.records import ControlRecordType, EndTxnMarker, control_key, control_record_type


@pytest.mark.parametrize("kind", [kind for kind in ControlRecordType if kind is not ControlRecordType.UNKNOWN])
def test_the_type_of_a_control_record_is_in_its_key(kind: ControlRecordType) -> None:
    assert control_record_type(control_key(kind)) is kind


def test_a_marker_is_written_as_it_was_seen_on_disk() -> None:
    assert (EndTxnMarker(True, 0).key, EndTxnMarker(True, 0).value) == (bytes.fromhex("00000001"), bytes(6))
    assert EndTxnMarker(False, 7).key + EndTxnMarker(False, 7).value == bytes.fromhex("00000000000000000007")


def test_a_type_that_is_not_defined_is_unknown_and_no_error() -> None:
    assert control_record_type(bytes.fromhex("00000063")) is ControlRecordType.UNKNOWN


def test_a_higher_version_is_read_as_the_highest_known() -> None:
    assert EndTxnMarker.parse(bytes.fromhex("00070001"), bytes.fromhex("000700000009ffff")) == EndTxnMarker(True, 9)


@pytest.mark.parametrize("key", [None, b"", b"\0\0\0"])
def test_a_key_that_is_too_short_is_refused(key: bytes | None) -> None:
    with pytest.raises(TruncatedError):
        control_record_type(key)


@pytest.mark.parametrize("value", [None, b"", bytes(5)])
def test_a_marker_whose_value_is_too_short_is_refused(value: bytes | None) -> None:
    with pytest.raises(TruncatedError):
        EndTxnMarker.parse(control_key(ControlRecordType.COMMIT), value)


def test_negative_versions_are_refused() -> None:
    with pytest.raises(MalformedError):
        control_record_type(b"\xff\xff\0\0")
    with pytest.raises(MalformedError):
        EndTxnMarker.parse(bytes(4), b"\xff\xff\0\0\0\0")


def test_another_control_record_ends_no_transaction() -> None:
    with pytest.raises(MalformedError, match="LEADER_CHANGE"):
        EndTxnMarker.parse(control_key(ControlRecordType.LEADER_CHANGE), bytes(6))
