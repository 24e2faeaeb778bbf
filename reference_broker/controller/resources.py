"""What has a dynamic configuration. Source: org.apache.kafka.common.config.ConfigResource.Type."""

from __future__ import annotations

from enum import IntEnum


class ResourceType(IntEnum):
    """The resources of DescribeConfigs, AlterConfigs and ConfigRecord; a broker named "" is the whole cluster."""

    TOPIC = 2
    BROKER = 4
    BROKER_LOGGER = 8
    CLIENT_METRICS = 16
    GROUP = 32
