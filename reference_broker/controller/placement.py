"""Where the replicas of new partitions go: striped over racks, and over the brokers of a rack.

Source: org.apache.kafka.metadata.placement.StripedReplicaPlacer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kafka_conformance.reference_broker.controller.image import BrokerImage

if TYPE_CHECKING:
    from random import Random


class PlacementError(Exception):
    """There are not the brokers for it; the text is Kafka's. Answered with INVALID_REPLICATION_FACTOR."""


class _BrokerList:
    """Brokers in a circle; each epoch starts one further on and gives every broker once."""

    def __init__(self, brokers: Iterable[int], chance: Random) -> None:
        self.brokers = sorted(brokers)
        self._index = 0
        self._epoch = 0
        self._offset = chance.randrange(len(self.brokers)) if self.brokers else 0

    def next(self, epoch: int) -> int | None:
        if not self.brokers:
            return None
        if self._epoch != epoch:
            self._epoch, self._index = epoch, 0
            self._offset = (self._offset + 1) % len(self.brokers)
        if self._index >= len(self.brokers):
            return None
        broker = self.brokers[(self._index + self._offset) % len(self.brokers)]
        self._index += 1
        return broker


class _Rack:
    def __init__(self, brokers: Iterable[BrokerImage], chance: Random) -> None:
        known = list(brokers)
        self.fenced = _BrokerList((broker.node_id for broker in known if broker.fenced), chance)
        self.unfenced = _BrokerList((broker.node_id for broker in known if not broker.fenced), chance)

    def next(self, epoch: int) -> int | None:
        found = self.unfenced.next(epoch)
        return self.fenced.next(epoch) if found is None else found


class StripedReplicaPlacer:
    """Places the partitions of one topic, one after the other. The first replica, the leader, is never fenced."""

    def __init__(self, brokers: Iterable[BrokerImage], chance: Random) -> None:
        by_rack: dict[str, list[BrokerImage]] = {}
        for broker in brokers:
            by_rack.setdefault(broker.rack or "", []).append(broker)
        self._chance = chance
        self._racks = [_Rack(by_rack[rack], chance) for rack in sorted(by_rack)]
        self._total = sum(map(len, by_rack.values()))
        self._unfenced = sum(len(rack.unfenced.brokers) for rack in self._racks)
        self._offset = chance.randrange(len(self._racks)) if self._racks else 0
        self._epoch = 0

    def place(self, replication_factor: int) -> list[int]:
        """Return the replicas of the next partition, the preferred leader first. Raises PlacementError."""
        self._check(replication_factor)
        if self._epoch == self._unfenced and self._unfenced > 1:
            self._shuffle()
        if self._offset == len(self._racks):
            self._offset = 0
        first, leader = self._first_rack()
        replicas = [leader]
        index = self._offset
        while len(replicas) < replication_factor:
            # The rack that gave the leader is left out once; after that each is asked in turn
            found = None if index == first else self._racks[index].next(self._epoch)
            if index == first:
                first = -1
            index = (index + 1) % len(self._racks)
            if found is not None:
                replicas.append(found)
        self._epoch += 1
        self._offset += 1
        return replicas

    def _first_rack(self) -> tuple[int, int]:
        index = self._offset
        while (leader := self._racks[index].unfenced.next(self._epoch)) is None:
            index = (index + 1) % len(self._racks)
        return index, leader

    def _check(self, replication_factor: int) -> None:
        if self._unfenced == 0:
            raise PlacementError("All brokers are currently fenced, or have all their log directories cordoned.")
        if replication_factor > self._total:
            raise PlacementError(
                f"The target replication factor of {replication_factor} cannot be reached because only {self._total} "
                "broker(s) are registered or some brokers have all their log directories cordoned."
            )

    def _shuffle(self) -> None:
        """Do not repeat the same placements once every broker has led."""
        self._chance.shuffle(self._racks)
        for rack in self._racks:
            self._chance.shuffle(rack.fenced.brokers)
            self._chance.shuffle(rack.unfenced.brokers)
        self._epoch = 0
