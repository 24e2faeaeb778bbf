"""A topic of which only the name is known is asked about in a version that has names."""

from __future__ import annotations

import pytest

from kafka_conformance.harness.subject.group_requests import commit_request, offset_fetch_request
from kafka_conformance.harness.subject.partition_requests import fetch_request, produce_request
from kafka_conformance.harness.subject.topic_names import highest_for
from kafka_conformance.protocol.layout import Message
from kafka_conformance.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic
from kafka_conformance.protocol.primitives import ZERO_UUID


class Named:
    """A topic."""

    name = "a"

    def __init__(self, topic_id: bytes) -> None:
        self.id = topic_id


def requests(topic: Named) -> list[Message]:
    return [
        produce_request(topic, {0: b""}),
        fetch_request(topic, {0: 0}),
        commit_request("g", topic, {0: 1}),
        offset_fetch_request("g", {topic: [0]}),
    ]


def test_without_an_id_requests_stay_below_the_versions_that_have_ids_alone() -> None:
    assert [highest_for(request, 18) for request in requests(Named(ZERO_UUID))] == [12, 12, 9, 9]
    assert [highest_for(request, 4) for request in requests(Named(ZERO_UUID))] == [4, 4, 4, 4]


def test_with_an_id_they_are_sent_in_the_highest_version() -> None:
    assert [highest_for(request, 18) for request in requests(Named(b"i" * 16))] == [18] * 4


@pytest.mark.parametrize(
    "request_message",
    [
        MetadataRequest(topics=[MetadataRequestTopic(name="a")]),
        offset_fetch_request("g", None),
        fetch_request(Named(ZERO_UUID), {}),
    ],
)
def test_what_names_no_topic_or_has_names_in_every_version_is_sent_in_the_highest(request_message: Message) -> None:
    assert highest_for(request_message, 18) == 18
