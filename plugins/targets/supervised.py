"""A child process that never outlives us, and its working directory that goes with it.

A guardian, a shell of five lines in a session of its own, holds the other end of a pipe. When we end, in whatever way
(also by SIGKILL), the pipe closes; it then kills the process group that it was last told of and removes the directory.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from kafka_conformance.harness.errors import TargetError

_GUARDIAN = """
while read -r group; do last=$group; done
[ -n "$last" ] && kill -s KILL -- "-$last" 2>/dev/null
rm -rf -- "$1"
"""
STOP_WITHIN_S = 20.0
EVIDENCE_BYTES = 6_000


class Supervised:
    """A working directory, and at most one process in it."""

    def __init__(self, prefix: str) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix=f"kafka-conformance-{prefix}-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._guardian = subprocess.Popen(
            ["/bin/sh", "-c", _GUARDIAN, "guardian", str(self.directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def log_path(self) -> Path:
        """What the process wrote on both of its outputs, over all its starts."""
        return self.directory / "output.log"

    def start(self, command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> None:
        """Starts the process. Raises TargetError where the command cannot be run."""
        with self.log_path.open("ab") as log:
            try:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=self.directory,
                    env={**os.environ, **(environment or {})},
                    start_new_session=True,
                )
            except OSError as error:
                raise TargetError("start", f"{command[0]}: {error.strerror}") from error
        self._tell(str(self._process.pid))

    def ended(self) -> int | None:
        """The exit status of a process that ended by itself, or None while it runs or never started."""
        return None if self._process is None else self._process.poll()

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to the process and all its children."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def stop(self, *, within_s: float = STOP_WITHIN_S) -> None:
        """Asks it to end (SIGTERM), and ends it if it does not; no process is left afterwards."""
        if self._process is None:
            return
        self.signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(within_s)
        self.kill()

    def kill(self) -> None:
        """Ends it without warning (SIGKILL)."""
        if self._process is None:
            return
        self.signal(signal.SIGKILL)
        self._process.wait()
        self._tell("")
        self._process = None

    def dispose(self) -> None:
        """Ends the process without ceremony and removes the directory. May be called more than once."""
        self.kill()
        if self._guardian.poll() is None:
            self._guardian.communicate()  # closes its pipe; it removes the directory
        shutil.rmtree(self.directory, ignore_errors=True)

    def evidence(self) -> str:
        """The end of what the process wrote."""
        with contextlib.suppress(OSError):
            return self.log_path.read_bytes()[-EVIDENCE_BYTES:].decode("utf-8", "replace")
        return ""

    def _tell(self, group: str) -> None:
        assert self._guardian.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._guardian.stdin.write(f"{group}\n".encode())
            self._guardian.stdin.flush()
