"""The files of a report: NDJSON as the run goes, the others when it has ended."""

from __future__ import annotations

import contextlib
from pathlib import Path

from kafka_conformance.harness.errors import ReportError, UsageError
from kafka_conformance.harness.events import Event
from kafka_conformance.harness.verdicts import Run
from kafka_conformance.plugins.suite.evidence import REPLAYS
from kafka_conformance.plugins.suite.session import TARGET_LOG
from kafka_conformance.reports.formats import FORMATS, NDJSON_FILE, write_reports
from kafka_conformance.reports.ndjson import NdjsonWriter


class ReportFiles:
    """Follows a run. What an earlier run left in the directory under our names is replaced, nothing else touched."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        try:
            directory.mkdir(parents=True, exist_ok=True)
            for name in (NDJSON_FILE, TARGET_LOG, *(entry.file_name for entry in FORMATS.values())):
                (directory / name).unlink(missing_ok=True)
            for replay in (directory / REPLAYS).glob("*.json"):
                replay.unlink()
            self._ndjson = NdjsonWriter(directory / NDJSON_FILE)
        except OSError as error:
            raise UsageError(f"cannot be written: {error.strerror}", key="report", where=str(directory)) from error

    def handle(self, event: Event) -> None:
        """Writes the next line. Raises ReportError."""
        try:
            self._ndjson.handle(event)
        except OSError as error:
            with contextlib.suppress(OSError):
                self._ndjson.close()
            raise self._unwritable(error) from error

    def finish(self, run: Run) -> None:
        """Writes what needs the whole run, complete or not. Raises ReportError."""
        try:
            self._ndjson.close()
            write_reports(run, self._directory)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> ReportError:
        return ReportError(f"{self._directory}: report: cannot be written: {error.strerror}")
