"""Which topics, partitions and groups a request is about, whatever its API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from kafka_conformance.protocol.layout import Struct
from kafka_conformance.protocol.primitives import ZERO_UUID, Uuid

TopicName = Callable[[Uuid], str | None]

_GROUP_FIELDS = ("group_id", "groups", "groups_names")
_TOPIC_FIELDS = ("topic", "name", "topic_name")
_PARTITION_FIELDS = ("partition", "index", "partition_index")
_PARTITION_LISTS = ("partitions", "partition_data", "partition_indexes")


class Subject(NamedTuple):
    """A topic, or one of its partitions."""

    topic: str
    partition: int | None


def groups_of(request: Struct) -> Iterator[str]:
    """The ids of the groups that a request names."""
    for field in _GROUP_FIELDS:
        value = getattr(request, field, None)
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            for element in value:
                yield element if isinstance(element, str) else element.group_id
    if getattr(request, "key_type", None) == 0:  # FindCoordinator of a group
        yield from (request.key, *request.coordinator_keys)  # type: ignore[attr-defined]


def subjects_of(request: Struct, topic_name: TopicName) -> Iterator[Subject]:
    """The topics and partitions that a request names; `topic_name` resolves topic ids."""
    for name in type(request).fields:
        value = getattr(request, name)
        if name in ("topic_names", "topics") and isinstance(value, list) and value and isinstance(value[0], str):
            yield from (Subject(topic, None) for topic in value)
        elif isinstance(value, list):
            for element in value:
                if isinstance(element, Struct):
                    yield from _subjects_of_element(element, topic_name)


def _subjects_of_element(element: Struct, topic_name: TopicName) -> Iterator[Subject]:
    topic = _topic_of(element, topic_name)
    if topic is None:
        yield from subjects_of(element, topic_name)
        return
    yield Subject(topic, None)
    for field in _PARTITION_LISTS:
        for partition in getattr(element, field, None) or ():
            if isinstance(partition, int):
                yield Subject(topic, partition)
            else:
                yield Subject(topic, next(getattr(partition, f) for f in _PARTITION_FIELDS if hasattr(partition, f)))


def _topic_of(element: Struct, topic_name: TopicName) -> str | None:
    topic_id = getattr(element, "topic_id", ZERO_UUID)
    if topic_id != ZERO_UUID:
        return topic_name(topic_id)
    return next((getattr(element, field) for field in _TOPIC_FIELDS if hasattr(element, field)), None)
