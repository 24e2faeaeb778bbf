"""Sends a recording again and says where the answers differ."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby

from kafka_conformance.harness.replay.comparing import difference
from kafka_conformance.harness.replay.recording import Recording, Step, last_attempts
from kafka_conformance.harness.replay.renaming import Renaming
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.harness.subject.connection import Answer, Connection
from kafka_conformance.harness.wire.errors import ConnectionClosed, NoAnswer, UnexpectedAnswer, WireError
from kafka_conformance.harness.wire.summary import api_name, decode_answer, request_key
from kafka_conformance.protocol.errors import ProtocolError
from kafka_conformance.protocol.layout import Message

POLL_WITHIN_S = 10.0
ANSWER_WITHIN_S = 15.0
"""Beyond what it took when it was recorded."""
_NOTICED_MS = 20.0
"""A pause in the recording that is shorter is how long answers took, and not meant."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """An answer that differs: to which step, and how."""

    step: Step
    what: str

    def __str__(self) -> str:
        return f"{self.step.connection}, {api_name(self.step.request)} at {self.step.at_ms:g} ms: {self.what}"


class Player:
    """Plays one recording on one cluster."""

    def __init__(self, cluster: Cluster, recording: Recording) -> None:
        self._cluster = cluster
        self._recording = recording
        self._renaming = Renaming()
        self._connections: dict[str, Connection] = {}
        self._owed: list[tuple[Step, Answer[bytes]]] = []
        self._silent: list[tuple[Step, Answer[bytes]]] = []
        self._began_s = 0.0
        self.deviations: list[Deviation] = []

    def play(self, *, to_the_end: bool = True) -> list[Deviation]:
        """Sends everything and returns where answers differ, in order; none: the same finding again.

        `to_the_end` False: only up to the first that differs, for those who would try again.
        """
        self._began_s = self._cluster.blocking.now_s()
        for poll, group in groupby(self._recording.steps, key=lambda step: step.poll):
            for steps in [list(group)] if poll else [[step] for step in group]:
                self._take(steps)
                if self.deviations and not to_the_end:
                    return self.deviations
        self._settle(self._owed)
        self._wait_until(self._recording.ended_ms)
        self._check_ends()
        return self.deviations

    # one step, or one question that was asked until it was true

    def _take(self, steps: list[Step]) -> None:
        asked = steps[0].poll
        if asked:
            steps = self._ask_earlier(steps)
        self._settle(self._owed_before(steps[0]))
        self._wait_until(steps[0].at_ms)
        if asked:
            self._play_until_as_recorded(steps)
        else:
            self._start(steps[0])

    def _start(self, step: Step) -> None:
        if step.fault:
            {"kill": self._cluster.kill, "restart": self._cluster.restart}[step.fault](step.node)
            self._connections.clear()
            return
        try:
            connection = self._connection(step)
            frame = self._renaming.rename(step.request)
            if not step.awaited:
                connection.write(frame)
            elif step.answer is None:
                self._silent.append((step, connection.start_frame(frame)))
            else:
                self._owed.append((step, connection.start_frame(frame)))
        except WireError as error:
            self.deviations.append(Deviation(step, str(error)))

    def _settle(self, owed: Sequence[tuple[Step, Answer[bytes]]]) -> None:
        for step, answer in list(owed):
            self._owed = [entry for entry in self._owed if entry[1] is not answer]
            what = self._compare(step, answer)
            if what is not None:
                self.deviations.append(Deviation(step, what))

    def _owed_before(self, step: Step) -> list[tuple[Step, Answer[bytes]]]:
        """Those that had been answered when this step was taken: what it sends may rest on them."""
        return [entry for entry in self._owed if (entry[0].answered_ms or 0.0) <= step.at_ms]

    def _ask_earlier(self, steps: Sequence[Step]) -> list[Step]:
        """Asks what was asked before the last attempt, whatever is answered: heartbeats keep a member alive.

        Returns the last attempt.
        """
        last = last_attempts(steps)
        for step in steps[: len(steps) - len(last)]:
            self._wait_until(step.at_ms)
            with suppress(WireError):
                frame = self._renaming.rename(step.request)
                self._connection(step).start_frame(frame).result(ANSWER_WITHIN_S + step.took_s)
        return last

    def _play_until_as_recorded(self, steps: Sequence[Step]) -> None:
        deadline = self._cluster.blocking.now_s() + POLL_WITHIN_S
        while True:
            found = list(self._ask(steps))
            if not found or self._cluster.blocking.now_s() >= deadline:
                self.deviations += found
                return
            self._cluster.blocking.run(asyncio.sleep(0.02))

    def _ask(self, steps: Iterable[Step]) -> Iterator[Deviation]:
        for step in steps:
            try:
                answer = self._connection(step).start_frame(self._renaming.rename(step.request))
            except WireError as error:
                yield Deviation(step, str(error))
                continue
            what = self._compare(step, answer)
            if what is not None:
                yield Deviation(step, what)

    def _compare(self, step: Step, answer: Answer[bytes]) -> str | None:
        try:
            frame = answer.result(ANSWER_WITHIN_S + step.took_s)
        except UnexpectedAnswer as error:
            return None if step.problem else str(error)
        except WireError as error:
            return str(error)
        assert step.answer is not None
        then, now = _decoded(step, step.answer), _decoded(step, frame)
        if then is None and now is None:
            return None if step.problem or step.answer[4:] == frame[4:] else "other bytes, which do not decode"
        if then is None or now is None:
            return "it could be read when this was recorded, and cannot now" if then else "it can be read now"
        self._renaming.learn(then, now)
        return difference(then, now, self._renaming, self._is_own)

    def _is_own(self, name: str) -> bool:
        return not name or any(name.encode() in step.request for step in self._recording.steps)

    def _check_ends(self) -> None:
        """Requests that were not answered, and connections that were closed, or were not."""
        last = {step.connection: step for step in self._recording.steps}
        for name, connection in self._connections.items():
            was_closed = name in self._recording.closed
            is_closed = connection.is_closed(ANSWER_WITHIN_S if was_closed else 0.1)
            if was_closed != is_closed:
                what = "the broker closed the connection" if was_closed else "the connection stayed open"
                self.deviations.append(Deviation(last[name], f"{what} when this was recorded, and did not now"))
        for step, answer in self._silent:
            heard = self._compare_silence(step, answer)
            if heard is not None:
                self.deviations.append(Deviation(step, heard))

    def _compare_silence(self, step: Step, answer: Answer[bytes]) -> str | None:
        try:
            answer.result(0.0)
        except UnexpectedAnswer as error:
            return None if step.problem else str(error)
        except NoAnswer:
            return f"when this was recorded, {step.problem}" if step.problem else None
        except ConnectionClosed:
            return None  # what is said of connections says it
        return "there was no answer when this was recorded, and is one now"

    # connections, time

    def _connection(self, step: Step) -> Connection:
        connection = self._connections.get(step.connection)
        if connection is None:
            known = step.node if step.node in self._cluster.node_ids else None
            connection = self._cluster.connect(known, name=step.connection)
            self._connections[step.connection] = connection
        return connection

    def _wait_until(self, at_ms: float) -> None:
        """Waits for a moment of the recording; where that is over, all later ones come so much later.

        A pause between two steps is meant, and stays as long as it was on a machine that is slower now.
        """
        left_s = at_ms / 1000 - (self._cluster.blocking.now_s() - self._began_s)
        if left_s < 0:
            self._began_s -= left_s
        elif left_s * 1000 > _NOTICED_MS:
            self._cluster.blocking.run(asyncio.sleep(left_s))


def _decoded(step: Step, answer: bytes) -> Message | None:
    found = request_key(step.request)
    if found is None:
        return None
    try:
        return decode_answer(*found, answer)[1]
    except ProtocolError:
        return None
