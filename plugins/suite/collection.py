"""From a pytest configuration to a session of ours, and from collected items to cases that are to run."""

from __future__ import annotations

import os
import secrets

import pytest

from kafka_conformance.harness.configuration import BY_NAME, Configuration, configure, find_pyproject
from kafka_conformance.harness.errors import UsageError
from kafka_conformance.harness.registry import Registry
from kafka_conformance.harness.selection import select
from kafka_conformance.plugins.builtin import make_registry
from kafka_conformance.plugins.suite.collector import Collector
from kafka_conformance.plugins.suite.files import ReportFiles
from kafka_conformance.plugins.suite.judge import Judge, check_item
from kafka_conformance.plugins.suite.marks import is_case, requirements_of
from kafka_conformance.plugins.suite.session import SESSION, Session

REGISTRY: pytest.StashKey[Registry] = pytest.StashKey()
"""What is installed, where a run was handed something else than what really is."""
COLLECTOR: pytest.StashKey[Collector] = pytest.StashKey()
_SEED_BITS = 32


def configuration_of(config: pytest.Config) -> Configuration:
    """What pytest's command line, the environment and pyproject.toml say. Raises UsageError."""
    given = {name: config.getoption(f"kafka_{name}") for name in BY_NAME}
    pyproject = find_pyproject(config.invocation_params.dir)
    return configure(given, os.environ, pyproject, option=lambda setting: setting.pytest_option)


def session_of(config: pytest.Config) -> Session:
    """The session of this process, made at the first call. Raises pytest.UsageError."""
    session = config.stash.get(SESSION, None)
    if session is None:
        try:
            configuration = configuration_of(config)
        except UsageError as error:
            raise pytest.UsageError(str(error)) from error
        handed = getattr(config, "workerinput", {})
        session = Session(
            configuration,
            config.stash.get(REGISTRY, None) or make_registry(),
            run_id=handed.get("kafka_run_id") or secrets.token_hex(3),
            seed=seed_of(configuration, handed.get("kafka_seed")),
            report=configuration.report,
            known_in_vain=handed.get("kafka_known_in_vain"),
        )
        config.stash[SESSION] = session
        config.pluginmanager.register(Judge(session), "kafka-conformance-judge")
    return session


def collector_of(config: pytest.Config) -> Collector | None:
    """What follows the cases of this process or of its workers; None in a worker."""
    if hasattr(config, "workerinput"):
        return None
    collector = config.stash.get(COLLECTOR, None)
    if collector is None:
        session = session_of(config)
        try:
            files = ReportFiles(session.report) if session.report is not None else None
        except UsageError as error:
            raise pytest.UsageError(str(error)) from error
        collector = Collector(session, [files] if files is not None else [])
        if files is not None:
            collector.when_ended(files.finish)
        attach(config, collector)
    return collector


def attach(config: pytest.Config, collector: Collector) -> None:
    """Makes it the collector of this process."""
    config.stash[COLLECTOR] = collector
    config.pluginmanager.register(collector, "kafka-conformance-collector")


def seed_of(configuration: Configuration, handed: int | None) -> int:
    """The seed that was set, or handed to a worker, or drawn now."""
    if configuration.seed is not None:
        return configuration.seed
    return secrets.randbits(_SEED_BITS) if handed is None else handed


def take(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Checks what the cases name, and deselects those of requirements that were not asked for.

    Those that may wait for minutes come first, and so into the hands of one worker, while the others do the rest.
    """
    session = session_of(config)
    if COLLECTOR not in config.stash:
        session.asked = {name for item in items for name in requirements_of(item)}
        collector_of(config)
    configuration = session.configuration
    try:
        for item in items:
            check_item(item, session)
        where = configuration.origins["select"]
        selected = {entry.id for entry in select(session.registry.catalogue, configuration.select, where=where)}
    except UsageError as error:
        raise pytest.UsageError(str(error)) from error
    left_out = [item for item in items if is_case(item) and not selected & set(requirements_of(item))]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]
    items.sort(key=lambda item: item.get_closest_marker("waits_long") is None)
