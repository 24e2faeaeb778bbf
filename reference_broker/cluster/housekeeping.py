"""What a broker does again and again: retention, cleaning, flushes, checkpoints, the expiry of producers.

Source: LogManager.startup, LogCleaner.CleanerThread.doWork, ReplicaManager.startHighWatermarkCheckPointThread.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from kafka_conformance.reference_broker.config.broker import BrokerConfig
from kafka_conformance.reference_broker.config.values import Value
from kafka_conformance.reference_broker.environment import Environment
from kafka_conformance.reference_broker.log.log_cleaner import CleanerSettings
from kafka_conformance.reference_broker.log.log_directory import LogDirectory
from kafka_conformance.reference_broker.storage import StorageError

_log = logging.getLogger(__name__)

CLEANER = "log.cleaner.backoff.ms"
CLEANER_SETTINGS = (
    CLEANER,
    "log.cleaner.dedupe.buffer.size",
    "log.cleaner.io.buffer.load.factor",
    "log.cleaner.threads",
)
"""What a running broker may be told anew of them (Kafka: LogCleaner.RECONFIGURABLE_CONFIGS)."""


class Housekeeping:
    """Timers of one broker."""

    def __init__(self, env: Environment, logs: LogDirectory) -> None:
        self._env = env
        self._logs = logs
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._cleaner_backoff_s = 0.0
        self._cleaner_config: tuple[Value, ...] = ()

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
        if config.bool("log.cleaner.enable") and config.int("log.cleaner.threads"):
            self._take_cleaner_config(config)
            self._clean_in(self._cleaner_backoff_s)

    def reconfigure(self, config: BrokerConfig) -> None:
        """The configuration may have changed; if that of the cleaner has, it starts anew."""
        if CLEANER in self._timers and self._take_cleaner_config(config):
            self._timers[CLEANER].cancel()
            self._clean_in(0)

    def _take_cleaner_config(self, config: BrokerConfig) -> bool:
        values = tuple(config.value(name) for name in CLEANER_SETTINGS)
        if values == self._cleaner_config:
            return False
        self._cleaner_config = values
        self._cleaner_backoff_s = max(config.int(CLEANER), 1) / 1000
        self._logs.cleaner.settings = cleaner_settings(config)
        return True

    def _clean_in(self, seconds: float) -> None:
        self._timers[CLEANER] = self._env.loop.call_later(seconds, self._clean)

    def _clean(self) -> None:
        more = False
        try:
            more = self._logs.cleaner.work(self._env.clock.now_ms())
        except StorageError as error:
            _log.error("%s: %s", CLEANER, error)
        self._clean_in(0 if more else self._cleaner_backoff_s)

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


def cleaner_settings(config: BrokerConfig) -> CleanerSettings:
    """What a cleaner works with."""
    return CleanerSettings(
        config.int("log.cleaner.dedupe.buffer.size"),
        config.float("log.cleaner.io.buffer.load.factor"),
        config.int("log.cleaner.threads"),
    )
