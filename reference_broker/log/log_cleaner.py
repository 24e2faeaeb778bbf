"""Which compacted log is cleaned next, and how far each has been cleaned (Kafka: LogCleaner, LogCleanerManager).

The owner calls `work` again and again; Kafka's threads do so. One round is under way at a time. What does the work is
imported when the first log has a segment that is closed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from kafka_conformance.protocol.errors import ProtocolError
from kafka_conformance.reference_broker.log import checkpoints
from kafka_conformance.reference_broker.log.checkpoints import TopicPartition
from kafka_conformance.reference_broker.log.log import Log
from kafka_conformance.reference_broker.storage import Storage, StorageError

if TYPE_CHECKING:
    from kafka_conformance.reference_broker.log.cleaning.cleaner import Cleaner, Work
    from kafka_conformance.reference_broker.log.cleaning.log_to_clean import LogToClean
    from kafka_conformance.reference_broker.log.cleaning.parts import CleaningParts

_log = logging.getLogger(__name__)


class CleanerSettings(NamedTuple):
    """log.cleaner.dedupe.buffer.size (bytes, of all threads), log.cleaner.io.buffer.load.factor, log.cleaner.threads.

    The threads share the buffer; there is one worker here, with one thread's share.
    """

    dedupe_buffer_size: int = 134_217_728
    io_buffer_load_factor: float = 0.9
    threads: int = 1


def built_in_parts() -> CleaningParts:
    """Kafka's."""
    from kafka_conformance.reference_broker.log.cleaning.parts import CleaningParts

    return CleaningParts()


class Round(NamedTuple):
    """One that is under way."""

    partition: TopicPartition
    cleaner: Cleaner
    work: Work


class LogCleaner:
    """The rounds over the logs of one storage, and the file cleaner-offset-checkpoint."""

    def __init__(
        self,
        storage: Storage,
        logs: Mapping[TopicPartition, Log],
        parts: Callable[[], CleaningParts] = built_in_parts,
    ) -> None:
        self.settings = CleanerSettings()
        self.uncleanable: set[TopicPartition] = set()
        """Those with records that could not be read: they are left alone until the broker starts again."""
        self._storage = storage
        self._logs = logs
        self._parts = parts
        self._checkpoints = checkpoints.read_offsets(storage, checkpoints.CLEANED_OFFSETS)
        self._round: Round | None = None

    def work(self, now_ms: int) -> bool:
        """Do a part of the work; True if there is more to do at once, False until log.cleaner.backoff.ms has passed.

        Raises StorageError; the round is then given up and the next one begins anew.
        """
        if self._round is None:
            self._round = self._begin(now_ms)
        is_under_way = self._round is not None
        if self._round is not None and not self._go_on(self._round):
            return True
        self._delete_old_segments(now_ms)
        return is_under_way

    def _go_on(self, under_way: Round) -> bool:
        """A step of a round; true if it has ended."""
        try:
            next(under_way.work)
        except StopIteration as ended:
            self._round = None
            self._set_checkpoint(under_way.partition, ended.value)
            return True
        except ProtocolError as error:
            _log.warning("%s cannot be cleaned: %s", under_way.partition, error.message)
            self.uncleanable.add(under_way.partition)
            self.give_up()
            return True
        except StorageError:
            self._round = None
            raise
        return False

    def _begin(self, now_ms: int) -> Round | None:
        candidates = self._cleanable_logs()
        if not candidates:
            return None
        parts = self._parts()
        found = {
            partition: parts.log_to_clean(log, self._checkpoints.get(partition), now_ms)
            for partition, log in candidates.items()
        }
        self._correct_checkpoints(found)
        worthy = [(target.cleanable_ratio, partition) for partition, target in found.items() if target.is_worth_it]
        if not worthy:
            return None
        partition = max(worthy)[1]
        share = self.settings.dedupe_buffer_size // self.settings.threads
        cleaner = parts.cleaner(
            found[partition],
            parts.offset_map(share, self.settings.io_buffer_load_factor),
            transactions=parts.transactions,
            record_filter=parts.record_filter,
        )
        return Round(partition, cleaner, cleaner.clean())

    @property
    def under_way(self) -> TopicPartition | None:
        """The log that is being cleaned."""
        return None if self._round is None else self._round.partition

    def _compacted_logs(self) -> dict[TopicPartition, Log]:
        return {
            partition: log
            for partition, log in self._logs.items()
            if log.config.is_compacted and partition not in self.uncleanable
        }

    def _cleanable_logs(self) -> dict[TopicPartition, Log]:
        """A log with nothing but an active segment has nothing to clean."""
        return {
            partition: log for partition, log in self._compacted_logs().items() if len(log.segment_base_offsets) > 1
        }

    def _delete_old_segments(self, now_ms: int) -> None:
        """Retention of compacted logs comes after their cleaning, so that the two never work on the same segments."""
        for log in self._compacted_logs().values():
            log.delete_old_segments(now_ms)

    # Checkpoints

    def checkpoint(self, partition: TopicPartition) -> int | None:
        """The first offset that has not been cleaned."""
        return self._checkpoints.get(partition)

    def _correct_checkpoints(self, found: Mapping[TopicPartition, LogToClean]) -> None:
        """A checkpoint that does not lie in the log any more is replaced."""
        for partition, target in found.items():
            if self._checkpoints.get(partition, target.first_dirty_offset) != target.first_dirty_offset:
                self._set_checkpoint(partition, target.first_dirty_offset)

    def _set_checkpoint(self, partition: TopicPartition, offset: int) -> None:
        self._checkpoints[partition] = offset
        checkpoints.write_offsets(self._storage, checkpoints.CLEANED_OFFSETS, self._checkpoints)

    # What happens to logs meanwhile

    def before_truncation(self, partition: TopicPartition, offset: int) -> None:
        """A log is about to lose `offset` and all behind it."""
        self._give_up(partition)
        if self._checkpoints.get(partition, 0) > offset:
            self._set_checkpoint(partition, offset)

    def forget(self, partition: TopicPartition) -> None:
        """A log is about to be deleted."""
        self._give_up(partition)
        self.uncleanable.discard(partition)
        if partition in self._checkpoints:
            del self._checkpoints[partition]
            checkpoints.write_offsets(self._storage, checkpoints.CLEANED_OFFSETS, self._checkpoints)

    def _give_up(self, partition: TopicPartition) -> None:
        if self.under_way == partition:
            self.give_up()

    def give_up(self) -> None:
        """End a round that is under way: what it has not finished is as it was."""
        if self._round is not None:
            self._round.cleaner.abandon()
            self._round = None
