"""A subcommand of `kafka-conformance`, as a plugin adds one."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import NamedTuple


class Command(NamedTuple):
    """Its name, a sentence for the list, and two functions.

    `configure` declares its arguments. `run` returns the exit status; a HarnessError that it raises is printed and
    becomes the status of its kind.
    """

    name: str
    summary: str
    configure: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]
