"""The one target of a pytest process, started when the first case asks for it."""

from __future__ import annotations

import contextlib
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest

from kafka_conformance.harness.capabilities import derived_capabilities
from kafka_conformance.harness.client import ClientAdapter
from kafka_conformance.harness.configuration import Configuration
from kafka_conformance.harness.errors import HarnessError, TargetError
from kafka_conformance.harness.events import Target as TargetEvent
from kafka_conformance.harness.patience import Patience
from kafka_conformance.harness.profiles import profile_settings
from kafka_conformance.harness.readiness import is_alive
from kafka_conformance.harness.registry import Registry
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.target import Target
from kafka_conformance.harness.violation import NotApplicable

TARGET_LOG = "target.log"
MOST_STARTS_AGAIN = 10
"""How often a target that ends under a case is started again; a broker that always does cannot be judged."""


@dataclass
class Session:
    """What cases of one process share.

    `starts_again` is how often the target may still end by itself.
    `lost` is why the target cannot be judged any more. `asked` are the requirements of the collected cases where
    somebody runs some tests with pytest; None where a run is to judge all that are selected.
    `known_in_vain` is the path of the file in which the processes of a run share what they waited for in vain.
    """

    configuration: Configuration
    registry: Registry
    run_id: str
    seed: int
    report: Path | None
    target: Target | None = None
    cluster: Cluster | None = None
    lost: str | None = None
    starts_again: int = field(default_factory=lambda: MOST_STARTS_AGAIN)
    asked: set[str] | None = None
    shrinking: bool = True
    known_in_vain: str | None = None
    adapters: dict[str, ClientAdapter] = field(default_factory=dict)

    def open(self) -> Cluster:
        """The running target, started at the first call. Raises TargetError, at every call after the first too."""
        if self.cluster is not None:
            return self.cluster
        if self.lost is not None:
            raise TargetError("start", self.lost)
        origin = self.configuration.origins["target"]
        target = self.registry.target(self.configuration.target, where=origin)
        target.seed = self.seed
        self.target = target
        try:
            target.start()
            cluster = Cluster(target, self.run_id, patience=Patience(self.known_in_vain))
            cluster.capabilities = target.capabilities | derived_capabilities(cluster.versions)
        except HarnessError as error:
            self.lost = str(error)
            self.close()
            raise
        self.cluster = cluster
        return cluster

    def settings(self) -> hypothesis.settings:
        """What properties run with."""
        kind = self.registry.targets[self.configuration.target.partition(":")[0]]
        return profile_settings(self.configuration.profile, kind.examples_factor, shrinking=self.shrinking)

    def clients(self) -> list[str]:
        """The names of the clients that were asked for. Raises UsageError for one that is not installed."""
        for name in self.configuration.clients:
            self.registry.client(name, where=self.configuration.origins["client"])
        return list(self.configuration.clients)

    def client(self, name: str) -> ClientAdapter:
        """That client against the running target. Raises NotApplicable where it cannot run there."""
        if name not in self.adapters:
            kind = self.registry.client(name)
            cluster = self.open()
            if "virtual-time" in cluster.capabilities and not kind.runs_in_virtual_time:
                raise NotApplicable(f"{name} cannot run in virtual time")
            self.adapters[name] = kind.create(cluster.target)
        return self.adapters[name]

    def close(self) -> None:
        """Stops the target, and leaves nothing of it."""
        try:
            for adapter in self.adapters.values():
                adapter.close()
            self.adapters = {}
            if self.cluster is not None:
                self.cluster.close()
        finally:
            if self.target is not None:
                self._keep_log(self.target)
                self.target.stop()
                self.target.close_loop()
            self.target = self.cluster = None

    def _keep_log(self, target: Target) -> None:
        """What a target that was lost wrote about itself goes beside the report."""
        evidence = target.evidence() if self.lost is not None else ""
        if evidence and self.report is not None:
            with contextlib.suppress(OSError):
                self.report.mkdir(parents=True, exist_ok=True)
                (self.report / TARGET_LOG).write_text(evidence, encoding="utf-8")

    def check_alive(self) -> str | None:
        """Why a case that failed says nothing of the target: it is lost, or has ended; None while it answers.

        One that has ended by itself is started again where it can be; `lost` is set where it cannot.
        """
        if self.lost is not None or self.target is None or is_alive(self.target):
            return self.lost
        ended = self.target.problem()
        if ended is None or not self._start_again(self.target):
            self.lost = ended or f"{self.target.name} does not answer any more"
            return self.lost
        return f"{ended}, and was started again"

    def _start_again(self, target: Target) -> bool:
        if not target.can_start_again or self.starts_again == 0 or self.cluster is None:
            return False
        self.starts_again -= 1
        for adapter in self.adapters.values():
            adapter.close()
        self.adapters = {}
        target.stop()
        try:
            target.start()
        except TargetError:
            return False
        self.cluster.started_again()
        return True

    def described(self) -> TargetEvent:
        """The target as a report names it."""
        if self.target is None or self.cluster is None:
            return TargetEvent(self.configuration.target)
        capabilities = tuple(sorted(self.cluster.capabilities))
        return TargetEvent(self.target.name, self.target.description, self.target.kafka_version, capabilities)

    def seed_of(self, case: str) -> int:
        """A seed of the case's own, the same in every process and order."""
        return zlib.crc32(case.encode(), self.seed & 0xFFFFFFFF) ^ self.seed


SESSION: pytest.StashKey[Session] = pytest.StashKey()


def now_iso() -> str:
    """This moment in UTC, as events give times of day."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
