"""A run as a user might get it: most requirements held, two violated, one unknown, one not applicable."""

from __future__ import annotations

from collections.abc import Iterator

from kafka_conformance.harness.events import (
    CaseFinished,
    CaseStarted,
    Event,
    Failure,
    Header,
    LaneKind,
    Moment,
    Outcome,
    RequirementDeclared,
    Target,
    TargetLost,
)
from kafka_conformance.harness.requirements import Level, Source
from kafka_conformance.harness.verdicts import Run, conclude, fold

HEADER = Header(
    tool_version="0.1.0",
    run_id="r7k2m9",
    seed=20260101,
    profile="default",
    target=Target(
        "tcp:broker-1:9092", "three brokers in the staging cluster", "3.9.1", ("nodes=3", "kill", "partition")
    ),
    client="wire",
    started_at="2026-01-01T09:30:00Z",
    command="kafka-conformance run --target tcp:broker-1:9092 --seed 20260101 --report out",
)
_CLASSES = "apache/kafka@1eb7644:storage/src/main/java/org/apache/kafka/storage/internals/log/ProducerStateEntry.java"
DUPLICATES = RequirementDeclared(
    "produce/idempotence/duplicate-sequence",
    Level.MUST,
    "A retry of any of a producer's last five batches is acknowledged with its first offset and appends nothing.",
    (Source(kip=98), Source(file=_CLASSES, symbol="NUM_BATCHES_TO_RETAIN"), Source(observed="4.3.1", seeds=20)),
)
REJOIN = RequirementDeclared(
    "groups/classic/static-rejoin",
    Level.MUST,
    "A static member that comes back within its session timeout gets its assignment without a rebalance.",
    (Source(kip=345), Source(documentation="https://kafka.apache.org/documentation/#static_membership")),
)
LONG_POLL = RequirementDeclared(
    "fetch/long-poll/answers-early",
    Level.SHOULD,
    "A fetch that waits for min bytes is answered as soon as they are there.",
    (Source(documentation="Consumer configs, fetch.min.bytes"),),
)
COMMITS = RequirementDeclared(
    "offsets/commit/survives-coordinator",
    Level.MUST,
    "A committed offset is found by the coordinator's successor.",
    (Source(file="apache/kafka@1eb7644:…/OffsetMetadataManager.java", symbol="replay"),),
)
FAILOVER = RequirementDeclared(
    "replication/failover/keeps-acknowledged",
    Level.MUST,
    "A record that acks=all acknowledged is still there after its leader was killed.",
    (Source(documentation="Design, 4.7 Replication"),),
    not_applicable="needs min.insync.replicas, which the target does not offer",
)
_HELD = [
    ("produce/acks/all-waits-for-isr", "With acks=all the answer comes once the in-sync replicas have the batch."),
    ("produce/acks/none-has-no-answer", "With acks=0 there is no answer."),
    ("produce/order/one-partition", "Batches of one producer lie in a partition in the order in which they were sent."),
    ("fetch/read-committed/stops-at-lso", "A read_committed fetch returns nothing at or above the last stable offset."),
    ("fetch/sessions/incremental", "An incremental fetch answers only partitions that changed."),
    ("groups/classic/generation-grows", "Each rebalance gives a generation greater than the one before."),
    ("groups/classic/heartbeat-says-rejoin", "A heartbeat during a rebalance is answered with REBALANCE_IN_PROGRESS."),
    ("protocol/api-versions/unknown-version", "An unknown version of ApiVersions is answered in version 0."),
]


def declarations() -> list[RequirementDeclared]:
    """All requirements of the sample."""
    held = [RequirementDeclared(name, Level.MUST, text, (Source(observed="4.3.1", seeds=20),)) for name, text in _HELD]
    return [DUPLICATES, REJOIN, LONG_POLL, COMMITS, FAILOVER, *held]


def duplicate_failure() -> Failure:
    """A retry that was appended twice while a connection broke."""
    connection, fault = LaneKind.CONNECTION, LaneKind.FAULT
    history = (
        Moment(0.0, "producer 1", "Produce v11", "sequences 0 to 4, acks all"),
        Moment(0.3, "broker-1:9092", "request", "correlation 7, 312 bytes", connection),
        Moment(1.1, "producer 1", "acknowledged", "base offset 0"),
        Moment(1.6, "producer 1", "Produce v11", "sequences 5 to 9, acks all"),
        Moment(2.4, "network", "drop answer", "broker-1 to producer 1, once", fault),
        Moment(2.5, "broker-1:9092", "closed", "by the fault", connection),
        Moment(3004.2, "producer 1", "timed out", "request.timeout.ms = 3000"),
        Moment(3005.0, "producer 1", "Produce v11", "sequences 5 to 9 again, acks all"),
        Moment(3006.7, "producer 1", "acknowledged", "base offset 10"),
        Moment(3008.9, "reader", "Fetch v16", "15 records, values 5 to 9 twice"),
    )
    return Failure(
        message="the retried batch was appended a second time",
        expected="base offset 5, and 10 records in the partition",
        actual="base offset 10, and 15 records:\n  offsets 5 to 9    values 5 to 9\n  offsets 10 to 14  values 5 to 9",
        history=history,
        replay="kafka-conformance replay out/replays/produce-idempotence-duplicate-sequence.json",
        replay_file="out/replays/produce-idempotence-duplicate-sequence.json",
    )


def rejoin_failure() -> Failure:
    """A static member whose return made everybody rejoin; seven lanes."""
    members = [f"member {number}" for number in range(1, 6)]
    history = [
        Moment(number * 1.4, lane, "JoinGroup v9", f"instance {lane[-1]}") for number, lane in enumerate(members)
    ]
    history += [Moment(3020.0 + number, lane, "stable", "generation 4") for number, lane in enumerate(members)]
    history += [
        Moment(3100.0, "broker 2", "kill", "coordinator of the group", LaneKind.FAULT),
        Moment(3105.0, "broker-2:9092", "closed", "", LaneKind.CONNECTION),
        Moment(3400.0, "member 3", "JoinGroup v9", "instance 3 comes back"),
        Moment(3402.0, "member 1", "REBALANCE_IN_PROGRESS", "heartbeat"),
    ]
    return Failure(
        "the group rebalanced", "generation 4", "generation 5", tuple(history), "kafka-conformance replay r.json"
    )


def cases() -> Iterator[Event]:
    """What the cases gave."""
    case = "conformance/produce/test_idempotence.py::test_a_retry_of_any_of_the_last_five_batches_appends_nothing"
    for codec in ("none", "lz4", "zstd"):
        failure = duplicate_failure() if codec == "lz4" else None
        outcome = Outcome.HELD if failure is None else Outcome.VIOLATED
        axes = {"codec": codec, "version": "11"}
        yield CaseStarted(f"{case}[{codec}]", (DUPLICATES.id,), axes)
        yield CaseFinished(f"{case}[{codec}]", (DUPLICATES.id,), outcome, axes, 0.8, failure=failure)
    name = "conformance/groups/test_static.py::test_a_static_member_comes_back"
    yield CaseFinished(name, (REJOIN.id,), Outcome.VIOLATED, {}, 3.4, failure=rejoin_failure())
    yield CaseFinished("conformance/fetch/test_long_poll.py::test_early", (LONG_POLL.id,), Outcome.HELD, {}, 0.2)
    lost = Failure("TargetError: cannot reach the target: connection refused")
    yield CaseFinished(
        "conformance/offsets/test_commit.py::test_it", (COMMITS.id,), Outcome.ERROR, {}, 9.0, failure=lost
    )
    for requirement_id, _ in _HELD:
        yield CaseFinished(
            f"conformance/test_held.py::test_{requirement_id}", (requirement_id,), Outcome.HELD, {}, 0.05
        )


def events(*, lost: bool = False, complete: bool = True) -> list[Event]:
    """The stream of the sample run."""
    stream: list[Event] = [HEADER, *declarations(), *cases()]
    if lost:
        stream.append(TargetLost("broker-1:9092 refused the connection for 30 s"))
    return [*stream, *conclude(fold(stream), ended_at="2026-01-01T09:31:12Z")] if complete else stream


def run(*, lost: bool = False, complete: bool = True) -> Run:
    """The sample run."""
    return fold(events(lost=lost, complete=complete))


def green_run() -> Run:
    """A run in which everything held."""
    stream: list[Event] = [HEADER, LONG_POLL, COMMITS]
    stream += [CaseFinished(f"c::{entry.id}", (entry.id,), Outcome.HELD) for entry in (LONG_POLL, COMMITS)]
    return fold([*stream, *conclude(fold(stream), ended_at="2026-01-01T09:31:12Z")])
