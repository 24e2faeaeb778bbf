"""The pytest plugin: cheap until something of it is used.

Nothing is imported, started or printed for a session that has neither a case nor a test with our fixtures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kafka_conformance.harness.client import ClientAdapter
    from kafka_conformance.harness.subject.cluster import Cluster
    from kafka_conformance.harness.subject.connection import Versions
    from kafka_conformance.plugins.fixture.kafka import Kafka
    from kafka_conformance.plugins.fixture.provider import Running


def pytest_addoption(parser: pytest.Parser) -> None:
    """One option for each setting."""
    from kafka_conformance.harness.configuration import SETTINGS

    group = parser.getgroup("kafka-conformance")
    for setting in SETTINGS:
        group.addoption(
            setting.pytest_option, dest=f"kafka_{setting.name}", metavar=setting.metavar, help=setting.sentence
        )


def pytest_configure(config: pytest.Config) -> None:
    """Markers of cases."""
    for line in (
        "checks(*ids): the requirements that a case judges",
        "needs(*capabilities): what a target must declare for the case to be asked",
        "over_versions(api): the case has an axis `version`, the versions of that API",
        "waits_long: the case may wait for minutes, and begins before the others",
    ):
        config.addinivalue_line("markers", line)
    config.pluginmanager.register(_FromWorkers(config), "kafka-conformance-from-workers")


class _FromWorkers:
    """Notices what cases in pytest-xdist's workers said, in a process that itself collects nothing."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._noticed = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self._noticed or not any(name == "kafka_conformance" for name, _ in report.user_properties):
            return
        self._noticed = True
        from kafka_conformance.plugins.suite.collection import COLLECTOR, collector_of

        known = self._config.stash.get(COLLECTOR, None)
        collector = collector_of(self._config)
        if known is None and collector is not None:
            collector.pytest_runtest_logreport(report)  # it was not there yet when this report was handed round


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where there are cases: checks what they name, selects, and has them judged."""
    if any(item.get_closest_marker("checks") for item in items):
        from kafka_conformance.plugins.suite.collection import take

        take(config, items)


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Cluster:
    """The running target, for cases and for tests that want the raw client."""
    from kafka_conformance.plugins.suite.collection import session_of

    return session_of(request.config).open()


@pytest.fixture(scope="session")
def versions(cluster: Cluster) -> Versions:
    """What the target advertises: a range for each API key."""
    return cluster.versions


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The axis `client`: one case for each client that was asked for."""
    if "client" not in metafunc.fixturenames or metafunc.definition.get_closest_marker("checks") is None:
        return
    from kafka_conformance.plugins.suite.collection import session_of

    names = session_of(metafunc.config).clients()
    metafunc.parametrize("client", names, indirect=True, scope="session")


@pytest.fixture(scope="session")
def client(request: pytest.FixtureRequest) -> ClientAdapter:
    """The client library under test, against the running target."""
    from kafka_conformance.harness.violation import NotApplicable
    from kafka_conformance.plugins.suite.collection import session_of
    from kafka_conformance.plugins.suite.judge import not_applicable

    try:
        return session_of(request.config).client(request.param)
    except NotApplicable as error:
        not_applicable(str(error))


@pytest.fixture
def kafka(request: pytest.FixtureRequest) -> Iterator[Kafka]:
    """A Kafka of the test's own: in memory, in milliseconds; or that of `--kafka-target`."""
    from kafka_conformance.plugins.fixture.provider import provider_of

    provider = provider_of(request.config)
    if not provider.is_embedded:
        shared = provider.shared()
        yield shared
        shared.clean_up()
        return
    running = provider.fresh()
    yield running.kafka
    running.stop()


@pytest.fixture
def kafka_cluster(request: pytest.FixtureRequest) -> Iterator[Callable[..., Kafka]]:
    """Makes others: `kafka_cluster(brokers=3, settings={"num.partitions": "3"})`; they end with the test."""
    from kafka_conformance.plugins.fixture.provider import provider_of

    provider = provider_of(request.config)
    made: list[Running] = []

    def make(brokers: int = 1, settings: Mapping[str, str] | None = None) -> Kafka:
        if not provider.is_embedded:
            pytest.skip("a cluster of its own size and settings needs --kafka-target reference or sim")
        made.append(provider.fresh(brokers, settings))
        return made[-1].kafka

    yield make
    for running in reversed(made):
        running.stop()
