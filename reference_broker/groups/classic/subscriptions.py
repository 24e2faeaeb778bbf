"""Which topics the consumers of a classic group read, as far as their metadata can be understood.

Source: ClassicGroup.computeSubscribedTopics; ConsumerProtocol. All versions begin as version 0 does.
"""

from __future__ import annotations

from collections.abc import Iterable

from kafka_conformance.protocol.codec import decode_message
from kafka_conformance.protocol.errors import ProtocolError
from kafka_conformance.protocol.messages.consumer_protocol import ConsumerProtocolSubscription

CONSUMER = "consumer"
"""The protocol type whose metadata is a ConsumerProtocolSubscription."""

_VERSION_BYTES = 2


def subscribed_topics(metadata: Iterable[bytes]) -> frozenset[str] | None:
    """The topics of all subscriptions; None if one of them cannot be read."""
    topics: set[str] = set()
    try:
        for subscription in metadata:
            topics.update(decode_message(ConsumerProtocolSubscription, 0, subscription, _VERSION_BYTES)[0].topics)
    except ProtocolError:
        return None
    return frozenset(topics)
