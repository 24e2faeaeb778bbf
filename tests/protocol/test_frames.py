"""Frames: sizes and headers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.errors import ProtocolError, UnsupportedVersionError
from kafka_conformance.protocol.frames import decode_request_header, decode_response, encode_request, encode_response
from kafka_conformance.protocol.messages.api_versions import ApiVersionsResponse
from kafka_conformance.protocol.messages.heartbeat import HeartbeatRequest, HeartbeatResponse


@given(version=st.integers(0, 4), correlation_id=st.integers(-(2**31), 2**31 - 1), client_id=st.none() | st.text())
def test_a_request_header_is_read_back(version: int, correlation_id: int, client_id: str | None) -> None:
    frame = b"".join(encode_request(HeartbeatRequest(group_id="g"), version, correlation_id, client_id))

    header, position = decode_request_header(frame[4:])

    assert int.from_bytes(frame[:4], "big") == len(frame) - 4
    assert header == (ApiKey.HEARTBEAT, version, correlation_id, client_id)
    assert frame[4:][position:].startswith(b"\x02g" if version == 4 else b"\x00\x01g")


@given(version=st.integers(0, 4))
def test_a_response_is_read_back(version: int) -> None:
    frame = b"".join(encode_response(HeartbeatResponse(error_code=27), version, 99))
    assert decode_response(ApiKey.HEARTBEAT, version, frame[4:]) == (99, HeartbeatResponse(error_code=27))


def test_an_answer_to_api_versions_has_the_oldest_header_whatever_its_version() -> None:
    frame = b"".join(encode_response(ApiVersionsResponse(error_code=35), 4, 7))
    assert frame[4:10] == b"\x00\x00\x00\x07\x00\x23"


@given(noise=st.binary(max_size=40))
def test_noise_is_a_header_or_a_protocol_error(noise: bytes) -> None:
    try:
        _, position = decode_request_header(noise)
    except ProtocolError:
        return
    assert position <= len(noise)


def test_an_api_key_that_no_broker_has_is_refused() -> None:
    with pytest.raises(UnsupportedVersionError, match="key 9999"):
        decode_request_header(b"\x27\x0f\x00\x00\x00\x00\x00\x01\xff\xff")


def test_a_tagged_field_of_the_header_that_runs_past_the_frame_is_refused() -> None:
    header = b"\x00\x0c\x00\x04\x00\x00\x00\x01\xff\xff" + b"\x01\x00\x7f"
    with pytest.raises(ProtocolError, match="127 bytes"):
        decode_request_header(header)
