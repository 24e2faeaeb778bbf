"""Leader epochs: a reader says which one it knows, and asks where one ended (KIP-101, KIP-320, KIP-595)."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.fetch.epochs import current_epoch, end_of_epoch
from kafka_conformance.harness.cases import LATEST, ApiKey, ErrorCode, checks, expect, over_versions
from kafka_conformance.harness.strategies import batch_lists
from kafka_conformance.harness.subject.partition_requests import list_offsets_request

FIRST_FETCH_WITH_LAST_FETCHED_EPOCH = 12


@checks("fetch/leader-epochs/current-is-accepted")
@over_versions(ApiKey.FETCH, "9-18")
def test_a_fetch_that_knows_the_leader_epoch_reads(cluster, version):
    with cluster.topic() as topic:
        topic.produce([b"a"])

        fetched = topic.fetch(0, current_leader_epoch=current_epoch(topic), version=version)

        expect(fetched).holds_exactly([b"a"])


@checks("fetch/leader-epochs/unknown-is-refused")
@over_versions(ApiKey.FETCH, "9-18")
def test_a_fetch_with_an_epoch_that_is_yet_to_come_is_refused(cluster, version):
    with cluster.topic() as topic:
        topic.produce([b"a"])

        fetched = topic.fetch(0, current_leader_epoch=current_epoch(topic) + 1, version=version)

        expect(fetched).fails_with(ErrorCode.UNKNOWN_LEADER_EPOCH)
        expect(fetched.raw, "the records").equals(b"")


@checks("fetch/leader-epochs/unknown-is-refused")
@over_versions(ApiKey.LIST_OFFSETS, "4-11")
def test_a_list_offsets_with_an_epoch_that_is_yet_to_come_is_refused(cluster, version):
    with cluster.topic() as topic:
        request = list_offsets_request(topic, {0: LATEST}, current_leader_epoch=current_epoch(topic) + 1)

        answer = cluster.send(request, version, node=topic.leader())

        error = ErrorCode(answer.topics[0].partitions[0].error_code)
        expect(error, "the error").equals(ErrorCode.UNKNOWN_LEADER_EPOCH)


@checks("fetch/leader-epochs/unknown-is-refused")
@over_versions(ApiKey.OFFSET_FOR_LEADER_EPOCH)
def test_a_question_for_an_end_with_an_epoch_that_is_yet_to_come_is_refused(cluster, version):
    with cluster.topic() as topic:
        epoch = current_epoch(topic)

        answer = end_of_epoch(topic, epoch, current=epoch + 1, version=version)

        expect(ErrorCode(answer.error_code), "the error").equals(ErrorCode.UNKNOWN_LEADER_EPOCH)


@checks("fetch/leader-epochs/last-fetched-above-all")
@given(above=st.integers(1, 1_000))
def test_a_fetch_that_claims_an_epoch_above_all_known_is_out_of_range(cluster, above):
    cluster.require(ApiKey.FETCH, FIRST_FETCH_WITH_LAST_FETCHED_EPOCH)
    with cluster.topic() as topic:
        topic.produce([b"a", b"b"])

        fetched = topic.fetch(1, last_fetched_epoch=current_epoch(topic) + above)

        expect(fetched).fails_with(ErrorCode.OFFSET_OUT_OF_RANGE)


@checks("fetch/leader-epochs/divergence")
@given(written=batch_lists(max_size=2), beyond=st.integers(1, 100))
def test_a_fetch_that_is_ahead_of_the_end_of_its_epoch_is_told_where_that_is(cluster, written, beyond):
    cluster.require(ApiKey.FETCH, FIRST_FETCH_WITH_LAST_FETCHED_EPOCH)
    with cluster.topic() as topic:
        for batch in written:
            topic.produce(batch)
        epoch, end = current_epoch(topic), sum(map(len, written))

        ahead = topic.fetch(end + beyond, last_fetched_epoch=epoch)
        at_the_end = topic.fetch(end, last_fetched_epoch=epoch)

        told = [
            (each.partition.diverging_epoch.epoch, each.partition.diverging_epoch.end_offset)
            for each in (ahead, at_the_end)
        ]
        expect(ahead, "the answer ahead of the end").is_empty()
        expect(at_the_end, "the answer at the end").is_empty()
        expect(told, "where the logs part").equals([(epoch, end), (-1, -1)])


@checks("fetch/leader-epochs/end-of-the-current")
@over_versions(ApiKey.OFFSET_FOR_LEADER_EPOCH)
def test_the_current_epoch_ends_where_the_log_ends(cluster, version):
    with cluster.topic() as topic:
        epoch = current_epoch(topic)
        before = end_of_epoch(topic, epoch, version=version)
        topic.produce([b"a", b"b", b"c"])

        after = end_of_epoch(topic, epoch, version=version)

        expect((before.leader_epoch, before.end_offset), "epoch and end of an empty log").equals((epoch, 0))
        expect((after.leader_epoch, after.end_offset), "epoch and end after three records").equals((epoch, 3))


@checks("fetch/leader-epochs/end-of-an-unknown")
@given(above=st.integers(1, 1_000))
def test_an_epoch_above_all_known_has_no_end(cluster, above):
    with cluster.topic() as topic:
        topic.produce([b"a"])

        answer = end_of_epoch(topic, current_epoch(topic) + above)

        expect(ErrorCode(answer.error_code), "the error").equals(ErrorCode.NONE)
        expect((answer.leader_epoch, answer.end_offset), "epoch and end").equals((-1, -1))


@checks("fetch/leader-epochs/of-an-unknown-partition")
@over_versions(ApiKey.OFFSET_FOR_LEADER_EPOCH)
def test_a_partition_that_is_not_there_has_no_epochs(cluster, version):
    with cluster.topic(partitions=1) as topic:
        answer = end_of_epoch(topic, 0, partition=7, version=version)

        expect(ErrorCode(answer.error_code), "the error").equals(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)


@checks("fetch/leader-epochs/stamped-into-batches")
@given(written=batch_lists(max_size=3))
def test_every_batch_carries_the_epoch_of_the_leader_that_wrote_it(cluster, written):
    with cluster.topic() as topic:
        for batch in written:
            topic.produce(batch)

        epochs = {header.partition_leader_epoch for header, _ in topic.fetch(0).batches}
        expect(epochs, "the epochs of the batches").equals({current_epoch(topic)})
