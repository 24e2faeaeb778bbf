"""A run: each way in which a case ends becomes the right outcome, and the run the right exit status."""

from __future__ import annotations

import json
import types
from collections.abc import Sequence
from pathlib import Path

import pytest

from kafka_conformance.harness.errors import UsageError
from kafka_conformance.harness.events import CaseFinished, Event, Footer, Header, Outcome, TargetLost, Verdict
from kafka_conformance.harness.replay.recording import read_recording
from kafka_conformance.harness.verdicts import Run
from kafka_conformance.reports.ndjson import read_run
from tests.plugins.sample import LOST, Sample

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> types.SimpleNamespace:
    """One run of everything, looked at by many tests."""
    directory = tmp_path_factory.mktemp("sample")
    status, run, events = Sample(directory).run(report=directory / "report")
    return types.SimpleNamespace(status=status, run=run, events=events, report=directory / "report")


def case(events: Sequence[Event], name: str) -> CaseFinished:
    return next(event for event in events if isinstance(event, CaseFinished) and name in event.case)


def test_the_worst_case_decides_the_exit_status(ended: types.SimpleNamespace) -> None:
    assert ended.status == 1
    verdicts = {entry.id: entry.verdict for entry in ended.run.selected}
    assert verdicts == {
        "sample/error": Verdict.UNKNOWN,
        "sample/held": Verdict.HELD,
        "sample/not-applicable": Verdict.NOT_APPLICABLE,
        "sample/unanswered": Verdict.VIOLATED,
        "sample/versions": Verdict.HELD,
        "sample/violated": Verdict.VIOLATED,
    }


def test_the_stream_begins_with_what_was_judged_and_ends_with_the_counts(ended: types.SimpleNamespace) -> None:
    first, last = ended.events[0], ended.events[-1]
    assert isinstance(first, Header)
    assert (first.target.name, first.target.version, first.seed, first.profile) == ("sim", "4.3", 5, "quick")
    assert "virtual-time" in first.target.capabilities
    assert isinstance(last, Footer)
    assert last.complete
    assert last.exit_status == 1


def test_a_property_that_fails_shows_its_smallest_example(ended: types.SimpleNamespace) -> None:
    failure = case(ended.events, "test_violated").failure
    assert failure is not None
    assert failure.message.startswith("how many\nFailing test case: test_violated(\n    values=[b'', b'', b'']")
    assert (failure.expected, failure.actual) == ("at most 2", "3")
    assert [moment.event for moment in failure.history if moment.event.startswith("Produce")] == [
        "Produce v13 >",
        "Produce v13 <",
    ]
    assert failure.replay.startswith("kafka-conformance replay ")


def test_the_recording_of_a_failure_is_beside_the_report(ended: types.SimpleNamespace) -> None:
    failure = case(ended.events, "test_violated").failure
    assert failure is not None
    assert failure.replay_file is not None
    recording = read_recording(ended.report / failure.replay_file)
    assert recording.message.startswith("how many")
    assert recording.requirements == (("sample/violated", "MUST", "A sentence."),)
    assert recording.complete
    assert recording.steps[-1].answer is not None


def test_what_does_not_apply_was_not_asked(ended: types.SimpleNamespace) -> None:
    finished = case(ended.events, "test_not_applicable")
    assert finished.outcome is Outcome.NOT_APPLICABLE
    assert finished.reason == "the target does not declare three-nodes"


def test_axes_tell_cases_apart(ended: types.SimpleNamespace) -> None:
    finished = [event for event in ended.events if isinstance(event, CaseFinished) and "test_versions" in event.case]
    assert [(event.axes, event.outcome) for event in finished] == [
        ({"version": "3"}, Outcome.HELD),
        ({"version": "4"}, Outcome.HELD),
    ]


def test_our_own_mistake_is_an_error_and_no_violation(ended: types.SimpleNamespace) -> None:
    finished = case(ended.events, "test_error")
    assert finished.outcome is Outcome.ERROR
    assert finished.reason == "TypeError: our own mistake"


def test_a_connection_that_breaks_is_a_violation_of_a_target_that_lives(ended: types.SimpleNamespace) -> None:
    finished = case(ended.events, "test_closed")
    assert finished.outcome is Outcome.VIOLATED
    assert finished.failure is not None
    assert "closed by the broker" in finished.failure.message


def test_the_report_that_was_written_says_the_same(ended: types.SimpleNamespace) -> None:
    written: Run = read_run(ended.report / "report.ndjson")
    assert written.complete
    assert written.counts == ended.run.counts
    assert {path.name for path in ended.report.iterdir()} >= {"junit.xml", "report.html", "replays"}
    lines = (ended.report / "report.ndjson").read_text().splitlines()
    assert json.loads(lines[-1])["event"] == "footer"


def test_only_what_is_selected_runs(tmp_path: Path) -> None:
    status, run, events = Sample(tmp_path).run(select="sample/held")
    assert status == 0
    assert [entry.id for entry in run.selected] == ["sample/held"]
    assert [event.case.rpartition("::")[2] for event in events if isinstance(event, CaseFinished)] == ["test_held"]


def test_the_same_seed_finds_the_same(tmp_path: Path) -> None:
    sample = Sample(tmp_path)
    _, _, first = sample.run(select="sample/violated")
    _, _, second = sample.run(select="sample/violated")
    failures = [case(events, "test_violated").failure for events in (first, second)]
    assert failures[0] is not None
    assert failures[1] is not None
    assert failures[0].actual == failures[1].actual


def test_a_target_that_is_lost_ends_the_run_and_judges_nothing(tmp_path: Path) -> None:
    status, run, events = Sample(tmp_path).run(LOST, target="lost", select="sample/violated,sample/versions")
    assert status == 3
    assert [event.message for event in events if isinstance(event, TargetLost)] == ["it fell over"]
    assert case(events, "test_violated").outcome is Outcome.ERROR
    assert run.requirements["sample/versions"].verdict is Verdict.NOT_RUN
    assert isinstance(events[-1], Footer)
    assert not events[-1].complete


def test_a_target_that_does_not_start_is_3(tmp_path: Path) -> None:
    status, run, events = Sample(tmp_path).run(target="tcp:127.0.0.1:1", select="sample/held")
    assert status == 3
    assert run.target_lost is not None
    assert "no answer to ApiVersions from 127.0.0.1:1" in run.target_lost.message
    assert isinstance(events[0], Header)


def test_a_known_deviation_is_expected_and_a_stale_one_fails(tmp_path: Path) -> None:
    expected = tmp_path / "expect.toml"
    expected.write_text('[[deviation]]\nid = "sample/violated"\nreason = "known"\n')
    sample = Sample(tmp_path)
    status, _, _ = sample.run(select="sample/violated,sample/held", expect=expected)
    assert status == 0

    expected.write_text('[[deviation]]\nid = "sample/held"\nreason = "it was so"\n')
    status, _, _ = sample.run(select="sample/held", expect=expected)
    assert status == 1


@pytest.mark.parametrize(
    "given",
    [
        {"select": "sample/nothing"},
        {"client": "librdkafka", "select": "sample/held"},
        {"expect": "/nowhere/at/all.toml"},
        {"report": "/proc/nowhere"},
    ],
)
def test_what_cannot_be_is_2(tmp_path: Path, given: dict[str, str]) -> None:
    assert _status(Sample(tmp_path), given) == 2


@pytest.mark.parametrize("target", ["nonsense", "tcp:", "kafka:4", "reference:brokers=0", "exec:true", "mock:x"])
def test_a_target_that_cannot_be_is_2(tmp_path: Path, target: str) -> None:
    assert _status(Sample(tmp_path), {"target": target}) == 2


def test_a_case_of_an_unknown_requirement_is_2(tmp_path: Path) -> None:
    cases = """
    from kafka_conformance.harness.cases import checks
    @checks("sample/hold")
    def test_it(cluster):
        pass
    """
    assert _status(Sample(tmp_path, cases=cases), {}) == 2


def test_a_module_that_cannot_be_imported_is_never_green(tmp_path: Path) -> None:
    status, run, _ = Sample(tmp_path, cases="import nowhere_to_be_found\n").run(select="sample/held")
    assert status == 3
    assert "nowhere_to_be_found" in run.problems[0]


def test_no_cases_are_never_green(tmp_path: Path) -> None:
    status, run, _ = Sample(tmp_path, cases="").run()
    assert status == 3
    assert any("empty" in reason for reason in run.unjudged())


def test_clients_are_an_axis_and_those_that_cannot_run_there_do_not_apply(tmp_path: Path) -> None:
    cases = """
    from kafka_conformance.harness.cases import checks, expect
    from kafka_conformance.harness.client import Message
    @checks("sample/held")
    def test_it(cluster, client):
        with cluster.topic() as topic, client.producer() as producer:
            expect(producer.send(topic.name, [Message(b"1")])[0].offset).equals(0)
    """
    status, _, events = Sample(tmp_path, cases=cases).run(select="sample/held", client="wire, aiokafka,confluent")
    assert status == 0
    finished = {
        event.axes["client"]: (event.outcome, event.reason) for event in events if isinstance(event, CaseFinished)
    }
    assert finished == {
        "wire": (Outcome.HELD, ""),
        "aiokafka": (Outcome.HELD, ""),
        "confluent": (Outcome.NOT_APPLICABLE, "confluent cannot run in virtual time"),
    }


def test_cases_that_may_wait_for_minutes_begin_first(tmp_path: Path) -> None:
    cases = """
    from kafka_conformance.harness.cases import checks, waits_long

    @checks("sample/held")
    def test_a_quick_one(cluster):
        pass

    @checks("sample/held")
    @waits_long
    def test_a_slow_one(cluster):
        pass
    """
    _, _, events = Sample(tmp_path, cases=cases).run(select="sample/held")
    order = [event.case.partition("::")[2] for event in events if isinstance(event, CaseFinished)]
    assert order == ["test_a_slow_one", "test_a_quick_one"]


def test_a_protocol_that_the_target_does_not_offer_is_not_asked(tmp_path: Path) -> None:
    pytest.importorskip("confluent_kafka")
    cases = """
    from kafka_conformance.harness.cases import checks, expect, over_protocols

    @checks("sample/held")
    @over_protocols
    def test_it(cluster, protocol):
        expect(protocol.value).equals("v1")
    """
    _, _, events = Sample(tmp_path, cases=cases).run(target="mock:", select="sample/held")
    finished = {event.axes["protocol"]: event for event in events if isinstance(event, CaseFinished)}
    assert {name: event.outcome for name, event in finished.items()} == {
        "v1": Outcome.HELD,
        "v2": Outcome.NOT_APPLICABLE,
    }
    assert finished["v2"].reason == "the target offers no END_TXN of transaction protocol v2"


@pytest.mark.slow
def test_two_workers_say_the_same_as_one(tmp_path: Path) -> None:
    # Workers load what is installed, so they judge the suite that is.
    from kafka_conformance.harness.configuration import configure
    from kafka_conformance.plugins.builtin import make_registry
    from kafka_conformance.plugins.suite.run import SuiteRun

    def counts(workers: int) -> dict[str, int]:
        given = {"target": "sim", "profile": "quick", "seed": 1, "workers": workers, "select": "produce/acks"}
        suite = SuiteRun(configure(given, {}, None), make_registry(), node_ids=["conformance/produce/test_acks.py"])
        suite.execute()
        return {case.case: len(case.requirements) for case in suite.result.cases}

    assert counts(1) == counts(2)


def _status(sample: Sample, given: dict[str, str]) -> int:
    try:
        return sample.run(**given)[0]
    except UsageError as error:
        return int(error.exit_status)
