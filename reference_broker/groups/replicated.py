"""What plain reads see of a partition: the groups and offsets whose records are below the high watermark.

Kafka keeps both views in one timeline data structure, which is asked for a value as of an offset.
Source: GroupMetadataManager.group(groupId, committedOffset), OffsetMetadataManager.fetchOffsets
"""

from __future__ import annotations

from kafka_conformance.reference_broker.groups.offsets.store import OffsetStore
from kafka_conformance.reference_broker.groups.records import GroupMetadataRecord, GroupRecord


class ReplicatedView:
    """Offsets, and which groups there are, as of the high watermark."""

    def __init__(self, offsets: OffsetStore) -> None:
        self.offsets = offsets
        self.group_ids: set[str] = set()

    def apply(self, record: GroupRecord, record_offset: int, producer_id: int) -> None:
        """Take over a record that has been replicated."""
        if not isinstance(record, GroupMetadataRecord):
            self.offsets.apply(record, record_offset, producer_id)
        if record.value is not None:
            self.group_ids.add(record.key.group)
        elif isinstance(record, GroupMetadataRecord):
            self.group_ids.discard(record.key.group)
