"""Which leader wrote what: the start offset of each leader epoch (Kafka: LeaderEpochFileCache, KIP-101, KIP-279)."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from kafka_conformance.reference_broker.log.outcome import NO_EPOCH


class EpochEntry(NamedTuple):
    """A leader epoch, and the first offset that was or would be written in it."""

    epoch: int
    start_offset: int


class EpochEndOffset(NamedTuple):
    """Where an epoch ends: the first offset of a later one, or the end of the log."""

    epoch: int
    end_offset: int


class LeaderEpochCache:
    """Epochs and start offsets both grow. `save` is called with all entries after each change."""

    def __init__(self, entries: Iterable[tuple[int, int]], save: Callable[[Sequence[EpochEntry]], None]) -> None:
        self._save = save
        self.latest_epoch = NO_EPOCH
        self._entries: list[EpochEntry] = []
        for epoch, start_offset in entries:
            self._put(EpochEntry(epoch, start_offset))

    @property
    def entries(self) -> Sequence[EpochEntry]:
        """Oldest first."""
        return tuple(self._entries)

    @property
    def earliest_entry(self) -> EpochEntry | None:
        """The oldest one known."""
        return self._entries[0] if self._entries else None

    def assign(self, epoch: int, start_offset: int) -> None:
        """`epoch` writes from `start_offset` on. Epochs that contradict it are forgotten."""
        if self._put(EpochEntry(epoch, start_offset)):
            self._save(self._entries)

    def _put(self, entry: EpochEntry) -> bool:
        if self._entries and entry.epoch == self.latest_epoch and entry.start_offset >= self._entries[-1].start_offset:
            return False
        while self._entries and self._contradicts(self._entries[-1], entry):
            self._entries.pop()
        self._entries.append(entry)
        self.latest_epoch = entry.epoch
        return True

    @staticmethod
    def _contradicts(known: EpochEntry, new: EpochEntry) -> bool:
        return known.epoch >= new.epoch or known.start_offset >= new.start_offset

    def end_offset_for(self, epoch: int, log_end_offset: int) -> EpochEndOffset | None:
        """The largest known epoch not above `epoch`, and where it ends; None if that cannot be said.

        For the latest epoch that is the end of the log, for one older than all known the start of the oldest.
        """
        if epoch == NO_EPOCH:
            return None
        if epoch == self.latest_epoch:
            return EpochEndOffset(epoch, log_end_offset)
        higher = bisect_right(self._entries, epoch, key=lambda entry: entry.epoch)
        if higher == len(self._entries):
            return None
        floor = self._entries[higher - 1].epoch if higher else epoch
        return EpochEndOffset(floor, self._entries[higher].start_offset)

    def epoch_for_offset(self, offset: int) -> int | None:
        """The epoch in which an offset was written."""
        index = bisect_right(self._entries, offset, key=lambda entry: entry.start_offset) - 1
        return self._entries[index].epoch if index >= 0 else None

    def truncate_from_end(self, end_offset: int) -> None:
        """Forget the epochs that start at or behind the end of the log."""
        keep = bisect_left(self._entries, end_offset, key=lambda entry: entry.start_offset)
        if keep < len(self._entries):
            self._replace(self._entries[:keep])

    def truncate_from_start(self, start_offset: int) -> None:
        """Forget the epochs that end before the start of the log; the one that goes on starts with it."""
        keep = bisect_right(self._entries, start_offset, key=lambda entry: entry.start_offset)
        if keep > 1 or (keep and self._entries[0].start_offset != start_offset):
            first = EpochEntry(self._entries[keep - 1].epoch, start_offset)
            self._replace([first, *self._entries[keep:]])

    def clear(self) -> None:
        """Forget all."""
        self._replace([])

    def _replace(self, entries: list[EpochEntry]) -> None:
        self._entries = entries
        self.latest_epoch = entries[-1].epoch if entries else NO_EPOCH
        self._save(entries)
