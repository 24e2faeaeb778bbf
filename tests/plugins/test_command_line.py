"""The command `kafka-conformance` itself."""

from __future__ import annotations

import pytest

from kafka_conformance import __version__
from kafka_conformance.plugins.commands import COMMANDS, main


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"kafka-conformance {__version__}\n"


def test_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert f"  serve         {COMMANDS['serve']}\n" in capsys.readouterr().out


def test_no_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert capsys.readouterr().err.startswith("usage: kafka-conformance COMMAND")


def test_an_unknown_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sevre"]) == 2
    assert "there is no command 'sevre'" in capsys.readouterr().err


def test_a_command_tells_about_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--help"]) == 0
    assert "bootstrap.servers=HOST:PORT" in capsys.readouterr().out
