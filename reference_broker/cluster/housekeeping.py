"""What a broker does again and again: retention, flushes, checkpoints, the expiry of producers.

Source: LogManager.startup, ReplicaManager.startHighWatermarkCheckPointThread.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from kafka_conformance.reference_broker.config.broker import BrokerConfig
from kafka_conformance.reference_broker.environment import Environment
from kafka_conformance.reference_broker.log.log_directory import LogDirectory
from kafka_conformance.reference_broker.storage import StorageError

_log = logging.getLogger(__name__)


class Housekeeping:
    """Timers of one broker."""

    def __init__(self, env: Environment, logs: LogDirectory) -> None:
        self._env = env
        self._logs = logs
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def start(self, config: BrokerConfig) -> None:
        """Do everything at its interval from now on."""
        logs, clock = self._logs, self._env.clock
        work: dict[str, Callable[[], object]] = {
            "log.retention.check.interval.ms": lambda: logs.delete_old_segments(clock.now_ms()),
            "log.flush.scheduler.interval.ms": lambda: logs.flush_dirty_logs(clock.now_ms()),
            "log.flush.offset.checkpoint.interval.ms": logs.checkpoint_recovery_points,
            "log.flush.start.offset.checkpoint.interval.ms": logs.checkpoint_log_start_offsets,
            "replica.high.watermark.checkpoint.interval.ms": logs.checkpoint_high_watermarks,
            "producer.id.expiration.check.interval.ms": lambda: logs.remove_expired_producers(clock.now_ms()),
        }
        for name, do in work.items():
            self._repeat(name, config.int(name) / 1000, do)

    def stop(self) -> None:
        """Do nothing any more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _repeat(self, name: str, seconds: float, do: Callable[[], object]) -> None:
        def run() -> None:
            self._repeat(name, seconds, do)
            try:
                do()
            except StorageError as error:
                _log.error("%s: %s", name, error)

        self._timers[name] = self._env.loop.call_later(seconds, run)
