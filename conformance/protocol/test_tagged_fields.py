"""Tagged fields that nobody knows: newer clients set them, older brokers ignore them (KIP-482)."""

import pytest
from hypothesis import given

from kafka_conformance.conformance.protocol.frames import read_answer, unknown_tags, with_body_tags, with_header_tags
from kafka_conformance.harness.cases import ApiKey, checks, expect
from kafka_conformance.protocol.messages.api_versions import ApiVersionsRequest
from kafka_conformance.protocol.messages.describe_cluster import DescribeClusterRequest
from kafka_conformance.protocol.messages.find_coordinator import FindCoordinatorRequest
from kafka_conformance.protocol.messages.list_groups import ListGroupsRequest
from kafka_conformance.protocol.messages.metadata import MetadataRequest

FLEXIBLE = [
    (ApiVersionsRequest(client_software_name="a", client_software_version="1"), 3),
    (MetadataRequest(topics=[], allow_auto_topic_creation=False), 9),
    (MetadataRequest(topics=[], allow_auto_topic_creation=False), 12),
    (ListGroupsRequest(), 4),
    (FindCoordinatorRequest(coordinator_keys=[]), 4),
    (DescribeClusterRequest(), 0),
]
over_flexible_requests = pytest.mark.parametrize(
    ("request_message", "version"),
    FLEXIBLE,
    ids=[f"{ApiKey(request.api_key).name.lower()}-v{version}" for request, version in FLEXIBLE],
)


CHANGING = ("controller_id", "groups", "finalized_features_epoch")


def shaped(message):
    """What an answer says, without what differs from one answer to the next."""
    return {name: value for name, value in message.as_dict().items() if name not in CHANGING}


@checks("protocol/tagged-fields/unknown-in-body-are-ignored")
@over_flexible_requests
@given(tags=unknown_tags())
def test_unknown_tagged_fields_of_a_request_do_not_change_its_answer(cluster, request_message, version, tags):
    cluster.require(request_message.api_key, version)
    with cluster.connect() as connection:
        frame = connection.encode(request_message, version)
        plain = connection.send_frame(frame)

        tagged = connection.send_frame(with_body_tags(frame, tags))

        answers = [read_answer(request_message.api_key, version, answer) for answer in (tagged, plain)]
        expect(shaped(answers[0]), "the answer to a request with unknown fields").equals(shaped(answers[1]))


@checks("protocol/tagged-fields/unknown-in-header-are-ignored")
@over_flexible_requests
@given(tags=unknown_tags())
def test_unknown_tagged_fields_of_a_header_do_not_change_the_answer(cluster, request_message, version, tags):
    cluster.require(request_message.api_key, version)
    with cluster.connect() as connection:
        frame = connection.encode(request_message, version)
        plain = connection.send_frame(frame)

        tagged = connection.send_frame(with_header_tags(frame, tags))

        answers = [read_answer(request_message.api_key, version, answer) for answer in (tagged, plain)]
        expect(shaped(answers[0]), "the answer to a header with unknown fields").equals(shaped(answers[1]))
