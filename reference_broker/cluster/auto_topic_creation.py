"""Creates topics because somebody asked about them.

The asker is told that the topic is not there, and asks again. Source: kafka.server.DefaultAutoTopicCreationManager;
observed on 4.3.1: a first Metadata answers UNKNOWN_TOPIC_OR_PARTITION, a later one the topic.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.controller.topic_names import why_invalid

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.cluster.broker import Broker

_log = logging.getLogger(__name__)


class AutoTopicCreation:
    """The topics that one broker has asked its controller to create."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._in_flight: set[str] = set()

    def may_create(self, *, client_allows: bool) -> bool:
        """Whether a Metadata request creates the topics that it names."""
        return client_allows and self._broker.config.bool("auto.create.topics.enable")

    def request(self, name: str) -> None:
        """Have a topic created soon, unless its name is invalid."""
        if name not in self._in_flight and why_invalid(name) is None:
            self._in_flight.add(name)
            self._broker.env.loop.call_soon(self._create, name)

    def _create(self, name: str) -> None:
        self._in_flight.discard(name)
        broker = self._broker
        if broker.running and broker.reaches_controller and name not in broker.image.topics:
            error, message = self._broker.controller.auto_create_topic(name)
            if error is not ErrorCode.NONE:
                _log.warning("topic %s could not be created: %s %s", name, error.name, message or "")
