"""Subcommands: what they print for people and for machines, and how they exit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kafka_conformance.plugins.builtin import make_registry
from kafka_conformance.plugins.commands import main
from kafka_conformance.plugins.commands.run import workers_for
from tests.plugins.sample import Sample


def test_targets_and_clients_are_listed(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["targets"]) == 0
    assert "kafka:VERSION" in capfd.readouterr().out
    assert main(["targets", "--json"]) == 0
    assert {entry["kind"] for entry in json.loads(capfd.readouterr().out)} >= {"reference", "sim", "tcp", "kafka"}
    assert main(["clients"]) == 0
    assert "wire" in capfd.readouterr().out
    assert main(["clients", "--json"]) == 0
    assert all(entry["installed"] for entry in json.loads(capfd.readouterr().out))


def test_requirements_are_listed_selected_and_shown(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["requirements", "--select", "produce/acks", "--json"]) == 0
    listed = json.loads(capfd.readouterr().out)
    assert "produce/acks/invalid-is-refused" in {entry["id"] for entry in listed}
    assert all(entry["id"].startswith("produce/acks/") for entry in listed)

    assert main(["requirements", "show", "produce/acks/invalid-is-refused"]) == 0
    shown = capfd.readouterr().out
    assert "produce/acks/invalid-is-refused  MUST" in shown
    assert "source: " in shown


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["requirements", "show", "produce/acks/invalid"], "no requirement has the id"),
        (["requirements", "--select", "nothing"], "names no requirement"),
        (["run", "--target", "nonsense"], "no kind of target 'nonsense'"),
        (["run", "--profile", "fast"], "no such profile"),
        (["replay", "/nowhere.json"], "cannot be read"),
        (["mutants", "no/such"], "no mutant 'no/such'"),
        (["mutants", "--workers", "0"], "expected a positive number"),
    ],
)
def test_what_cannot_be_is_2_and_says_why(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: list[str], expected: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    assert expected in capfd.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_run_prints_its_verdict_and_writes_its_report(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sample = Sample(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("kafka_conformance.plugins.builtin.make_registry", sample.registry)

    assert main(["run", "--target", "sim", "--select", "sample/held", "--profile", "quick", "--workers", "1"]) == 0

    out = capfd.readouterr().out
    assert "sim keeps 1 of 1 MUST requirement" in out
    assert "kafka-conformance-report/report.html" in out
    assert (tmp_path / "kafka-conformance-report" / "report.ndjson").is_file()


def test_a_run_for_machines_is_its_events(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sample = Sample(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("kafka_conformance.plugins.builtin.make_registry", sample.registry)

    words = ["run", "--target", "sim", "--select", "sample/held", "--profile", "quick", "--workers", "1", "--json"]
    assert main(words) == 0

    events = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [events[0]["event"], events[-1]["event"]] == ["header", "footer"]


def test_a_counterexample_is_the_same_again_on_the_same_target_and_not_on_another(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from kafka_conformance.harness.target import TargetKind
    from kafka_conformance.plugins.targets.embedded import Options
    from kafka_conformance.plugins.targets.sim import SimulatedTarget
    from kafka_conformance.reference_broker.log.validator import LogValidator
    from kafka_conformance.reference_broker.parts import Parts

    class IgnoresChecksums(LogValidator):
        def check_crc(self, header: object, view: object) -> None:  # type: ignore[override]
            return None

    class Broken(SimulatedTarget):
        def __init__(self, name: str) -> None:
            super().__init__(name, Options())
            self.parts = Parts().with_part(IgnoresChecksums)

    cases = """
    from kafka_conformance.harness.cases import ErrorCode, NewRecord, build_batch, checks, expect
    @checks("sample/held")
    def test_crc(cluster):
        batch = build_batch([NewRecord(b"k", b"v")])
        batch[20] ^= 1
        with cluster.topic() as topic:
            expect(topic.produce_batch(batch)).refused_with(ErrorCode.CORRUPT_MESSAGE)
    """
    sample = Sample(tmp_path, cases=cases)
    broken = TargetKind("broken", "broken", "no checksums", lambda argument, name: Broken(name))
    monkeypatch.setattr("kafka_conformance.plugins.builtin.make_registry", lambda: sample.registry(broken))
    monkeypatch.chdir(tmp_path)
    assert main(["run", "--target", "broken", "--select", "sample/held"]) == 1
    [file] = (tmp_path / "kafka-conformance-report" / "replays").iterdir()
    capfd.readouterr()

    assert main(["replay", str(file)]) == 1
    again = capfd.readouterr().out
    assert "the same again" in again
    assert "CORRUPT_MESSAGE" in again

    assert main(["replay", str(file), "--attempts", "0"]) == 2
    assert main(["replay", str(file), "--target", "sim", "--attempts", "2"]) == 0
    assert "not the same" in capfd.readouterr().out
    assert main(["replay", str(file), "--target", "sim", "--json"]) == 0
    other = json.loads(capfd.readouterr().out)
    assert not other["reproduced"]
    assert "error_code: 0 was recorded, 2 came" in other["deviations"][0]


@pytest.mark.parametrize(
    ("target", "workers"),
    [("reference", 2), ("sim:seed=3", 2), ("reference:data=/tmp/x", 1), ("tcp:a:1", 1), ("kafka:4.3.1", 1)],
)
def test_only_brokers_in_our_own_memory_are_judged_by_two_processes(
    target: str, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    assert workers_for(target, make_registry()) == workers
