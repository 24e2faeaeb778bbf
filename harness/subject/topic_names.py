"""Which version of a request can be about a topic of which only the name is known.

Later versions name topics by their ids alone (KIP-516). Where Metadata gave none, clients stay below them, as
Apache Kafka's own do (FetchSessionHandler: canUseTopicIds), and so do we: what a broker does with the id of zeros is a
matter of those cases that send it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kafka_conformance.protocol.api_keys import ApiKey
from kafka_conformance.protocol.layout import Message
from kafka_conformance.protocol.primitives import ZERO_UUID

LAST_WITH_NAMES: Mapping[int, int] = {
    ApiKey.PRODUCE: 12,
    ApiKey.FETCH: 12,
    ApiKey.OFFSET_COMMIT: 9,
    ApiKey.OFFSET_FETCH: 9,
}


def highest_for(message: Message, highest: int) -> int:
    """The highest version up to `highest` in which the message says which topics it is about."""
    last = LAST_WITH_NAMES.get(message.api_key, highest)
    return min(last, highest) if any(topic.topic_id == ZERO_UUID for topic in _topics(message)) else highest


def _topics(message: Any) -> Iterator[Any]:
    if message.api_key == ApiKey.PRODUCE:
        yield from message.topic_data
    elif message.api_key == ApiKey.OFFSET_FETCH:
        for group in message.groups:
            yield from group.topics or ()
    elif message.api_key in LAST_WITH_NAMES:
        yield from message.topics
