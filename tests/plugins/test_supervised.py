"""A supervised process never outlives us, and its directory goes with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kafka_conformance.harness.blocking import Blocking
from kafka_conformance.harness.subject.waiting import eventually
from kafka_conformance.plugins.targets.supervised import Supervised


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    """Waits for something to become true."""
    import asyncio

    loop = asyncio.new_event_loop()

    def wait(look: Callable[[], object]) -> None:
        eventually(Blocking(loop), look, within_s=10, what="it")

    return wait


def test_stop_and_dispose_leave_nothing(until: Callable[[Callable[[], object]], None]) -> None:
    supervised = Supervised("test")
    supervised.start(["/bin/sh", "-c", "echo $$; echo told; sleep 600 & wait"])
    until(lambda: "told" in supervised.evidence())
    child = int(supervised.evidence().split()[0])
    assert supervised.ended() is None

    supervised.stop(within_s=5)
    assert not exists(child)

    supervised.start(["/bin/sleep", "600"])
    supervised.dispose()
    supervised.dispose()
    assert not supervised.directory.exists()


def test_a_process_that_ends_by_itself_is_noticed(until: Callable[[Callable[[], object]], None]) -> None:
    supervised = Supervised("test")
    supervised.start(["/bin/sh", "-c", "exit 5"])
    until(lambda: supervised.ended() is not None)
    assert supervised.ended() == 5
    supervised.dispose()


def test_when_we_are_killed_everything_goes(tmp_path: Path, until: Callable[[Callable[[], object]], None]) -> None:
    script = (
        "from kafka_conformance.plugins.targets.supervised import Supervised\n"
        "s = Supervised('test'); s.start(['/bin/sh', '-c', 'echo $$; sleep 600 & wait'])\n"
        "print(s.directory, flush=True)\n"
        "import signal; signal.pause()\n"
    )
    us = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert us.stdout is not None
    directory = Path(us.stdout.readline().strip())
    until(lambda: (directory / "output.log").read_text().strip())
    child = int((directory / "output.log").read_text())

    us.send_signal(signal.SIGKILL)
    us.wait()
    us.stdout.close()

    until(lambda: not exists(child))
    until(lambda: not directory.exists())


def exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie that init has not reaped yet is gone, too.
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
