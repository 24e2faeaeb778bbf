from __future__ import annotations

from pathlib import Path

import pytest

from kafka_conformance.harness.errors import UsageError
from kafka_conformance.reports.formats import FORMATS, format_named, write_reports
from tests.reports import samples


def test_reports_are_written_into_a_directory(tmp_path: Path) -> None:
    written = write_reports(samples.run(), tmp_path / "out" / "today")

    assert [path.name for path in written] == ["report.html", "junit.xml", "summary.md"]
    for path, chosen in zip(written, FORMATS.values(), strict=True):
        assert path.read_text(encoding="utf-8") == chosen.render(samples.run())


def test_an_unknown_format_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="Did you mean 'html'"):
        format_named("htm")
