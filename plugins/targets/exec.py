"""`exec:COMMAND`: a broker that a command starts here, such as `exec:some-broker --listen {host}:{port}`.

The command is split as a shell would, and run without one. It is to stay in the foreground.
"""

from __future__ import annotations

import shlex
import string
from collections.abc import Sequence
from typing import ClassVar

from typing_extensions import override

from kafka_conformance.harness.errors import TargetError, UsageError
from kafka_conformance.harness.readiness import free_port, wait_until_ready
from kafka_conformance.harness.target import Address, Target
from kafka_conformance.plugins.targets.supervised import Supervised

HOST = "127.0.0.1"
START_WITHIN_S = 60.0
PLACEHOLDERS = ("host", "port", "directory")


class ExecTarget(Target):
    """Somebody's broker as a child process; it gets a free port and an empty directory, and is ended with us."""

    can_start_again: ClassVar[bool] = True

    def __init__(self, name: str, command: Sequence[str]) -> None:
        super().__init__(name)
        self._command = command
        self._supervised: Supervised | None = None
        self._address: Address = (HOST, 0)

    @property
    @override
    def bootstrap(self) -> Sequence[Address]:
        return (self._address,)

    @override
    def start(self) -> None:
        self._address = HOST, free_port(HOST)
        self._supervised = Supervised("exec")
        values = {"host": HOST, "port": str(self._address[1]), "directory": str(self._supervised.directory)}
        try:
            self._supervised.start([word.format_map(values) for word in self._command])
            wait_until_ready(self, self._address, within_s=START_WITHIN_S)
        except TargetError as error:
            end = "\n".join(self.evidence().splitlines()[-15:])
            self.stop()
            raise TargetError(error.step, f"{error.message}\n{end}".rstrip()) from error
        except BaseException:
            self.stop()
            raise

    @override
    def stop(self) -> None:
        if self._supervised is not None:
            self._supervised.dispose()

    @override
    def problem(self) -> str | None:
        status = None if self._supervised is None else self._supervised.ended()
        return None if status is None else f"{self._command[0]} ended with status {status}"

    @override
    def evidence(self) -> str:
        return "" if self._supervised is None else self._supervised.evidence()


def create(argument: str, name: str) -> ExecTarget:
    """From a command with {port} in it. Raises UsageError."""
    try:
        command = shlex.split(argument)
        fields = {field for word in command for _, field, _, _ in string.Formatter().parse(word) if field is not None}
    except ValueError as error:
        raise UsageError(f"cannot be read: {error}", key="exec", value=argument) from None
    if not command:
        raise UsageError("expected a command", key="exec", allowed="exec:COMMAND")
    if "port" not in fields or fields - set(PLACEHOLDERS):
        allowed = "{port} at least, {host} and {directory}; a brace is {{"
        raise UsageError("expected placeholders", key="exec", value=argument, allowed=allowed)
    return ExecTarget(name, command)
