"""One schedule on one cluster in virtual time, from its start to its verdict."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any

from kafka_conformance.harness.histories.history import History
from kafka_conformance.plugins.schedules.clients.client import Client
from kafka_conformance.plugins.schedules.clients.membership import Member
from kafka_conformance.plugins.schedules.clients.producing import Idempotent, SendsOnce, settle_unreplicated
from kafka_conformance.plugins.schedules.clients.reading import Poller, Reader
from kafka_conformance.plugins.schedules.clients.transacting import Copy, Transactional
from kafka_conformance.plugins.schedules.judging import judge_cluster, judge_history, unsettled
from kafka_conformance.plugins.schedules.nemesis import Nemesis
from kafka_conformance.plugins.schedules.schedule import GROUPS, PARTITIONS, Actor, Schedule, with_everybody
from kafka_conformance.plugins.schedules.world import INPUT, OUTPUT, Topic, World
from kafka_conformance.protocol.messages.create_topics import (
    CreatableTopic,
    CreatableTopicConfig,
    CreateTopicsRequest,
)
from kafka_conformance.reference_broker.cluster.cluster import Cluster
from kafka_conformance.reference_broker.config.departures import reference_config
from kafka_conformance.reference_broker.parts import Parts
from kafka_conformance.reference_broker.simulation import SimulationError, SimulationLoop, simulated_environment
from kafka_conformance.reference_broker.simulation.links import DEFAULT_LATENCY

REPLICAS = 3
SETTLED_WITHIN_S = 120.0
"""Virtual seconds in which everybody must have ended, and everything be replicated, once nothing is broken."""
TIME_LIMIT_S = 900.0
SETTINGS = {
    "broker.heartbeat.interval.ms": "500",
    "broker.session.timeout.ms": "2000",
    "offsets.topic.num.partitions": "1",
    "replica.fetch.wait.max.ms": "800",
    "replica.lag.time.max.ms": "1500",
    "replica.socket.timeout.ms": "3000",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000",
    "transaction.state.log.num.partitions": "1",
}
"""Kafka's own timers, shortened: more happens in the same virtual time; and no partition that nobody uses."""
BROKER_LOGGER = "kafka_conformance.reference_broker"


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a schedule. `findings`: one sentence each, empty where all held."""

    schedule: Schedule
    findings: tuple[str, ...]
    transcript: str
    """The digest of all that happened: equal for two runs that did the same."""
    virtual_s: float
    history: History = field(repr=False)


def play(schedule: Schedule, parts: Parts | None = None) -> Played:
    """Plays a schedule on brokers of those parts. Nothing is raised: what goes wrong is a finding."""
    run = _Run(schedule, parts)
    return run.played(run.play())


def warm_up() -> None:
    """Plays something of everything and judges nothing: processes that are forked from this one start warm."""
    _Run(with_everybody(0), None).play()


class _Run:
    def __init__(self, schedule: Schedule, parts: Parts | None) -> None:
        self.schedule = schedule
        self.loop = SimulationLoop(schedule.seed, time_limit_s=TIME_LIMIT_S)
        self.loop.set_exception_handler(self._unhandled)
        self.cluster = Cluster(
            reference_config(SETTINGS, brokers=schedule.brokers),
            simulated_environment(self.loop),
            parts,
            brokers=schedule.brokers,
            link_latency=DEFAULT_LATENCY,
        )
        self.problems: list[str] = []
        self.world: World | None = None

    def play(self) -> float:
        """The virtual seconds that it took."""
        began_s = self.loop.time()
        log = _Complaints(self.problems)
        logging.getLogger(BROKER_LOGGER).addHandler(log)
        try:
            self.loop.run_until_complete(self._play())
        except SimulationError as error:
            self.problems.append(f"hang: {error}")
        finally:
            virtual_s = self.loop.time() - began_s
            self._end()
            logging.getLogger(BROKER_LOGGER).removeHandler(log)
        return virtual_s

    def played(self, virtual_s: float) -> Played:
        """What came of it."""
        history = History() if self.world is None else self.world.recorder.history
        found = self.problems + ([] if self.world is None else self.world.problems)
        if not any(each.startswith("hang") for each in found):
            found += judge_history(history)
        digest = hashlib.sha256(self.loop.network.transcript_digest().encode())
        digest.update(repr((history.tables, history.faults, sorted(found))).encode())
        for line in self.state:
            digest.update(line)
        return Played(self.schedule, tuple(dict.fromkeys(found)), digest.hexdigest(), round(virtual_s, 3), history)

    def _end(self) -> None:
        """Takes the simulation down, whatever state it is in."""
        self.state = [
            b"%s" % repr((node, key, replica.log.log_end_offset, replica.log.high_watermark)).encode()
            for node, broker in self.cluster.brokers.items()
            for key, replica in sorted(broker.partitions.items())
        ]
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        try:
            self.loop.run_until_complete(self.cluster.stop())
        except SimulationError as error:
            self.problems.append(f"hang: {error}")
        self.loop.close()

    def _unhandled(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.problems.append(f"unhandled: {context.get('exception') or context['message']!r}")

    # The run

    async def _play(self) -> None:
        await self.cluster.start()
        self._create_topics()
        brokers = self.cluster.brokers.items()
        world = self.world = World(
            self.schedule.seed,
            self.loop,
            {node: (self.cluster.host, broker.port) for node, broker in brokers},
            self._is_behind,
        )
        nemesis = Nemesis(world, self.cluster)
        clients = [(actor, self._client(world, actor)) for actor in self.schedule.actors]
        writing = [self._run(actor, client) for actor, client in clients if _ends_by_itself(actor)]
        reading = [self._run(actor, client) for actor, client in clients if not _ends_by_itself(actor)]
        following = [asyncio.ensure_future(each) for each in reading]
        striking = [asyncio.ensure_future(nemesis.strike(fault)) for fault in self.schedule.faults]
        written = [asyncio.ensure_future(each) for each in writing]
        if striking:
            await asyncio.wait(striking)
        for struck in striking:
            struck.result()
        await nemesis.recover()
        await self._all_end(written, "writers")
        await self._settle()
        world.draining.set()
        await self._all_end(following, "readers")
        self._settle_unreplicated(client for _, client in clients)
        await self._finish(world)
        for _, client in clients:
            await client.close()

    def _is_behind(self, node: int) -> bool:
        return self.cluster.brokers[node].image.offset < self.cluster.controller.image.offset

    async def _finish(self, world: World) -> None:
        """Each partition takes one more record; then everything is read by both kinds of readers."""
        topics = _TOPICS
        last = [Idempotent(world, Actor("idempotent", f"last-{topic.name}", 0.0, _LAST), topic) for topic in topics]
        for producer in last:
            await self._in_time(_deliver_everywhere(producer), "the last records")
        await self._settle()
        readers = [Reader(world, f"last, isolated {isolated}", topics, isolated=isolated) for isolated in (True, False)]
        for reader in readers:
            await self._in_time(reader.run(), reader.name)
        offsets = Poller(world, "last, of groups")
        groups = sorted({actor.shared for actor in self.schedule.actors if actor.kind in GROUPS})
        await self._in_time(_fetch_commits(offsets, groups), offsets.name)
        self.problems += judge_cluster(self.cluster)
        for client in (*last, *readers, offsets):
            await client.close()

    async def _settle(self) -> None:
        """Waits until all is replicated and no transaction is open."""
        deadline = self.loop.time() + SETTLED_WITHIN_S
        while missing := unsettled(self.cluster):
            if self.loop.time() > deadline:
                raise _hang(f"after {SETTLED_WITHIN_S:g} s without faults: {'; '.join(missing[:4])}")
            await asyncio.sleep(0.25)

    async def _all_end(self, tasks: list[asyncio.Task[None]], who: str) -> None:
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=SETTLED_WITHIN_S)
        if late:
            names = ", ".join(sorted(task.get_name() for task in late))
            raise _hang(f"{who} do not end within {SETTLED_WITHIN_S:g} s without faults: {names}")
        for task in tasks:
            task.result()

    async def _in_time(self, work: Coroutine[Any, Any, None], what: str) -> None:
        task = asyncio.ensure_future(work)
        task.set_name(what)
        await self._all_end([task], what)

    async def _run(self, actor: Actor, client: Any) -> None:
        task = asyncio.current_task()
        assert task is not None
        task.set_name(actor.name)
        await asyncio.sleep(actor.starts_s)
        await client.run()

    def _client(self, world: World, actor: Actor) -> Any:
        source, target = _TOPICS
        match actor.kind:
            case "idempotent":
                return Idempotent(world, actor, source)
            case "transactional":
                client = Transactional(world, actor, source, actor.shared)
                client.has_rivals = sum(each.shared == actor.shared for each in self.schedule.actors) > 1
                return client
            case "copy":
                return Copy(world, actor, source, target)
            case "group":
                return Member(world, actor, source)
            case "reads-committed" | "reads-all":
                return Reader(world, actor.name, [source, target], isolated=actor.kind == "reads-committed")
            case acks:
                return SendsOnce(world, actor, source, {"all": -1, "one": 1, "none": 0}[acks])

    def _settle_unreplicated(self, clients: Iterable[Client]) -> None:
        image = self.cluster.controller.image.topics[INPUT]
        epochs = {each.partition: each.leader_epoch for each in image.partitions}
        for client in clients:
            if isinstance(client, SendsOnce):
                settle_unreplicated(client, epochs)

    def _create_topics(self) -> None:
        configs = {"retention.ms": "-1", "min.insync.replicas": str(self.schedule.min_insync_replicas)}
        topics = [
            CreatableTopic(
                name=topic.name,
                num_partitions=topic.partitions,
                replication_factor=REPLICAS,
                configs=[CreatableTopicConfig(name=name, value=value) for name, value in configs.items()],
            )
            for topic in _TOPICS
        ]
        answer = self.cluster.controller.create_topics(CreateTopicsRequest(topics=topics, timeout_ms=1000))
        for created in answer.topics:
            if created.error_code:
                raise AssertionError(f"a topic cannot be created: {created}")


_TOPICS = [Topic(INPUT, PARTITIONS), Topic(OUTPUT, PARTITIONS)]
_LAST = {"batches": PARTITIONS, "in_flight": 1, "pace_ms": 0}
_ENDLESS = frozenset({"copy", "group", "reads-committed", "reads-all"})


def _ends_by_itself(actor: Actor) -> bool:
    return actor.kind not in _ENDLESS


class _Hang(SimulationError):
    pass


def _hang(what: str) -> _Hang:
    return _Hang(what, [])


async def _deliver_everywhere(producer: Idempotent) -> None:
    await producer.init()
    await producer.deliver_one_to_each()


async def _fetch_commits(client: Poller, groups: list[str]) -> None:
    recorded = client.world.recorder.client(client.name)
    for group in groups:
        for partition in range(PARTITIONS):
            await client.committed(recorded.begin(), group, _TOPICS[0], partition)


class _Complaints(logging.Handler):
    """What a broker logs as an error is a finding."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._problems = problems

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps the message, with the exception if there is one."""
        error = record.exc_info[1] if record.exc_info else None
        self._problems.append(f"a broker logs: {record.getMessage()}{f': {error!r}' if error else ''}")
