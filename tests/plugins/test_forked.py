"""Forked children: results come back, whatever becomes of them."""

from __future__ import annotations

import os
import signal
import time

from kafka_conformance.plugins.mutation.forked import map_forked


def test_results_and_errors_come_back_and_children_run_side_by_side() -> None:
    def work(number: int) -> object:
        if number == 2:
            raise ValueError("two")
        if number == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        if number == 4:
            os._exit(9)
        return {"pid": os.getpid(), "number": number}

    found = dict(map_forked(range(6), work, processes=2, within_s=30))

    assert found[0]["number"] == 0
    assert found[5]["number"] == 5
    assert os.getpid() not in {found[0]["pid"], found[1]["pid"], found[5]["pid"]}
    assert found[2] == {"error": "ValueError: two"}
    assert found[3] == {"error": "its process ended with status -9"}
    assert found[4] == {"error": "its process ended with status 9"}


def test_a_child_that_says_nothing_in_time_is_ended() -> None:
    began = time.monotonic()
    [(_, result)] = map_forked([1], lambda _: signal.pause(), processes=1, within_s=0.2)
    assert result == {"error": f"its process ended with status -{int(signal.SIGALRM)}"}
    assert time.monotonic() - began < 10


def test_children_that_are_not_waited_for_are_ended() -> None:
    children = map_forked([0, 600], lambda seconds: time.sleep(seconds), processes=2, within_s=900)
    assert next(children) == (0, None)
    children.close()
