"""How brokers learn of new metadata: one after the other, and not necessarily at once.

In Kafka each broker replays the metadata log by itself: after CreateTopics has answered, Metadata may give the old
state for up to a second (observed on 4.3.1). Here all brokers know before the answer, unless a part says otherwise.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kafka_conformance.reference_broker.controller.image import MetadataImage

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.cluster.broker import Broker


class MetadataPublication:
    """Hands images to brokers."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def lag_ms(self, broker: Broker, image: MetadataImage) -> int:
        """By how much a broker is behind the controller, in milliseconds."""
        return 0

    def publish(self, broker: Broker, image: MetadataImage) -> None:
        """Let a broker have an image; a broker ignores what is older than what it has."""
        lag_ms = self.lag_ms(broker, image)
        if lag_ms > 0:
            self._loop.call_later(lag_ms / 1000, broker.apply_image, image)
        else:
            broker.apply_image(image)
