"""The runtime on one partition: loading, appending, waiting for replication, unloading."""

import pytest

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.reference_broker.groups import coordinator as runtime
from kafka_conformance.reference_broker.groups.coordinator_state import APPEND_ERROR, REFUSAL, CoordinatorState
from kafka_conformance.reference_broker.groups.log_port import LoggedMarker, LoggedRecord
from tests.reference_broker.groups.bench import Bench, ListLog, error_of, is_waiting, reply


def loading() -> Bench:
    """A coordinator that has been elected and has not read its log yet."""
    bench = Bench()
    bench.service.resigned(0)
    bench.service.elected(0, 1, bench.log)
    return bench


def test_every_state_of_a_coordinator_has_its_refusal() -> None:
    assert set(REFUSAL) == set(CoordinatorState)


def test_while_loading_requests_are_refused_but_heartbeats_are_taken_on_trust() -> None:
    bench = loading()

    in_progress = ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
    assert error_of(bench.join()) == in_progress
    assert error_of(bench.sync("m")) == in_progress
    assert error_of(bench.leave("m")) == in_progress
    assert bench.commit_error() == in_progress
    assert error_of(bench.fetch()) == error_of(bench.fetch(stable=True)) == in_progress
    assert error_of(bench.heartbeat("anybody")) == ErrorCode.NONE
    assert bench.service.describe_groups(["g"], bench.caller(6))[0].error_code == in_progress
    assert reply(bench.service.delete_groups(["g"])).results[0].error_code == in_progress


def test_once_the_log_is_read_requests_are_served() -> None:
    bench = loading()

    bench.loop.advance(0)

    assert bench.commit_error() == ErrorCode.NONE


def test_a_long_log_is_read_in_slices_and_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "RECORDS_PER_SLICE", 10)
    bench = Bench()
    for partition in range(30):
        bench.commit(partition, partition=partition)

    bench.fail_over()

    assert [bench.offset("t", partition) for partition in range(30)] == list(range(30))


@pytest.mark.parametrize("key", [None, b"", b"\0\1\0\5", b"\0\2\0\1"])
def test_a_record_that_cannot_be_read_disables_the_partition(key: bytes | None) -> None:
    bench = Bench()
    bench.commit(5)
    bench.log.entries.append(LoggedRecord(1, key, b"\0\0"))

    bench.fail_over()

    assert error_of(bench.join()) == ErrorCode.NOT_COORDINATOR
    assert error_of(bench.heartbeat("m")) == ErrorCode.NOT_COORDINATOR
    assert bench.commit_error() == ErrorCode.NOT_COORDINATOR
    assert error_of(bench.fetch()) == ErrorCode.NOT_COORDINATOR


def test_a_disabled_partition_is_loaded_again_by_a_new_election() -> None:
    bench = Bench()
    bench.log.entries.append(LoggedRecord(0, None, None))
    bench.fail_over()
    bench.log.entries.clear()

    bench.service.elected(0, 5, bench.log)
    bench.loop.advance(0)

    assert bench.commit_error() == ErrorCode.NONE


def test_a_record_of_an_unknown_type_is_skipped() -> None:
    bench = Bench()
    bench.commit(5)
    bench.log.entries.append(LoggedRecord(1, b"\0\x63what", b"\0\0"))

    bench.fail_over()

    assert bench.offset() == 5


def test_offsets_of_transactions_in_the_log_wait_for_their_marker() -> None:
    bench = Bench()
    bench.commit(5)
    bench.commit(9)
    plain, second = bench.log.entries
    assert isinstance(second, LoggedRecord)
    bench.log.entries = [plain, second._replace(producer_id=7)]
    bench.log.high_watermark = 2
    bench.fail_over()
    assert bench.offset() == 5
    assert reply(bench.fetch(stable=True)).topics[0].partitions[0].error_code == ErrorCode.UNSTABLE_OFFSET_COMMIT

    bench.log.entries.append(LoggedMarker(2, 7, commit=True))
    bench.log.high_watermark = 3
    bench.fail_over()

    assert bench.offset() == bench.offset(stable=True) == 9


def test_after_loading_plain_reads_wait_for_the_high_watermark() -> None:
    bench = Bench()
    bench.commit(5)
    bench.log.hold = True
    bench.commit(6)
    bench.fail_over()
    assert bench.offset() == 5
    stable = bench.fetch(stable=True)
    assert is_waiting(stable)

    bench.log.replicate()

    assert bench.offset() == reply(stable).topics[0].partitions[0].committed_offset == 6


def test_answers_without_records_wait_for_earlier_writes() -> None:
    bench = Bench()
    (member,) = bench.stable()
    bench.log.hold = True
    first = bench.commit(5, 1, member)

    beat = bench.heartbeat(member)
    assert is_waiting(beat)
    bench.log.replicate()

    assert error_of(beat) == ErrorCode.NONE
    assert reply(first).topics[0].partitions[0].error_code == ErrorCode.NONE


def test_joins_are_answered_without_waiting_for_writes() -> None:
    bench = Bench()
    bench.stable()
    bench.log.hold = True
    bench.commit(5, group_id="other")

    assert error_of(bench.join()) == ErrorCode.MEMBER_ID_REQUIRED


def test_a_write_is_answered_when_its_own_records_are_replicated() -> None:
    bench = Bench()
    bench.log.hold = True
    first, second = bench.commit(5), bench.commit(6)

    bench.service.high_watermark_reached(0, 1)

    assert not is_waiting(first)
    assert is_waiting(second)
    assert bench.offset() == 5


def test_an_answer_that_waits_is_given_up_after_the_commit_timeout() -> None:
    bench = Bench()
    (member,) = bench.stable()
    bench.log.hold = True
    bench.commit(5, 1, member)
    beat, fetch = bench.heartbeat(member), bench.fetch(stable=True)

    bench.advance(4999)
    assert is_waiting(beat)
    bench.advance(1)

    assert error_of(beat) == ErrorCode.COORDINATOR_NOT_AVAILABLE
    assert error_of(fetch) == ErrorCode.NOT_COORDINATOR  # consumers older than 3.9 know no better


@pytest.mark.parametrize(
    ("error", "told"), [*APPEND_ERROR.items(), (ErrorCode.POLICY_VIOLATION, ErrorCode.POLICY_VIOLATION)]
)
def test_an_append_that_fails_is_told_as_an_error_of_coordinators(error: ErrorCode, told: ErrorCode) -> None:
    bench = Bench()
    bench.log.error = error

    assert bench.commit_error() == told


def test_a_group_that_cannot_be_stored_does_not_exist() -> None:
    bench = Bench()
    bench.log.error = ErrorCode.NOT_ENOUGH_REPLICAS

    parked = bench.join(version=3)

    assert error_of(parked) == ErrorCode.COORDINATOR_NOT_AVAILABLE
    assert bench.coordinator.shard.groups == {}
    assert bench.coordinator._timers.keys() == {key for key in bench.coordinator._timers if key.group_id == ""}


def test_a_group_that_is_not_stored_in_time_refuses_its_first_member_and_stays() -> None:
    bench = Bench(Bench().settings._replace(group_initial_rebalance_delay_ms=10_000))
    bench.log.hold = True
    parked = bench.join(version=3)

    bench.advance(5000)

    assert error_of(parked) == ErrorCode.COORDINATOR_NOT_AVAILABLE
    assert "g" in bench.coordinator.shard.groups


def test_a_coordinator_that_resigns_sends_everybody_away() -> None:
    bench = Bench()
    first, second = bench.stable(2)
    joining = bench.join(first)
    bench.log.hold = True
    committing = bench.commit(5, group_id="other")

    bench.service.resigned(0)

    assert (error_of(joining), reply(joining).member_id) == (ErrorCode.NOT_COORDINATOR, first)
    assert reply(committing).topics[0].partitions[0].error_code == ErrorCode.NOT_COORDINATOR
    assert error_of(bench.heartbeat(second)) == ErrorCode.NOT_COORDINATOR


def test_a_coordinator_that_resigns_sends_parked_syncs_away() -> None:
    bench = Bench()
    leader, follower = bench.stable(2)
    bench.join(leader)
    bench.join(follower)
    waiting = bench.sync(follower, bench.group().generation)

    bench.service.resigned(0)

    assert error_of(waiting) == ErrorCode.NOT_COORDINATOR


def test_an_assignment_in_flight_at_resignation_is_refused() -> None:
    bench = Bench()
    member, _ = bench.new_member()
    bench.log.hold = True
    leading = bench.sync(member, 1)

    bench.service.resigned(0)

    assert error_of(leading) == ErrorCode.NOT_COORDINATOR


def test_no_timer_runs_off_after_a_resignation() -> None:
    bench = Bench()
    bench.stable()
    group = bench.group()
    length = len(bench.log.entries)

    bench.service.resigned(0)
    bench.advance(10**9)

    assert len(group.members) == 1
    assert len(bench.log.entries) == length


def test_a_coordinator_that_resigns_while_loading_does_not_become_active() -> None:
    bench = loading()
    coordinator = bench.coordinator

    bench.service.resigned(0)
    bench.loop.advance(0)

    assert coordinator.state is CoordinatorState.CLOSED


def test_what_was_not_replicated_is_still_there_for_a_successor_with_the_same_log() -> None:
    bench = Bench()
    (member,) = bench.stable()
    bench.new_member()
    bench.join(member)
    assert bench.group().generation == 2

    bench.fail_over()

    assert bench.group().generation == 1
    assert error_of(bench.heartbeat(member, 1)) == ErrorCode.NONE


def test_a_client_that_went_away_does_not_disturb_the_others() -> None:
    bench = Bench()
    first, _ = bench.stable(2)
    _, newcomer = bench.new_member()
    gone = bench.join(first)
    gone.cancel()
    bench.loop.advance(0)

    bench.advance(30_000)

    assert reply(newcomer).error_code == ErrorCode.NONE


def test_a_retry_takes_the_place_of_a_parked_join() -> None:
    bench = Bench()
    (leader,) = bench.stable()
    bench.join(version=3)
    follower = next(member for member in bench.group().members if member != leader)
    retry = bench.join(follower)

    bench.join(leader)

    assert reply(retry).generation_id == 2


def test_an_append_that_replicates_within_the_call_is_answered_at_once() -> None:
    log = ListLog()
    bench = Bench(log=log)

    assert not is_waiting(bench.commit(5))
    assert bench.offset() == 5
