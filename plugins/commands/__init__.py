"""The command `kafka-conformance`. Only the subcommand that is asked for is imported: `serve` must start fast."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from os import get_terminal_size
from os.path import dirname, exists, join
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from argparse import HelpFormatter

    from kafka_conformance.harness.command import Command
    from kafka_conformance.harness.errors import HarnessError

USAGE_STATUS = 2
COLUMNS_WITHOUT_TERMINAL = 80

COMMANDS = {
    "run": "judge a target against the requirements",
    "serve": "serve a reference cluster",
    "requirements": "list the requirements, or show one",
    "targets": "list the targets that are installed",
    "clients": "list the clients that are installed",
    "replay": "run a recorded counterexample again",
    "check": "check a recorded history for anomalies",
    "schedules": "play fault schedules on the reference broker in virtual time",
    "mutants": "list the named defects, and which of them the suite kills",
}
"""Those that are built in, each a module of this package with a COMMAND; plugins add others."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the subcommand that the first word names; return the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words:
        _print_help(sys.stderr)
        return USAGE_STATUS
    if words[0] in ("-h", "--help"):
        _print_help(sys.stdout)
        return 0
    if words[0] == "--version":
        from kafka_conformance import __version__

        sys.stdout.write(f"kafka-conformance {__version__}\n")
        return 0
    command = _find(words[0])
    if command is None:
        names = ", ".join(_built_in())
        sys.stderr.write(f"kafka-conformance: there is no command {words[0]!r} (there are: {names})\n")
        return USAGE_STATUS
    return _run(command, words[1:])


def _run(command: Command, words: list[str]) -> int:
    from argparse import ArgumentParser

    parser = ArgumentParser(
        f"kafka-conformance {command.name}",
        description=command.summary,
        formatter_class=_help_formatter,
        allow_abbrev=False,
    )
    command.configure(parser)
    try:
        return command.run(parser.parse_args(words))
    except SystemExit as ended:  # argparse has said what is wrong
        return ended.code if isinstance(ended.code, int) else USAGE_STATUS
    except KeyboardInterrupt:
        return 130
    except _harness_error() as error:
        sys.stderr.write(f"kafka-conformance {command.name}: {error}\n")
        return int(error.exit_status)


def _help_formatter(prog: str) -> HelpFormatter:
    """Ask the terminal itself how wide it is: argparse makes a formatter at each start, and would import shutil."""
    from argparse import RawDescriptionHelpFormatter

    try:
        columns = get_terminal_size().columns
    except OSError:  # not a terminal
        columns = COLUMNS_WITHOUT_TERMINAL
    return RawDescriptionHelpFormatter(prog, width=columns - 2)


def _harness_error() -> type[HarnessError]:
    from kafka_conformance.harness.errors import HarnessError

    return HarnessError


def _built_in() -> list[str]:
    return [name for name in COMMANDS if exists(join(dirname(__file__), f"{name}.py"))]


def _find(name: str) -> Command | None:
    if name in _built_in():
        found: Command = import_module(f"{__name__}.{name}").COMMAND
        return found
    from kafka_conformance.plugins.builtin import make_registry

    return make_registry().commands.get(name)


def _print_help(file: TextIO) -> None:
    width = max(map(len, COMMANDS))
    lines = "".join(f"  {name:{width}}  {COMMANDS[name]}\n" for name in _built_in())
    file.write(
        "usage: kafka-conformance COMMAND ...\n\n"
        f"Does this Kafka behave like Kafka?\n\ncommands:\n{lines}\n"
        "kafka-conformance COMMAND --help tells about one of them; --version prints the version.\n"
        "Exit status: 0 all held, 1 a violation, 2 usage, 3 could not judge.\n"
    )
