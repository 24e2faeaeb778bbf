"""A suite of a few cases, one for each way in which a case can end, and runs of it."""

from __future__ import annotations

import itertools
import sys
import textwrap
import types
from collections.abc import Callable, Sequence
from pathlib import Path

from kafka_conformance.harness.configuration import configure
from kafka_conformance.harness.events import Event
from kafka_conformance.harness.hookspecs import hookimpl
from kafka_conformance.harness.registry import Registry
from kafka_conformance.harness.target import TargetKind
from kafka_conformance.harness.verdicts import Run
from kafka_conformance.plugins.clients.kinds import CLIENT_KINDS
from kafka_conformance.plugins.suite.run import SuiteRun
from kafka_conformance.plugins.targets.embedded import Options
from kafka_conformance.plugins.targets.kinds import TARGET_KINDS
from kafka_conformance.plugins.targets.sim import SimulatedTarget

_numbers = itertools.count()

CASES = """
from hypothesis import given, strategies as st
from kafka_conformance.harness.cases import ApiKey, checks, expect, needs, over_versions

@checks("sample/held")
def test_held(cluster):
    with cluster.topic() as topic:
        expect(topic.produce([b"a"])).acknowledged_at(0)

@checks("sample/violated")
@given(values=st.lists(st.binary(max_size=3), min_size=1, max_size=4))
def test_violated(cluster, values):
    with cluster.topic() as topic:
        expect(topic.produce(values)).acknowledged_at(0)
        expect(len(values), "how many").is_at_most(2)

@checks("sample/not-applicable")
def test_not_applicable(cluster):
    raise AssertionError("it must not be asked")

@checks("sample/versions")
@over_versions(ApiKey.HEARTBEAT, "3-4")
def test_versions(cluster, version):
    expect(cluster.versions[ApiKey.HEARTBEAT].last).is_at_least(version)

@checks("sample/error")
def test_error(cluster):
    raise TypeError("our own mistake")

@checks("sample/unanswered")
def test_closed(cluster):
    with cluster.connect() as connection:
        connection.send_frame(b"\\0\\0\\0\\x0c" + b"\\x7f\\xff" + bytes(10))
"""

REQUIREMENTS = "".join(
    f"""
[[requirement]]
id = "sample/{name}"
level = "MUST"
text = "A sentence."
needs = {needs}
sources = [{{ kip = 1 }}]
"""
    for name, needs in (
        ("held", "[]"),
        ("violated", "[]"),
        ("not-applicable", '["three-nodes"]'),
        ("versions", "[]"),
        ("error", "[]"),
        ("unanswered", "[]"),
    )
)


class Events:
    """Keeps the stream."""

    def __init__(self) -> None:
        self.seen: list[Event] = []

    def handle(self, event: Event) -> None:
        self.seen.append(event)


class Sample:
    """A package with the cases, on the path for as long as the process lives."""

    def __init__(self, directory: Path, *, cases: str = CASES, requirements: str = REQUIREMENTS) -> None:
        self.name = f"sample_suite_{next(_numbers)}"
        self.directory = directory
        package = directory / self.name
        package.mkdir()
        (package / "__init__.py").write_text("")
        (package / "test_sample.py").write_text(textwrap.dedent(cases))
        (directory / "requirements").mkdir()
        (directory / "requirements" / "sample.toml").write_text(requirements)
        sys.path.insert(0, str(directory))

    def registry(self, *targets: TargetKind) -> Registry:
        """What is installed: the built-in targets, these, and the sample."""
        module = types.ModuleType(f"plugin_of_{self.name}")
        offered: dict[str, Callable[[], object]] = {
            "targets": lambda: (*TARGET_KINDS, *targets),
            "clients": lambda: CLIENT_KINDS,
            "suites": lambda: [self.name],
            "requirements": lambda: [self.directory / "requirements"],
        }
        for name, hook in offered.items():
            setattr(module, f"kafka_conformance_{name}", hookimpl(hook))
        return Registry(module, entry_points=False)

    def run(self, *targets: TargetKind, **given: object) -> tuple[int, Run, Sequence[Event]]:
        """Exit status, the run, and its events."""
        options = {"target": "sim", "profile": "quick", "seed": 5, **given}
        events = Events()
        suite = SuiteRun(configure(options, {}, None), self.registry(*targets), [events], node_ids=())
        return suite.execute(), suite.result, events.seen


class LostTarget(SimulatedTarget):
    """Says that it is gone as soon as somebody asks."""

    asked = 0

    def problem(self) -> str | None:
        return "it fell over" if self._cluster is not None else None


LOST = TargetKind("lost", "lost", "a target that dies", lambda argument, name: LostTarget(name, Options()))
