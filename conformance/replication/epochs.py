"""Leaders that follow one another, what each of them wrote, and what is known of their epochs afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import strategies as st

from kafka_conformance.conformance.fetch.epochs import current_epoch
from kafka_conformance.conformance.replication.failing import REPLICAS
from kafka_conformance.conformance.replication.leading import lead_from, replicas_from
from kafka_conformance.harness.cases import expect
from kafka_conformance.harness.subject.topic import Topic

NO_EPOCH, NO_OFFSET = -1, -1


class Stint(NamedTuple):
    """The replica at that place leads, and takes so many batches of one record."""

    place: int
    batches: int


def stints(*, min_size: int = 1, max_size: int = 4) -> st.SearchStrategy[list[Stint]]:
    """Some of them write nothing, some leaders stay."""
    return st.lists(
        st.builds(Stint, st.integers(0, REPLICAS - 1), st.integers(0, 2)), min_size=min_size, max_size=max_size
    )


class Led:
    """A partition after some stints. `epochs` are those that Metadata named, the current one last."""

    def __init__(self, topic: Topic, done: Sequence[Stint]) -> None:
        self.topic = topic
        self.epochs: list[int] = []
        self.written: list[int] = []
        """The epoch of each offset."""
        self._starts: dict[int, int] = {}
        nodes = replicas_from(topic.cluster, 0, REPLICAS)
        for stint in done:
            lead_from(topic, nodes[stint.place])
            epoch = current_epoch(topic)
            self._begin(epoch)
            for _ in range(stint.batches):
                expect(topic.produce([b"%d" % len(self.written)])).acknowledged_at(len(self.written))
                self.written.append(epoch)

    @property
    def end(self) -> int:
        """The offset behind the last record."""
        return len(self.written)

    def _begin(self, epoch: int) -> None:
        """An epoch in which nothing was written is forgotten with the next one (LeaderEpochFileCache.assign)."""
        if epoch not in self._starts:
            self._starts = {each: start for each, start in self._starts.items() if start < self.end}
            self._starts[epoch] = self.end
            self.epochs.append(epoch)

    def end_of(self, epoch: int) -> tuple[int, int]:
        """The largest epoch that is not above, and where what follows it begins (LeaderEpochFileCache.endOffsetFor)."""
        if epoch == max(self._starts):
            return epoch, self.end
        later = [each for each in self._starts if each > epoch]
        if not later:
            return NO_EPOCH, NO_OFFSET
        earlier = [each for each in self._starts if each <= epoch]
        return max(earlier, default=epoch), self._starts[min(later)]
