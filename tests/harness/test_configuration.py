"""Settings: command line over environment over pyproject.toml over default, and each error says where it was set."""

from __future__ import annotations

from pathlib import Path

import pytest

from kafka_conformance.harness.configuration import SETTINGS, configure, find_pyproject, read_table
from kafka_conformance.harness.errors import UsageError


def pyproject(directory: Path, text: str) -> Path:
    path = directory / "pyproject.toml"
    path.write_text(text)
    return path


def test_command_line_over_environment_over_file_over_default(tmp_path: Path) -> None:
    path = pyproject(tmp_path, '[tool.kafka-conformance]\ntarget = "f"\nclient = "f"\nprofile = "quick"\nseed = 3\n')
    environment = {"KAFKA_CONFORMANCE_TARGET": "e", "KAFKA_CONFORMANCE_CLIENT": "e"}

    found = configure({"target": "o", "client": None}, environment, path)

    assert (found.target, found.client, found.profile, found.seed, found.workers) == ("o", "e", "quick", 3, None)
    assert found.origins["target"] == "--target"
    assert found.origins["client"] == "KAFKA_CONFORMANCE_CLIENT"
    assert found.origins["profile"] == f"{path}: [tool.kafka-conformance]"
    assert found.origins["workers"] == "default"


@pytest.mark.parametrize(
    ("given", "environment", "expected"),
    [
        ({"seed": "x"}, {}, "--seed: seed: expected a number, not 'x' (allowed: 0 to 9223372036854775807)"),
        ({}, {"KAFKA_CONFORMANCE_WORKERS": "0"}, "KAFKA_CONFORMANCE_WORKERS: workers: expected a number, not '0'"),
        ({"profile": "quik"}, {}, "--profile: profile: no such profile. Did you mean 'quick'?"),
        ({"target": " "}, {}, "--target: target: expected some text"),
    ],
)
def test_a_bad_value_names_its_place(given: dict[str, object], environment: dict[str, str], expected: str) -> None:
    with pytest.raises(UsageError) as caught:
        configure(given, environment, None)
    assert str(caught.value).startswith(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[tool.kafka-conformance\n", "cannot be read"),
        ("[tool.kafka-conformance]\ntargt = 'x'\n", "Did you mean 'target'?"),
        ("[tool.kafka-conformance]\nworkers = true\n", "expected text or a number, not True"),
        ("[tool]\nkafka-conformance = 3\n", "expected a table, not 3"),
    ],
)
def test_a_bad_pyproject_is_named(tmp_path: Path, text: str, expected: str) -> None:
    path = pyproject(tmp_path, text)
    with pytest.raises(UsageError) as caught:
        configure({}, {}, path)
    assert str(path) in str(caught.value)
    assert expected in str(caught.value)


def test_the_nearest_pyproject_counts(tmp_path: Path) -> None:
    path = pyproject(tmp_path, "[project]\nname = 'x'\n")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert find_pyproject(below) == path
    assert read_table(path) == {}


def test_every_setting_has_a_sentence_and_a_default_that_parses() -> None:
    for setting in SETTINGS:
        assert setting.sentence.endswith(".")
        if setting.default is not None:
            setting.parse(setting.default)
