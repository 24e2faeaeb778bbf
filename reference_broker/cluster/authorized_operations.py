"""The operations that anybody may do where no authorizer is configured, as bits of AclOperation's codes.

Observed on 4.3.1 without an authorizer: topic 3576, cluster 8096, group 3400.
Source: org.apache.kafka.security.authorizer.AclEntry.supportedOperations.
"""

from __future__ import annotations

from typing import Final

ALL_TOPIC_OPERATIONS: Final = 3576
ALL_CLUSTER_OPERATIONS: Final = 8096
ALL_GROUP_OPERATIONS: Final = 3400
