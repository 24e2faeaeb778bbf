"""A leader's broker at the other end of a link, as a follower's fetcher asks it.

A request is carried out at the leader when it arrives there, and its answer travels back. A broker that does not run
refuses at once; one that ends drops what it was asked, and those who wait are told by the cluster, as by a reset
connection.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.replication.delayed_fetch import DelayedFetch
from kafka_conformance.reference_broker.replication.fetcher import LeaderOffsets, Wanted
from kafka_conformance.reference_broker.replication.fetching import PartitionRead

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.cluster.broker import Broker
    from kafka_conformance.reference_broker.cluster.links import Links
    from kafka_conformance.reference_broker.replication.reads import FetchParams, ReadResult

Fetched = Callable[["list[ReadResult] | None"], object]


class LeaderLink:
    """From one broker to another (a `LeaderEndPoint`)."""

    def __init__(self, links: Links, brokers: Mapping[int, Broker], source: int, target: int) -> None:
        self._links = links
        self._brokers = brokers
        self._source = source
        self._target = target

    def fetch(self, params: FetchParams, wanted: list[Wanted], answer: Fetched) -> Callable[[], None]:
        """Ask the leader; return what gives the request up."""
        request = _FetchUnderWay(self, params, wanted, answer)
        self._links.send(self._source, self._target, request.arrive)
        return lambda: self._links.send(self._source, self._target, request.abandon)

    def offsets(self, wanted: Wanted, answer: Callable[[LeaderOffsets | ErrorCode], object]) -> None:
        """Ask where the leader's log begins and ends."""

        def arrive() -> None:
            self.reply(answer, self._offsets(wanted))

        self._links.send(self._source, self._target, arrive)

    def leader(self) -> Broker | None:
        """The process that runs there now."""
        broker = self._brokers.get(self._target)
        return broker if broker is not None and broker.running else None

    def reply(self, answer: Callable[..., object], *args: object) -> None:
        """Send an answer back."""
        self._links.send(self._target, self._source, answer, *args)

    def _offsets(self, wanted: Wanted) -> LeaderOffsets | ErrorCode:
        leader, asked = self.leader(), wanted.partition
        found = None if leader is None else leader.partitions.get((asked.topic, asked.partition))
        if found is None or not found.is_leader:
            return ErrorCode.NOT_LEADER_OR_FOLLOWER
        error = found.check_epoch(wanted.request.current_leader_epoch)
        log = found.log
        return LeaderOffsets(log.log_start_offset, log.log_end_offset) if error is ErrorCode.NONE else error


class _FetchUnderWay:
    """One request, from its arrival at the leader to its answer."""

    def __init__(self, link: LeaderLink, params: FetchParams, wanted: list[Wanted], answer: Fetched) -> None:
        self._link = link
        self._params = params
        self._wanted = wanted
        self._answer = answer
        self._delayed: DelayedFetch | None = None
        self._is_abandoned = False

    def arrive(self) -> None:
        leader = self._link.leader()
        if leader is None:
            self._link.reply(self._answer, None)
            return
        if self._is_abandoned:
            return
        reads = [
            PartitionRead(each.topic, each.topic_id, request, leader.partitions.get((each.topic, each.partition)))
            for each, request in self._wanted
        ]
        found = leader.reader.fetch(self._params, reads)
        if isinstance(found, DelayedFetch):
            self._delayed = found
            found.add_done_callback(lambda future: self._finish(leader, future))
        else:
            self._link.reply(self._answer, found)

    def _finish(self, leader: Broker, future: DelayedFetch) -> None:
        if leader.running and not future.cancelled():
            self._link.reply(self._answer, future.result())

    def abandon(self) -> None:
        self._is_abandoned = True
        if self._delayed is not None and not self._delayed.done():
            self._delayed.abandon()
