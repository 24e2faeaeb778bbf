"""The classes that a group coordinator is built from; a mutant hands in a subclass of one."""

from __future__ import annotations

from typing import NamedTuple

from kafka_conformance.reference_broker.groups.classic.group import ClassicGroup
from kafka_conformance.reference_broker.groups.offsets.store import OffsetStore
from kafka_conformance.reference_broker.groups.rules import GroupRules
from kafka_conformance.reference_broker.groups.shard import GroupShard


class GroupParts(NamedTuple):
    """Each decision that could be wrong is a method of one of these."""

    classic_group: type[ClassicGroup] = ClassicGroup
    offset_store: type[OffsetStore] = OffsetStore
    rules: type[GroupRules] = GroupRules
    shard: type[GroupShard] = GroupShard
