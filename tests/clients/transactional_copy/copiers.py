"""Copiers as processes: how the program of each library is started, and what became of those that ended."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from kafka_conformance.harness.errors import TargetError
from kafka_conformance.plugins.targets.kafka import find_java
from tests.apache_kafka import jars_of
from tests.clients.transactional_copy.copying import FENCED, GAVE_UP, Told

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
GO_WITHIN_S = 600
END_WITHIN_S = 60
MOST_GAVE_UP = 20


class Unavailable(Exception):
    """The library, or what it needs, is not on this machine; the text says what."""


def _python(package: str, module: str) -> list[str]:
    if find_spec(package) is None:
        raise Unavailable(f"{package} is not installed")
    return [sys.executable, "-m", f"{__package__}.{module}"]


@cache
def _java() -> list[str]:
    """The command of a compiled copier: each start compiles nothing. Raises Unavailable."""
    try:
        java, classpath = find_java(), ":".join(jars_of("kafka-clients"))
    except TargetError as error:
        raise Unavailable(str(error)) from error
    classes = _built()
    compiler = [java, "-m", "jdk.compiler/com.sun.tools.javac.Main"]
    subprocess.run([*compiler, "-cp", classpath, "-d", classes, HERE / "Copier.java"], check=True)
    quick = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xmx128m"]
    quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
    return [java, *quick, quiet, "-cp", f"{classes}:{classpath}", "Copier"]


@cache
def _franz_go() -> list[str]:
    """The command of a built copier. Raises Unavailable."""
    go = shutil.which("go")
    if go is None:
        raise Unavailable("no go on PATH")
    module, binary = HERE / "franz_go", _built() / "copier"
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"}
    fetched = subprocess.run(
        [go, "mod", "download"], cwd=module, env=environment, capture_output=True, text=True, timeout=GO_WITHIN_S
    )
    if fetched.returncode:
        raise Unavailable(f"franz-go cannot be had: {fetched.stderr.strip()}")
    # Without inlining: a build from nothing takes a quarter less.
    build = [go, "build", "-gcflags=all=-l", "-o", binary, "."]
    subprocess.run(build, cwd=module, env=environment, check=True, timeout=GO_WITHIN_S)
    return [str(binary)]


@cache
def _built() -> Path:
    """Where this process leaves what it compiles."""
    directory = tempfile.TemporaryDirectory(prefix="kafka-conformance-copiers-")
    _kept.append(directory)
    return Path(directory.name)


_kept: list[tempfile.TemporaryDirectory[str]] = []

COPIERS: Mapping[str, Callable[[], Sequence[str]]] = {
    "confluent": lambda: _python("confluent_kafka", "confluent_copier"),
    "kafka-python": lambda: _python("kafka", "kafka_python_copier"),
    "aiokafka": lambda: _python("aiokafka", "aiokafka_copier"),
    "java": _java,
    "franz-go": _franz_go,
}
"""The command of each library's copier; what it needs is compiled at the first call. Raise Unavailable."""


class Copier:
    """One process."""

    def __init__(self, command: Sequence[str], told: Told, log: Path) -> None:
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [*command, *told],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                cwd=ROOT,
                start_new_session=True,
            )

    @property
    def ended(self) -> int | None:
        """The exit status; None while it runs."""
        return self._process.poll()

    def signal(self, number: signal.Signals) -> None:
        os.killpg(self._process.pid, number)

    def kill(self) -> None:
        """End it without warning, unless it has ended."""
        if self.ended is None:
            self.signal(signal.SIGKILL)
        self._process.communicate()

    def stop(self) -> int:
        """Ask it to end, and wait for it; the exit status."""
        self._process.communicate(timeout=END_WITHIN_S)
        return self._process.returncode

    def output(self) -> str:
        return self._log.read_text(errors="replace")


class Copiers:
    """The copiers of one transactional id: one that is current, started again when its library gives up."""

    def __init__(self, command: Sequence[str], told: Told, directory: Path) -> None:
        self._command = command
        self._told = told
        self._directory = directory
        self._all: list[Copier] = []
        self.gave_up = 0
        self.current = self.start()

    def start(self) -> Copier:
        """Start another, which becomes the current one."""
        number = len(self._all) + 1
        self.current = Copier(self._command, self._told, self._directory / f"copier-{number}.log")
        self._all.append(self.current)
        return self.current

    def tend(self) -> bool:
        """Start another where the current one gave up, and tell if so; an end of any other kind is an error."""
        status = self.current.ended
        if status is None:
            return False
        assert status in (GAVE_UP, FENCED), f"a copier ended with {status}:\n{self.evidence()}"
        self.gave_up += 1
        assert self.gave_up <= MOST_GAVE_UP, f"copiers give up again and again:\n{self.evidence()}"
        self.start()
        return True

    def end(self) -> None:
        """End all that are left without ceremony."""
        for copier in self._all:
            copier.kill()

    def evidence(self) -> str:
        """The end of what each wrote."""
        return "\n".join(f"-- copier {n}\n{c.output()[-6000:]}" for n, c in enumerate(self._all, 1))
