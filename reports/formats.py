"""The reports by name: what `--report DIR` writes beside the NDJSON and what `report FILE --format` prints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kafka_conformance.harness.errors import UsageError, did_you_mean
from kafka_conformance.harness.verdicts import Run
from kafka_conformance.reports.html import render_html
from kafka_conformance.reports.junit import render_junit
from kafka_conformance.reports.markdown import render_markdown

NDJSON_FILE = "report.ndjson"


@dataclass(frozen=True, slots=True)
class Format:
    """A report that is one text made from a whole run, and the name of its file."""

    file_name: str
    render: Callable[[Run], str]


FORMATS: Mapping[str, Format] = {
    "html": Format("report.html", render_html),
    "junit": Format("junit.xml", render_junit),
    "markdown": Format("summary.md", render_markdown),
}


def format_named(name: str) -> Format:
    """The format; raises UsageError for an unknown name."""
    if name not in FORMATS:
        message = f"no such format.{did_you_mean(name, FORMATS)}"
        raise UsageError(message, key="format", value=name, allowed=", ".join(FORMATS))
    return FORMATS[name]


def write_reports(run: Run, directory: Path, names: Iterable[str] = tuple(FORMATS)) -> list[Path]:
    """Writes the reports into the directory, which is made if it is not there, and returns their paths.

    Raises OSError; a report that could not be written as a whole is not there then.
    """
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for chosen in map(format_named, names):
        path = directory / chosen.file_name
        text = chosen.render(run)
        try:
            path.write_text(text, encoding="utf-8", newline="\n")
        except OSError:
            path.unlink(missing_ok=True)
            raise
        written.append(path)
    return written
