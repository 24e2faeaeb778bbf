"""`kafka-conformance run`: judges a target."""

from __future__ import annotations

import os
import shlex
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from typing_extensions import override

from kafka_conformance.harness.command import Command
from kafka_conformance.harness.configuration import BY_NAME, SETTINGS, Configuration, configure, find_pyproject
from kafka_conformance.harness.errors import ExitStatus, ReportError
from kafka_conformance.harness.events import Event

if TYPE_CHECKING:
    from kafka_conformance.harness.registry import Registry
    from kafka_conformance.harness.verdicts import Run

DEFAULT_REPORT = Path("kafka-conformance-report")


def configure_parser(parser: ArgumentParser) -> None:
    """One option for each setting, and --json."""
    for setting in SETTINGS:
        default = "" if setting.default in (None, "") else f" Default: {setting.default}."
        parser.add_argument(f"--{setting.name}", metavar=setting.metavar, help=f"{setting.sentence}{default}")
    parser.add_argument("--json", action="store_true", help="Print the events of the run as NDJSON.")


def run(options: Namespace) -> int:
    """Runs the installed suites and returns the exit status."""
    from kafka_conformance.plugins.builtin import make_registry
    from kafka_conformance.plugins.suite.run import SuiteRun

    configuration, registry = configuration_of(options), make_registry()
    if configuration.workers is None:
        configuration = replace(configuration, workers=workers_for(configuration.target, registry))
    with standard_output() as file:
        view: _Lines | _View = _Lines(file) if options.json else _View(file)
        suite = SuiteRun(configuration, registry, [view], command=shown_command())
        status = suite.execute()
        if isinstance(view, _View) and status != ExitStatus.USAGE and not view.unwritable:
            view.finish(suite.result, configuration.report)
    if view.unwritable or (options.json and suite.result.footer is None):
        sys.stderr.writelines(f"kafka-conformance run: {problem}\n" for problem in suite.result.problems)
    return status


def configuration_of(options: Namespace) -> Configuration:
    """Command line over environment over pyproject.toml; the report has a default place here. Raises UsageError."""
    given = {name: getattr(options, name, None) for name in BY_NAME}
    configuration = configure(given, os.environ, find_pyproject(Path.cwd()))
    return configuration if configuration.report is not None else replace(configuration, report=DEFAULT_REPORT)


def workers_for(target: str, registry: Registry) -> int:
    """How many processes judge a target unless told: two of a broker that each of them has in its own memory.

    One within a worker of pytest-xdist, which starts no workers of its own.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        return 1
    kind = registry.targets.get(target.partition(":")[0])
    embedded = kind is not None and "mutants" in kind.capabilities and "data=" not in target
    return min(2, os.cpu_count() or 1) if embedded and find_spec("xdist") is not None else 1


@contextmanager
def standard_output() -> Iterator[TextIO]:
    """Our own handle of the standard output: pytest captures the other one while cases run."""
    sys.stdout.flush()
    file = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="backslashreplace", buffering=1)
    try:
        yield file
    finally:
        with suppress(OSError):  # of each line it was told
            file.close()


def shown_command() -> str:
    """The command line as it was given, for the report."""
    return shlex.join(["kafka-conformance", *sys.argv[1:]])


class _Output:
    """Something on the standard output that follows a run."""

    unwritable = False

    def handle(self, event: Event) -> None:
        """Shows the next event. Raises ReportError."""
        try:
            self._show(event)
        except OSError as error:
            self.unwritable = True
            raise ReportError(f"standard output: cannot be written: {error.strerror}") from error

    def _show(self, event: Event) -> None:
        raise NotImplementedError


class _Lines(_Output):
    """Prints each event as a line of JSON."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    @override
    def _show(self, event: Event) -> None:
        from kafka_conformance.reports.ndjson import encode_line

        self._file.write(encode_line(event))
        self._file.flush()


class _View(_Output):
    """The terminal: progress, then the summary, which an interrupted run gets too."""

    def __init__(self, file: TextIO) -> None:
        from rich.console import Console

        from kafka_conformance.reports.terminal import TerminalReport

        self._report = TerminalReport(Console(file=file, highlight=False))

    @override
    def _show(self, event: Event) -> None:
        self._report.handle(event)

    def finish(self, run: Run, directory: Path | None) -> None:
        from kafka_conformance.reports.terminal import print_run

        self._report.close()
        if run.footer is None:
            print_run(run, self._report.console)
        page = None if directory is None else directory / "report.html"
        if page is not None and page.is_file():
            self._report.console.print(f"report: {page}", soft_wrap=True)


COMMAND = Command("run", "Judge a target against the requirements.", configure_parser, run)
