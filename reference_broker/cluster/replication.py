"""What a broker does to replicate: fetchers, one for each leader that it follows, and the ISRs of what it leads.

Source: ReplicaManager.{applyLocalFollowersDelta, maybeShrinkIsr}, AbstractFetcherManager, AlterPartitionManager.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kafka_conformance.reference_broker.cluster.leader_link import LeaderLink
from kafka_conformance.reference_broker.cluster.links import CONTROLLER, Links
from kafka_conformance.reference_broker.controller.image import NO_LEADER, BrokerImage
from kafka_conformance.reference_broker.replication.fetcher import FetcherSettings

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.cluster.broker import Broker
    from kafka_conformance.reference_broker.controller.replication import IsrProposal
    from kafka_conformance.reference_broker.replication.fetcher import ReplicaFetcher
    from kafka_conformance.reference_broker.replication.in_sync import InSyncReplicas
    from kafka_conformance.reference_broker.replication.partition import Partition

UNKNOWN_EPOCH = -1


class BrokerReplication:
    """Of one broker in a cluster of several."""

    def __init__(self, broker: Broker, links: Links, brokers: Mapping[int, Broker]) -> None:
        self._broker = broker
        self._links = links
        self._brokers = brokers
        self._fetchers: dict[int, ReplicaFetcher] = {}
        self._leaders: dict[Partition, tuple[int, int]] = {}
        """Whom a partition follows, and in which leader epoch."""
        self._timer: asyncio.TimerHandle | None = None
        self.lag_time_max_ms = broker.config.int("replica.lag.time.max.ms")
        self._settings = fetcher_settings(broker)

    # Following

    def adopt(self, partition: Partition) -> None:
        """A replica is kept here from now on."""
        partition.isr_port = self
        partition.lag_time_max_ms = self.lag_time_max_ms
        partition.selects_by_rack = bool(self._broker.config.value("replica.selector.class"))

    def follow_leader(self, partition: Partition) -> None:
        """Copy a partition from whoever leads it now, if that is another broker."""
        leader = partition.leader
        target = None if leader in (NO_LEADER, self._broker.node_id) else (leader, partition.leader_epoch)
        known = self._leaders.get(partition)
        if target == known:
            return
        self.unfollow(partition)
        if target is not None:
            self._leaders[partition] = target
            self._fetcher(leader).follow(partition)

    def unfollow(self, partition: Partition) -> None:
        """Copy it no more."""
        known = self._leaders.pop(partition, None)
        if known is None:
            return
        fetcher = self._fetchers[known[0]]
        fetcher.unfollow(partition)
        if fetcher.is_idle:
            fetcher.close()
            del self._fetchers[known[0]]

    def _fetcher(self, leader: int) -> ReplicaFetcher:
        fetcher = self._fetchers.get(leader)
        if fetcher is None:
            broker = self._broker
            link = LeaderLink(self._links, self._brokers, broker.node_id, leader)
            make = broker.parts.replica_parts().fetcher
            fetcher = make(broker.env.loop, link, broker.node_id, self._settings)
            fetcher.broker_epoch = broker.epoch
            self._fetchers[leader] = fetcher
        return fetcher

    def peer_lost(self, node_id: int) -> None:
        """The process of another broker has ended, and its connections with it."""
        fetcher = self._fetchers.get(node_id)
        if fetcher is not None:
            fetcher.disconnected()

    # ISRs

    def start(self) -> None:
        """Look for replicas that lag, every half of replica.lag.time.max.ms."""
        self._timer = self._broker.env.loop.call_later(self.lag_time_max_ms / 2000, self._shrink_isrs)

    def _shrink_isrs(self) -> None:
        self.start()
        if not self._broker.paused:
            for partition in list(self._broker.partitions.values()):
                partition.maybe_shrink_isr()

    def known_broker(self, node_id: int) -> BrokerImage | None:
        """Another broker, as far as this one knows."""
        return self._broker.image.brokers.get(node_id)

    def propose_isr(self, partition: InSyncReplicas) -> None:
        """Ask the controller for the ISR that a partition wants."""
        proposal, wanted = self._proposal(partition), partition.wanted_isr
        node_id, controller = self._broker.node_id, self._broker.controller

        def arrive() -> None:
            answer = controller.alter_isr(proposal)
            self._links.send(CONTROLLER, node_id, partition.isr_answered, wanted, answer)

        self._links.send(node_id, CONTROLLER, arrive)

    def _proposal(self, partition: InSyncReplicas) -> IsrProposal:
        from kafka_conformance.reference_broker.controller.replication import IsrProposal

        own = {self._broker.node_id: self._broker.epoch}
        known = {node_id: follower.broker_epoch for node_id, follower in partition.followers.items()}
        return IsrProposal(
            broker_id=self._broker.node_id,
            broker_epoch=self._broker.epoch,
            topic_id=partition.topic_id,
            partition=partition.partition,
            leader_epoch=partition.leader_epoch,
            partition_epoch=partition.partition_epoch,
            isr={each: own.get(each, known.get(each, UNKNOWN_EPOCH)) for each in partition.wanted_isr or ()},
        )

    def close(self) -> None:
        """Follow nothing, and propose nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
        for fetcher in self._fetchers.values():
            fetcher.close()
        self._fetchers.clear()
        self._leaders.clear()


def fetcher_settings(broker: Broker) -> FetcherSettings:
    """What the configuration says of fetchers."""
    number = broker.config.int
    return FetcherSettings(
        fetch_wait_max_ms=number("replica.fetch.wait.max.ms"),
        fetch_backoff_ms=number("replica.fetch.backoff.ms"),
        socket_timeout_ms=number("replica.socket.timeout.ms"),
        fetch_min_bytes=number("replica.fetch.min.bytes"),
        fetch_max_bytes=number("replica.fetch.max.bytes"),
        fetch_response_max_bytes=number("replica.fetch.response.max.bytes"),
    )
