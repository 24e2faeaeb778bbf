"""What is kept of a case that failed: its history, and a recording that can be played again."""

from __future__ import annotations

import re
import shlex
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from kafka_conformance.harness.events import Failure, Outcome
from kafka_conformance.harness.replay.recording import Recording, closed_in, steps_of
from kafka_conformance.harness.subject.cluster import Cluster
from kafka_conformance.plugins.suite.marks import requirements_of
from kafka_conformance.plugins.suite.session import Session

REPLAYS = "replays"
_LONGEST_NAME = 80


def evidence(session: Session, item: pytest.Item, failure: Failure, outcome: Outcome) -> Failure:
    """The failure with its history and the way back to it."""
    cluster = session.cluster
    if cluster is None:
        return failure
    found = replace(failure, history=cluster.history.moments(), replay=_again(session, item))
    if outcome is not Outcome.VIOLATED or session.report is None or not cluster.history.exchanges:
        return found
    path = Path(REPLAYS) / f"{_file_name(item.nodeid)}.json"
    try:
        _recording(session, item, cluster, failure).write(session.report / path)
    except OSError:
        return found  # a violation counts without a recording; where the disk is full, the report itself says so
    again = shlex.join(["kafka-conformance", "replay", str(session.report / path)])
    return replace(found, replay=again, replay_file=str(path))


def _again(session: Session, item: pytest.Item) -> str:
    options = {
        "--target": session.configuration.target,
        "--seed": str(session.seed),
        "--select": requirements_of(item)[0],
    }
    return shlex.join(["kafka-conformance", "run", *(word for option in options.items() for word in option)])


def _recording(session: Session, item: pytest.Item, cluster: Cluster, failure: Failure) -> Recording:
    entries = [session.registry.catalogue[name] for name in requirements_of(item)]
    return Recording(
        case=item.nodeid,
        requirements=tuple((entry.id, entry.level.value, entry.text) for entry in entries),
        target=session.configuration.target,
        seed=session.seed,
        message=failure.message,
        expected=failure.expected,
        actual=failure.actual,
        steps=steps_of(cluster.history, cluster.addresses),
        closed=closed_in(cluster.history),
        complete=not cluster.history.forgotten,
        ended_ms=cluster.history.ended_ms,
    )


def _file_name(case: str) -> str:
    words = re.sub(r"[^a-zA-Z0-9]+", "-", case.rpartition("/")[2]).strip("-")
    return f"{words[:_LONGEST_NAME]}-{zlib.crc32(case.encode()):08x}"
