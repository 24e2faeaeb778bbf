from __future__ import annotations

from pathlib import Path

import pytest

from kafka_conformance.harness.deviations import load_deviations
from kafka_conformance.harness.errors import UsageError
from kafka_conformance.harness.requirements import Catalogue, Level, Requirement, Source

CATALOGUE = Catalogue([Requirement("produce/acks", Level.MUST, "Sentence.", (Source(kip=1),))])


def test_a_deviation_has_a_requirement_and_a_reason(tmp_path: Path) -> None:
    file = tmp_path / "expect.toml"
    file.write_text('[[deviation]]\nid = "produce/acks"\nreason = "issue 17"\n')

    assert load_deviations(file, CATALOGUE) == {"produce/acks": "issue 17"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[deviation]]\nid = "produce/ackz"\nreason = "r"', "Did you mean 'produce/acks'"),
        ('[[deviation]]\nid = "produce/acks"', "id and reason"),
        ('[[deviation]]\nid = "produce/acks"\nreason = " "', "reason: "),
        ('[[deviation]]\nid = 3\nreason = "r"', "id: "),
        ('[[deviation]]\nid = "produce/acks"\nreason = "r"\n' * 2, "there twice"),
        ("deviation = 3", "expected known deviations"),
        ("other = 3", "expected known deviations"),
        ("deviation", "cannot be read"),
    ],
)
def test_a_faulty_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "expect.toml"
    file.write_text(text)

    with pytest.raises(UsageError, match=message) as caught:
        load_deviations(file, CATALOGUE)

    assert str(file) in str(caught.value)
