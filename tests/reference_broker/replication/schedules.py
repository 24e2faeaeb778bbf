"""A workload under a schedule of faults, and what must hold whatever the schedule is."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import strategies as st

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.records import batches
from kafka_conformance.reference_broker.parts import Parts
from kafka_conformance.reference_broker.replication.partition import Partition
from tests.reference_broker.replication.support import TOPIC, Simulated

NODES = st.sampled_from([1, 2, 3])
SETTINGS = {
    "broker.session.timeout.ms": "1000",
    "broker.heartbeat.interval.ms": "200",
    "replica.lag.time.max.ms": "600",
    "replica.fetch.backoff.ms": "100",
    "replica.fetch.wait.max.ms": "100",
    "replica.socket.timeout.ms": "2000",
    "replica.high.watermark.checkpoint.interval.ms": "500",
}

STEPS = st.one_of(
    st.tuples(st.just("produce"), st.sampled_from([-1, -1, -1, 1]), st.sampled_from([0, 0, 0, 1, 2, 3])),
    st.tuples(st.sampled_from(["kill", "start", "start", "stop", "pause", "resume", "isolate"]), NODES),
    st.tuples(st.just("cut"), NODES, NODES),
    st.tuples(st.just("heal")),
    st.tuples(st.just("wait"), st.sampled_from([0.001, 0.05, 0.3, 1.2, 2.5])),
)
SCHEDULES = st.lists(STEPS, max_size=25)

Log = list[tuple[int, int, bytes]]
"""Base offset, leader epoch and bytes of each batch."""


class Run:
    """One schedule on one cluster."""

    def __init__(self, seed: int, parts: Parts | None = None) -> None:
        self.simulated = Simulated(seed=seed, settings=SETTINGS, parts=parts)
        self.simulated.create(min_insync_replicas="2")
        self.cluster = self.simulated.cluster
        self.acknowledged: list[bytes] = []
        self.transcript: list[Any] = []
        self._sent = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._epochs: dict[int, tuple[int, int]] = {}
        self._high_watermarks: dict[tuple[int, int], int] = {}

    def play(self, schedule: list[tuple[Any, ...]]) -> None:
        """Run the schedule, then let everything recover, and look at what is there."""
        try:
            self.simulated.run(self._play(schedule))
        finally:
            self.simulated.run(self.cluster.stop())
            self.simulated.loop.close()

    async def _play(self, schedule: list[tuple[Any, ...]]) -> None:
        for step in schedule:
            await getattr(self, f"_{step[0]}")(*step[1:])
            await asyncio.sleep(0.002)
            self.check_always()
        await self._recover()
        self.check_always()
        self.check_finally()

    # Steps

    async def _produce(self, acks: int, node: int) -> None:
        target = node or self.simulated.leader
        if target > 0 and self._runs(target) and (TOPIC, 0) in self.simulated.broker(target).partitions:
            self._sent += 1
            self._tasks.append(asyncio.ensure_future(self._send(b"%d" % self._sent, acks, target)))

    async def _send(self, value: bytes, acks: int, node: int) -> None:
        broker = self.simulated.broker(node)
        answer = await self.simulated.produce(value, node=node, acks=acks, timeout_ms=5000)
        heard = broker.running and not broker.paused
        self.transcript.append((self.simulated.loop.time(), value, answer.error_code, answer.base_offset, heard))
        if heard and answer.error_code == ErrorCode.NONE and acks == -1:
            self.acknowledged.append(value)

    def _runs(self, node: int) -> bool:
        return self.simulated.broker(node).running

    async def _kill(self, node: int) -> None:
        if self._runs(node):
            await self.cluster.kill(node)

    async def _start(self, node: int) -> None:
        if not self._runs(node):
            self._tasks.append(asyncio.ensure_future(self.cluster.restart(node)))
            await asyncio.sleep(0)

    async def _stop(self, node: int) -> None:
        broker = self.simulated.broker(node)
        if self._runs(node) and broker.reaches_controller:
            await asyncio.wait([asyncio.ensure_future(self.cluster.stop_broker(node))], timeout=2.0)

    async def _pause(self, node: int) -> None:
        if self._runs(node):
            self.cluster.pause(node)

    async def _resume(self, node: int) -> None:
        if self.simulated.broker(node).paused:
            self.cluster.resume(node)

    async def _isolate(self, node: int) -> None:
        self.cluster.isolate(node)

    async def _cut(self, a: int, b: int) -> None:
        self.cluster.links.cut(a, b, one_way=True)

    async def _heal(self) -> None:
        self.cluster.heal()

    async def _wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _recover(self) -> None:
        """Nothing is broken any more: within a minute all replicas are in sync, and no client waits."""
        for node in (1, 2, 3):
            await self._resume(node)
        self.cluster.heal()
        for node in (1, 2, 3):
            await self._start(node)
        deadline = self.simulated.loop.time() + 60
        while not self._is_recovered():
            assert self.simulated.loop.time() < deadline, f"not recovered: {self.simulated.state()}"
            await asyncio.sleep(0.05)

    def _is_recovered(self) -> bool:
        if len(self.simulated.state().isr) < 3 or not all(task.done() for task in self._tasks):
            return False
        leader = self.simulated.replica(self.simulated.leader)
        ends = {replica.log.log_end_offset for replica in self.replicas()}
        return len(ends) == 1 and leader.log.high_watermark == leader.log.log_end_offset

    # What must hold

    def replicas(self) -> list[Partition]:
        """Those of the brokers that run."""
        running = [broker for broker in self.cluster.brokers.values() if broker.running]
        return [broker.partitions[TOPIC, 0] for broker in running if (TOPIC, 0) in broker.partitions]

    def check_always(self) -> None:
        """Logs agree as far as both are committed, epochs only grow, and no leader takes back what it has shown."""
        state = self.simulated.state()
        self.transcript.append((self.simulated.loop.time(), state))
        assert (state.leader_epoch, state.partition_epoch) >= self._epochs.get(0, (0, 0))
        self._epochs[0] = state.leader_epoch, state.partition_epoch
        assert state.leader == -1 or state.leader in state.isr
        assert not set(state.isr) & set(state.elr)
        for replica in self.replicas():
            self._check_replica(replica)
        logs = [(log_of(replica), replica.log.high_watermark) for replica in self.replicas()]
        for index, (log, committed) in enumerate(logs):
            for other, other_committed in logs[:index]:
                end = min(committed, other_committed)
                assert [each for each in log if each[0] < end] == [each for each in other if each[0] < end]

    def _check_replica(self, replica: Partition) -> None:
        assert replica.log.log_start_offset <= replica.log.high_watermark <= replica.log.log_end_offset
        if replica.is_leader:
            tenure = replica.node_id, replica.leader_epoch
            assert replica.log.high_watermark >= self._high_watermarks.get(tenure, 0)
            self._high_watermarks[tenure] = replica.log.high_watermark

    def check_finally(self) -> None:
        """All logs are the same, and every record that was acknowledged for all is there, once."""
        logs = [log_of(replica) for replica in self.replicas()]
        assert logs[0] == logs[1] == logs[2]
        assert [each[1] for each in logs[0]] == sorted(each[1] for each in logs[0])
        values = self.simulated.values(self.simulated.leader)
        self.transcript.append(values)
        assert set(self.acknowledged) <= set(values)
        assert len(set(values)) == len(values)


def log_of(replica: Partition) -> Log:
    """All batches of a replica."""
    log = replica.log
    found: Log = []
    offset = log.log_start_offset
    while offset < log.log_end_offset:
        read = log.read(offset, 1 << 20, log.log_end_offset)
        assert not isinstance(read, ErrorCode)
        for header, view in batches(b"".join(read.buffers)):
            found.append((header.base_offset, header.partition_leader_epoch, bytes(view)))
            offset = header.next_offset
    return found
