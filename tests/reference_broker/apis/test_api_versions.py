"""ApiVersions, as observed on Apache Kafka 4.3.1."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from kafka_conformance.protocol.api_keys import ApiKey, accepted_versions
from kafka_conformance.protocol.codec import decode_message
from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from kafka_conformance.protocol.messages.sasl_authenticate import SaslAuthenticateRequest
from kafka_conformance.protocol.messages.sasl_handshake import SaslHandshakeRequest
from kafka_conformance.reference_broker.apis import registry
from kafka_conformance.reference_broker.apis.registry import SERVED
from tests.reference_broker.wire import Wire


def named(name: str = "tests", version: str = "1.0") -> ApiVersionsRequest:
    return ApiVersionsRequest(client_software_name=name, client_software_version=version)


def test_an_unknown_version_is_answered_in_version_0_and_the_connection_lives(wire: Wire) -> None:
    body = struct.pack(">hhih", ApiKey.API_VERSIONS, 99, 7, -1) + b"\0"
    wire.send_bytes(struct.pack(">i", len(body)) + body)

    frame = wire.receive_frame()
    assert len(frame) == 16
    response, end = decode_message(ApiVersionsResponse, 0, frame, 4)
    assert end == 16
    assert response.error_code == ErrorCode.UNSUPPORTED_VERSION
    assert [(each.api_key, each.min_version, each.max_version) for each in response.api_keys] == [(18, 0, 4)]
    assert wire.ask(named(), 3).error_code == ErrorCode.NONE


@pytest.mark.parametrize(("name", "version"), [("", ""), ("a b", "1"), ("-a", "1"), ("a", ""), ("a", "1.")])
def test_a_malformed_client_name_is_refused_and_the_connection_lives(wire: Wire, name: str, version: str) -> None:
    response = wire.ask(named(name, version), 3)

    assert response.error_code == ErrorCode.INVALID_REQUEST
    assert response.api_keys == []
    assert wire.ask(named(), 4).error_code == ErrorCode.NONE


def test_what_is_advertised_is_what_is_served_but_for_produce(wire: Wire) -> None:
    shown = {each.api_key: (each.min_version, each.max_version) for each in wire.ask(named(), 4).api_keys}

    served = {key: tuple(api.versions) for key, api in SERVED.items() if api.advertised is not None}
    assert shown.pop(ApiKey.PRODUCE) == (0, 13)
    assert served.pop(ApiKey.PRODUCE) == (3, 13)
    assert shown == served


def test_each_api_has_a_handler_in_the_module_of_its_name() -> None:
    helpers = {"__init__", "registry", "rules", "deferred"}
    modules = {path.stem for path in Path(registry.__file__).parent.glob("*.py")} - helpers

    assert modules == {key.name.lower() for key in SERVED}
    for key, api in SERVED.items():
        assert api.handler.__module__.rpartition(".")[2] == key.name.lower()


def test_no_version_is_served_that_kafka_would_close() -> None:
    accepted = accepted_versions("4.3")

    for key, api in SERVED.items():
        assert api.versions.first >= accepted[key].first
        assert api.versions.last <= accepted[key].last


def test_features_that_are_not_served_are_not_promised(wire: Wire) -> None:
    response = wire.ask(named(), 4)

    finalized = {each.name: each.max_version_level for each in response.finalized_features}
    assert finalized["metadata.version"] == 30
    assert finalized["transaction.version"] == 2
    assert "group.version" not in finalized
    assert response.finalized_features_epoch >= 0


def test_features_with_a_lowest_level_of_0_are_left_out_below_version_4(wire: Wire) -> None:
    assert [each.name for each in wire.ask(named(), 3).supported_features] == ["metadata.version"]
    assert all(each.min_version > 0 for each in wire.ask(named(), 3).supported_features)


def test_sasl_comes_too_late_on_a_listener_without_it(wire: Wire) -> None:
    handshake = wire.ask(SaslHandshakeRequest(mechanism="PLAIN"), 1)
    authenticate = wire.ask(SaslAuthenticateRequest(auth_bytes=b"x"), 2)

    assert (handshake.error_code, handshake.mechanisms) == (ErrorCode.ILLEGAL_SASL_STATE, [])
    assert authenticate.error_code == ErrorCode.ILLEGAL_SASL_STATE
    assert authenticate.error_message == "SaslAuthenticate request received after successful authentication"
