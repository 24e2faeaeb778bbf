"""From pytest's reports to the stream of events, in the process that writes the reports.

Under pytest-xdist that is not the process in which cases run; what a case said comes with its reports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import pytest

from kafka_conformance.harness.capabilities import lacking
from kafka_conformance.harness.deviations import load_deviations
from kafka_conformance.harness.errors import ReportError
from kafka_conformance.harness.event_json import from_json
from kafka_conformance.harness.events import (
    CaseFinished,
    Event,
    Footer,
    Header,
    Outcome,
    RequirementDeclared,
    Target,
    TargetLost,
)
from kafka_conformance.harness.requirements import Requirement
from kafka_conformance.harness.selection import select
from kafka_conformance.harness.verdicts import Run, conclude
from kafka_conformance.plugins.suite.judge import PROPERTY
from kafka_conformance.plugins.suite.session import Session, now_iso

DISTRIBUTION = "kafka-conformance"


class Handler(Protocol):
    """Somebody who follows the stream."""

    def handle(self, event: Event) -> None:
        """Takes the next event. Raises ReportError when it can take no more."""


class Collector:
    """Emits Header and declarations when the target is known, then what cases said, then the verdicts."""

    def __init__(self, session: Session, handlers: Iterable[Handler] = (), *, command: str = "") -> None:
        self._session = session
        self._handlers = list(handlers)
        self._command = command
        self._ended: Callable[[Run], None] | None = None
        self._unwritable: str | None = None
        self._shared: TemporaryDirectory[str] | None = None
        self.run = Run()

    def follow(self, handler: Handler) -> None:
        """Adds somebody who gets every event from now on."""
        self._handlers.append(handler)

    def when_ended(self, action: Callable[[Run], None]) -> None:
        """Calls `action` once with the whole run, behind its footer. It may raise ReportError."""
        self._ended = action

    def emit(self, event: Event) -> None:
        """Adds an event to the stream."""
        self.run.add(event)
        for handler in tuple(self._handlers):
            try:
                handler.handle(event)
            except ReportError as error:
                self._handlers.remove(handler)
                self._give_up(error)
        self._session.registry.announce(event)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A report of a case carries events; one without any, of a worker that crashed, is an error."""
        carried = [data for name, data in report.user_properties if name == PROPERTY]
        for data in carried:
            self.take(data)
        if report.failed and report.when not in ("setup", "call", "teardown"):
            reason = str(report.longrepr).strip()
            self._begin(None)
            self.emit(CaseFinished(report.nodeid, (), Outcome.ERROR, reason=f"the worker crashed: {reason}"))
        self._exit_if_unwritable()  # nobody would see what else is judged

    def take(self, data: Any) -> None:
        """The plain data that a case's report carries: the target at its start, then events."""
        self._begin(data.get("target"))
        for plain in data["events"]:
            event = from_json(plain)
            if not isinstance(event, TargetLost) or self.run.target_lost is None:
                self.emit(event)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """pytest-xdist: workers share the run's id, its seed, and what they wait for in vain."""
        self._shared = self._shared or TemporaryDirectory(prefix="kafka-conformance-")
        node.workerinput["kafka_run_id"] = self._session.run_id
        node.workerinput["kafka_seed"] = self._session.seed
        node.workerinput["kafka_known_in_vain"] = str(Path(self._shared.name) / "known-in-vain")

    def pytest_unconfigure(self) -> None:
        """Removes what the workers shared."""
        if self._shared is not None:
            self._shared.cleanup()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A module of cases that cannot be imported leaves the run incomplete."""
        if report.failed:
            self.run.problems.append(f"{report.nodeid} cannot be collected: {_last_line(report)}")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """The verdicts and the footer. A run that was interrupted gets none: it is incomplete."""
        if exitstatus == pytest.ExitCode.USAGE_ERROR:
            return
        if self._unwritable is not None:
            self.run.abandon_running()
            return
        self._begin(None)
        lost = self.run.target_lost is not None
        if not lost and exitstatus in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR):
            self.run.problems.append("the run was interrupted")
            self.run.abandon_running()
        else:
            for event in conclude(self.run, ended_at=now_iso()):
                self.emit(replace(event, complete=False) if lost and isinstance(event, Footer) else event)
        try:
            if self._ended is not None:
                self._ended(self.run)
        except ReportError as error:
            self._give_up(error)
        self._exit_if_unwritable()

    def _give_up(self, error: ReportError) -> None:
        self._ended = None
        self._unwritable = str(error)
        self.run.problems.append(str(error))

    def _exit_if_unwritable(self) -> None:
        if self._unwritable is not None:
            pytest.exit(self._unwritable, returncode=int(pytest.ExitCode.INTERRUPTED))

    def _begin(self, described: Any) -> None:
        if self.run.header is not None:
            return
        target = Target(self._session.configuration.target) if described is None else _target(described)
        configuration = self._session.configuration
        self.emit(
            Header(
                version(DISTRIBUTION),
                self._session.run_id,
                self._session.seed,
                configuration.profile,
                target,
                configuration.client,
                now_iso(),
                self._command,
            )
        )
        for declared in self._declarations(target):
            self.emit(declared)

    def _declarations(self, target: Target) -> Iterable[RequirementDeclared]:
        configuration, catalogue = self._session.configuration, self._session.registry.catalogue
        selected = {entry.id for entry in select(catalogue, configuration.select)}
        if self._session.asked is not None:
            selected &= self._session.asked
        expected = {} if configuration.expect is None else load_deviations(configuration.expect, catalogue)
        for entry in catalogue.values():
            if entry.excluded is None:
                yield RequirementDeclared.of(
                    entry,
                    selected=entry.id in selected,
                    not_applicable=_inapplicable(entry, target),
                    known_deviation=expected.get(entry.id),
                )


def _inapplicable(entry: Requirement, target: Target) -> str | None:
    if not target.capabilities:
        return None  # nobody asked it yet
    if not entry.holds_for(target.version):
        return f"holds for {entry.holds}"
    return lacking(entry.needs, target.capabilities)


def _target(described: Any) -> Target:
    return Target(described["name"], described["description"], described["version"], tuple(described["capabilities"]))


def _last_line(report: pytest.CollectReport) -> str:
    lines = str(report.longrepr).strip().splitlines()
    return lines[-1] if lines else "no reason given"
