"""ElectLeaders (KIP-460): give partitions to their preferred leaders, or to whoever is alive.

Versions  v1 the type of the election, and an error for the whole request; v2 flexible.
Errors    INVALID_REQUEST for an unknown type; of each partition UNKNOWN_TOPIC_OR_PARTITION, ELECTION_NOT_NEEDED,
          PREFERRED_LEADER_NOT_AVAILABLE, ELIGIBLE_LEADERS_NOT_AVAILABLE. With null topics those partitions are left out
          that need no election.
Source    KafkaApis, ControllerApis.handleElectLeaders, ReplicationControlManager.electLeaders
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kafka_conformance.protocol.messages.elect_leaders import (
        ElectLeadersRequest,
        ElectLeadersResponse,
    )
    from kafka_conformance.reference_broker.apis.deferred import Deferred
    from kafka_conformance.reference_broker.cluster.context import Context


def elect_leaders(ctx: Context, request: ElectLeadersRequest) -> ElectLeadersResponse | Deferred[ElectLeadersResponse]:
    """Answer ElectLeaders."""
    return ctx.broker.forward(lambda: ctx.broker.controller.elect_leaders(request))
