"""The settings of the group coordinator, by Kafka's names with underscores, and their defaults.

Source: GroupCoordinatorConfig
"""

from __future__ import annotations

from typing import NamedTuple

NEW_MEMBER_JOIN_TIMEOUT_MS = 5 * 60 * 1000
"""How long the first JoinGroup of a member may stay parked: no setting in Kafka either."""


class GroupSettings(NamedTuple):
    """Immutable; sizes in bytes or members, times in the unit of the name."""

    group_min_session_timeout_ms: int = 6_000
    group_max_session_timeout_ms: int = 1_800_000
    group_initial_rebalance_delay_ms: int = 3_000
    group_max_size: int = 2**31 - 1
    offset_metadata_max_bytes: int = 4096
    offsets_retention_minutes: int = 10_080
    offsets_retention_check_interval_ms: int = 600_000
    offsets_commit_timeout_ms: int = 5_000
    offsets_topic_num_partitions: int = 50

    @property
    def offsets_retention_ms(self) -> int:
        """The retention of offsets in milliseconds."""
        return self.offsets_retention_minutes * 60_000
