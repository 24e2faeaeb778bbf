"""What the coordinator decides about a request before it looks for the group.

Source: GroupCoordinatorService (isGroupIdNotEmpty, joinGroup)
"""

from __future__ import annotations

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.groups.settings import GroupSettings


class GroupRules:
    """Keeps no state."""

    def group_id_error(self, group_id: str) -> ErrorCode:
        """INVALID_GROUP_ID for an empty name."""
        return ErrorCode.NONE if group_id else ErrorCode.INVALID_GROUP_ID

    def session_timeout_error(self, session_timeout_ms: int, settings: GroupSettings) -> ErrorCode:
        """INVALID_SESSION_TIMEOUT for one that is shorter or longer than the broker allows."""
        shortest, longest = settings.group_min_session_timeout_ms, settings.group_max_session_timeout_ms
        if not shortest <= session_timeout_ms <= longest:
            return ErrorCode.INVALID_SESSION_TIMEOUT
        return ErrorCode.NONE
