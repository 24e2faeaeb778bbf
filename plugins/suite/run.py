"""A run: pytest over the installed suites, apart from whatever pytest is configured to do where the user stands."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from kafka_conformance.harness.configuration import Configuration
from kafka_conformance.harness.deviations import load_deviations
from kafka_conformance.harness.errors import ExitStatus, InternalError, UsageError
from kafka_conformance.harness.registry import Registry
from kafka_conformance.harness.selection import select
from kafka_conformance.harness.verdicts import Run, exit_status
from kafka_conformance.plugins.suite.collection import REGISTRY, attach, session_of
from kafka_conformance.plugins.suite.collector import Collector, Handler
from kafka_conformance.plugins.suite.files import ReportFiles

_PLUGINS = ("kafka_conformance.plugins.pytest_plugin", "_hypothesis_pytestplugin")
_OFF = ("terminal", "cacheprovider", "stepwise", "junitxml", "pastebin")


@dataclass
class SuiteRun:
    """One run; a plugin of the pytest session that it starts.

    `exhaustive` False: the first violation ends it, as it was found, for those who only ask whether there is one.
    """

    configuration: Configuration
    registry: Registry
    handlers: Sequence[Handler] = ()
    command: str = ""
    node_ids: Sequence[str] = ()
    plugins: Sequence[object] = ()
    exhaustive: bool = True
    result: Run = field(default_factory=Run)
    _files: ReportFiles | None = None

    def execute(self) -> int:
        """Runs, and returns the exit status. Raises UsageError before anything is started or overwritten."""
        self._check()
        if self.configuration.report is not None:
            self._files = ReportFiles(self.configuration.report)
        with _undisturbed():
            status = pytest.main(self._arguments(), plugins=[self, *self.plugins])
        if status == pytest.ExitCode.USAGE_ERROR:
            return int(ExitStatus.USAGE)
        if status == pytest.ExitCode.INTERNAL_ERROR:
            raise InternalError("pytest ended with an internal error")
        return int(exit_status(self.result))

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """What the session of this process is to do, and who follows it."""
        config.stash[REGISTRY] = self.registry
        session = session_of(config)
        session.shrinking = self.exhaustive
        handlers = list(self.handlers)
        collector = Collector(session, handlers, command=self.command)
        if self._files is not None:
            collector.follow(self._files)
            collector.when_ended(self._files.finish)
        self.result = collector.run
        attach(config, collector)

    def _check(self) -> None:
        configuration, origins = self.configuration, self.configuration.origins
        self.registry.target(configuration.target, where=origins["target"])
        for name in configuration.clients:
            self.registry.client(name, where=origins["client"])
        select(self.registry.catalogue, configuration.select, where=origins["select"])
        if configuration.expect is not None:
            load_deviations(configuration.expect, self.registry.catalogue)

    def _places(self) -> list[str]:
        if not self.node_ids:
            return ["--pyargs", *self.registry.suites]
        return [str(Path(root()) / node_id) for node_id in self.node_ids]

    def _arguments(self) -> list[str]:
        configuration = self.configuration
        arguments = [*self._places(), "-c", os.devnull, "--rootdir", root()]
        arguments += [word for name in _PLUGINS for word in ("-p", name)]
        arguments += [word for name in _OFF for word in ("-p", f"no:{name}")]
        arguments += [f"--kafka-target={configuration.target}", f"--kafka-client={configuration.client}"]
        arguments += [f"--kafka-profile={configuration.profile}", f"--kafka-select={configuration.select}"]
        if configuration.seed is not None:
            arguments += ["--kafka-seed", str(configuration.seed)]
        if configuration.report is not None:
            arguments += ["--kafka-report", str(configuration.report)]
        if configuration.expect is not None:
            arguments += ["--kafka-expect", str(configuration.expect)]
        arguments += [] if self.exhaustive else ["-x"]
        return arguments + _parallel(configuration.workers or 1)


def _parallel(workers: int) -> list[str]:
    if workers == 1:
        return []
    if find_spec("xdist") is None:
        needed = "pip install 'kafka-conformance[parallel]'"
        raise UsageError(f"more than one needs pytest-xdist: {needed}", key="workers", value=workers)
    # Workers that have nothing left take from the others: cases differ a thousandfold in what they wait for.
    return ["-p", "xdist", "-n", str(workers), "--dist", "worksteal"]


def root() -> str:
    """The package's directory: node ids are relative to it, so that they are the same wherever it is installed."""
    [path] = import_module("kafka_conformance").__path__
    return str(Path(path))


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Without pytest plugins and options that are meant for the user's own tests."""
    changed = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": None, "PYTEST_PLUGINS": None}
    before = {name: os.environ.get(name) for name in changed}
    _set(changed)
    try:
        yield
    finally:
        _set(before)


def _set(variables: dict[str, str | None] | dict[str, str]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
