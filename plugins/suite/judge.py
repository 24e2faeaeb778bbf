"""pytest hooks of the process that runs cases: applicability, seeds, the frame of each case, what it said.

What a case said travels on its reports as JSON, so that it reaches the process that writes the reports also when
pytest-xdist runs the cases elsewhere.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, NoReturn

import hypothesis
import pytest
from hypothesis.errors import Flaky

from kafka_conformance.harness.capabilities import check_names, lacking
from kafka_conformance.harness.event_json import to_json
from kafka_conformance.harness.events import CaseFinished, CaseStarted, Failure, Outcome, TargetLost
from kafka_conformance.harness.profiles import SHRINK_WITHIN_S, apply_once
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.subject.transaction_requests import TransactionProtocol
from kafka_conformance.harness.violation import NotApplicable
from kafka_conformance.plugins.suite.evidence import evidence
from kafka_conformance.plugins.suite.examples import SLOW_S, FoundSlowly, first_found, wrap_examples
from kafka_conformance.plugins.suite.marks import axes_of, is_case, marked, requirements_of
from kafka_conformance.plugins.suite.session import Session
from kafka_conformance.plugins.suite.verdict import Ending, ending_of
from kafka_conformance.protocol.api_keys import ApiKey

PROPERTY = "kafka_conformance"

_ENDING: pytest.StashKey[Ending] = pytest.StashKey()
_DURATION_S: pytest.StashKey[float] = pytest.StashKey()
NOT_APPLICABLE = "not applicable: "
"""What the reason of a skip begins with where the target cannot be asked."""


class Judge:
    """Registered once per process, when it has collected cases."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._left: dict[str, str] = {}
        """Why the other parameters of a case are not asked.

        One failed, or did not apply, and that took long to see: a broker that leaves one version unanswered leaves the
        others, too, and its requirement is violated by then. Or the target ended under one.
        """

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """A lost target is not asked again."""
        if is_case(item) and self._session.lost is not None:
            raise pytest.fail.Exception(f"the target is lost: {self._session.lost}", pytrace=False)

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
        """Around the function of a case: not applicable is found out, its history begins, what it leaves is closed."""
        if not is_case(pyfuncitem):
            return (yield)
        cluster = self._session.open()
        reason = self._inapplicable(pyfuncitem, cluster)
        if reason is not None:
            not_applicable(reason)
        if _function(pyfuncitem) in self._left:
            pytest.skip(self._left[_function(pyfuncitem)])
        self._seed(pyfuncitem, cluster)
        try:
            with cluster.case():
                return (yield)
        except NotApplicable as error:
            not_applicable(str(error))
        except FoundSlowly as error:
            raise error.found from None
        except Flaky as error:
            found = None if isinstance(error, BaseExceptionGroup) else first_found(pyfuncitem.obj)
            raise (found or error) from error

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Puts the events of a case on its reports: its start on that of setup, its end on that of teardown."""
        report = yield
        if not is_case(item):
            return report
        self._learn(item, call, report)
        if not report.passed and report.duration > SLOW_S:
            self._leave_others(item, _others(report))
        spent: float = item.stash.setdefault(_DURATION_S, 0.0)
        item.stash[_DURATION_S] = spent + report.duration
        if call.when == "setup":
            target = to_json_target(self._session)
            started = CaseStarted(item.nodeid, requirements_of(item), axes_of(item))
            report.user_properties.append((PROPERTY, {"target": target, "events": [to_json(started)]}))
        if call.when == "teardown":
            events = [to_json(self._finished(item))]
            if self._session.lost is not None:
                events.append(to_json(TargetLost(self._session.lost)))
                item.session.shouldstop = "the target is lost"
            report.user_properties.append((PROPERTY, {"events": events}))
        return report

    def pytest_sessionfinish(self) -> None:
        """The end of the process's part: nothing is left running."""
        self._session.close()

    def _learn(self, item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
        if report.skipped:
            ending = _skipped(report)
        elif report.failed and call.excinfo is not None:
            ending = self._failed(item, call.excinfo.value, report)
        else:
            return
        if item.stash.get(_ENDING, None) is None or report.failed:
            item.stash[_ENDING] = ending

    def _failed(self, item: pytest.Item, error: BaseException, report: pytest.TestReport) -> Ending:
        lost = self._session.check_alive()
        ending = ending_of(error)
        failure = ending.failure or Failure(str(error))
        if report.when == "call":
            failure = evidence(self._session, item, failure, ending.outcome)
        if lost is not None:
            self._leave_others(item, "the target ended under others of its parameters")
            return Ending(Outcome.ERROR, f"the target is lost: {lost}" if self._session.lost else lost, failure)
        if report.when != "call":
            return Ending(Outcome.ERROR, f"{report.when}: {ending.reason or error}", failure)
        return Ending(ending.outcome, ending.reason, failure)

    def _leave_others(self, item: pytest.Item, reason: str) -> None:
        self._left.setdefault(_function(item), reason)

    def _finished(self, item: pytest.Item) -> CaseFinished:
        ending = item.stash.get(_ENDING, Ending(Outcome.HELD))
        spent: float = item.stash.setdefault(_DURATION_S, 0.0)
        return CaseFinished(
            item.nodeid,
            requirements_of(item),
            ending.outcome,
            axes_of(item),
            round(spent, 6),
            ending.reason,
            ending.failure,
        )

    def _inapplicable(self, item: pytest.Item, cluster: Cluster) -> str | None:
        entries = [self._session.registry.catalogue[name] for name in requirements_of(item)]
        needs = {need for entry in entries for need in entry.needs} | set(marked(item, "needs"))
        reason = lacking(needs, cluster.capabilities)
        if reason is not None:
            return reason
        version = cluster.target.kafka_version
        if not any(entry.holds_for(version) for entry in entries):
            return f"{entries[0].id} holds for {entries[0].holds}, the target is {version}"
        return _unoffered(item, cluster)

    def _seed(self, item: pytest.Function, cluster: Cluster) -> None:
        if not hasattr(item.obj, "hypothesis"):
            return
        apply_once(self._session.settings(), item.obj)
        hypothesis.seed(self._session.seed_of(item.nodeid))(item.obj)
        wrap_examples(item.obj, cluster, shrink_within_s=SHRINK_WITHIN_S[self._session.configuration.profile])


def _function(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def _others(report: pytest.TestReport) -> str:
    """What is said of a case's other parameters once one of them took long."""
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    return "it failed for others of its parameters, and took long to"


def check_item(item: pytest.Item, session: Session) -> None:
    """Raises UsageError for an unknown requirement or capability."""
    for name in requirements_of(item):
        session.registry.catalogue.find(name, where=item.nodeid)
    check_names(marked(item, "needs"), where=item.nodeid)


def to_json_target(session: Session) -> dict[str, Any]:
    """The target as plain data."""
    described = session.described()
    return {
        "name": described.name,
        "description": described.description,
        "version": described.version,
        "capabilities": list(described.capabilities),
    }


def _unoffered(item: pytest.Item, cluster: Cluster) -> str | None:
    """Which version, or which protocol of transactions, the target does not offer: nothing is arranged for those."""
    callspec = getattr(item, "callspec", None)
    marker = item.get_closest_marker("over_versions")
    if callspec is None:
        return None
    try:
        if marker is not None:
            cluster.require(ApiKey(marker.args[0]), callspec.params["version"])
        for value in callspec.params.values():
            if isinstance(value, TransactionProtocol):
                value.version(ApiKey.END_TXN, cluster.versions)
    except NotApplicable as error:
        return str(error)
    return None


def not_applicable(reason: str) -> NoReturn:
    """Ends the case, or its setup, without a verdict."""
    pytest.skip(NOT_APPLICABLE + reason)


def _skipped(report: pytest.TestReport) -> Ending:
    reason = report.longrepr[2].removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else ""
    if reason.startswith(NOT_APPLICABLE):
        return Ending(Outcome.NOT_APPLICABLE, reason.removeprefix(NOT_APPLICABLE))
    return Ending(Outcome.SKIPPED, reason)
