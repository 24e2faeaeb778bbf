"""Offsets that somebody outside of any generation commits, and what is read back."""

from contextlib import ExitStack

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.offsets.committing import (
    Named,
    commit_together,
    errors_of,
    everything,
    fetch_groups,
    named_in,
    offsets_by_group,
)
from kafka_conformance.harness.cases import ApiKey, ErrorCode, checks, expect, over_versions
from kafka_conformance.harness.subject.answers import error_code
from kafka_conformance.harness.subject.group_requests import commit_request, offset_fetch_request

PARTITIONS = 3
MAX_METADATA = 4096
offsets = st.integers(0, 2**63 - 1)
topic_ids = st.binary(min_size=16, max_size=16)
commits = st.lists(st.dictionaries(st.integers(0, PARTITIONS - 1), offsets, min_size=1), min_size=1, max_size=6)


@checks("offsets/commit/last-one-wins", "offsets/commit/partitions-are-apart")
@given(commits=commits)
def test_each_partition_has_the_offset_that_was_committed_last_be_it_smaller(cluster, commits):
    last = {partition: offset for commit in commits for partition, offset in commit.items()}
    with cluster.group() as group, cluster.topic(partitions=PARTITIONS) as topic:
        answers = [group.commit(topic, commit) for commit in commits]

        expect(answers, "the answers").equals([dict.fromkeys(commit, ErrorCode.NONE) for commit in commits])
        expect({partition: group.committed(topic, partition).offset for partition in range(PARTITIONS)}).equals(
            {partition: last.get(partition, -1) for partition in range(PARTITIONS)}
        )


@checks("offsets/commit/groups-are-apart")
@given(first=offsets, second=offsets)
def test_groups_have_offsets_of_their_own(cluster, first, second):
    stem = cluster.unique("group")
    # Their names have the same hash in Java, so they share a partition of __consumer_offsets.
    with cluster.group(f"{stem}Aa") as one, cluster.group(f"{stem}BB") as another, cluster.topic(partitions=2) as topic:
        one.commit(topic, {0: first})
        another.commit(topic, {1: second})

        found = [group.committed(topic, partition).offset for group in (one, another) for partition in (0, 1)]
        expect(found, "the offsets of both groups in both partitions").equals([first, -1, -1, second])


@checks("offsets/commit/every-version-round-trips")
@over_versions(ApiKey.OFFSET_COMMIT)
def test_every_version_of_offset_commit_stores_offset_and_metadata(cluster, version):
    with cluster.group() as group, cluster.topic() as topic:
        expect(group.commit(topic, {0: 42}, metadata="here", version=version), "the answer").equals({0: ErrorCode.NONE})

        found = group.committed(topic)
        expect((found.offset, found.metadata, found.error), "what is read").equals((42, "here", ErrorCode.NONE))


@checks("offsets/commit/every-version-round-trips")
@over_versions(ApiKey.OFFSET_FETCH)
def test_every_version_of_offset_fetch_reads_offset_and_metadata(cluster, version):
    with cluster.group() as group, cluster.topic() as topic:
        group.commit(topic, {0: 42}, metadata="here")

        found = group.committed(topic, version=version)
        expect((found.offset, found.metadata, found.error), "what is read").equals((42, "here", ErrorCode.NONE))


@checks("offsets/commit/metadata-round-trips")
@given(metadata=st.none() | st.text(st.characters(codec="utf-8"), max_size=30))
def test_metadata_is_read_back_as_it_was_committed_and_null_as_empty(cluster, metadata):
    with cluster.group() as group, cluster.topic() as topic:
        group.commit(topic, {0: 1}, metadata=metadata)

        expect(group.committed(topic).metadata, "the metadata").equals(metadata or "")


@checks("offsets/commit/metadata-has-a-limit")
@given(length=st.integers(1, 200))
def test_metadata_that_is_too_long_is_refused_for_its_partition_alone(cluster, length):
    with cluster.group() as group, cluster.topic(partitions=2) as topic:
        request = commit_request(group.name, topic, {0: 1, 1: 1}, metadata="m" * MAX_METADATA)
        request.topics[0].partitions[0].committed_metadata = "m" * (MAX_METADATA + length)

        answer = group.connection().send(request)

        errors = {entry.partition_index: error_code(entry.error_code) for entry in answer.topics[0].partitions}
        expect(errors, "the answer").equals({0: ErrorCode.OFFSET_METADATA_TOO_LARGE, 1: ErrorCode.NONE})
        expect([group.committed(topic, partition).offset for partition in (0, 1)], "the offsets").equals([-1, 1])


@checks("offsets/commit/leader-epoch-is-kept")
@given(epoch=st.integers(-1, 2**31 - 1))
def test_the_leader_epoch_of_an_offset_is_read_back(cluster, epoch):
    cluster.require(ApiKey.OFFSET_COMMIT, 6)
    cluster.require(ApiKey.OFFSET_FETCH, 5)
    with cluster.group() as group, cluster.topic() as topic:
        request = commit_request(group.name, topic, {0: 5})
        request.topics[0].partitions[0].committed_leader_epoch = epoch
        group.connection().send(request)

        expect(group.committed(topic).leader_epoch, "the leader epoch").equals(epoch)


@checks("offsets/commit/negative-offsets-are-stored")
@given(offset=st.integers(-(2**31), -1))
def test_a_negative_offset_is_stored_like_any_other(cluster, offset):
    with cluster.group() as group, cluster.topic() as topic:
        expect(group.commit(topic, {0: offset}), "the answer").equals({0: ErrorCode.NONE})

        expect(group.committed(topic).offset, "the offset").equals(offset)


@checks("offsets/commit/unknown-partition-is-refused")
@over_versions(ApiKey.OFFSET_COMMIT, "2-9")
def test_what_does_not_exist_is_refused_and_the_rest_is_stored(cluster, version):
    with cluster.group() as group, cluster.topic() as topic:
        missing = Named(cluster.unique("missing"))
        request = commit_together(group.name, {missing: {0: 1}, topic: {0: 2, 7: 3}})

        answer = group.connection().send(request, version)

        expect(errors_of(answer), "the answers").equals(
            {
                (missing.name, 0): ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
                (topic.name, 0): ErrorCode.NONE,
                (topic.name, 7): ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
            }
        )
        expect(everything(group), "all that the group has committed").equals({(topic.name, 0): 2})


@checks("offsets/topic-ids/unknown-is-refused")
@over_versions(ApiKey.OFFSET_COMMIT, "10-10")
@given(topic_id=topic_ids)
def test_a_commit_for_a_topic_id_that_does_not_exist_is_refused(cluster, version, topic_id):
    with cluster.group() as group, cluster.topic() as topic:
        request = commit_together(group.name, {Named("", topic_id): {0: 1}, topic: {0: 2}})

        answer = group.connection().send(request, version)

        errors = {bytes(entry.topic_id): error_code(entry.partitions[0].error_code) for entry in answer.topics}
        expect(errors, "the answers").equals({topic_id: ErrorCode.UNKNOWN_TOPIC_ID, topic.id: ErrorCode.NONE})
        expect(group.committed(topic).offset, "the offset of the topic that exists").equals(2)


@checks("offsets/topic-ids/unknown-is-refused")
@over_versions(ApiKey.OFFSET_FETCH, "10-10")
@given(topic_id=topic_ids)
def test_a_fetch_for_a_topic_id_that_does_not_exist_is_refused(cluster, version, topic_id):
    with cluster.group() as group:
        request = offset_fetch_request(group.name, {Named("", topic_id): [0]})

        (answer,) = group.connection().send(request, version).groups

        found = [
            (bytes(entry.topic_id), each.committed_offset, error_code(each.error_code))
            for entry in answer.topics
            for each in entry.partitions
        ]
        expect(found, "the answer").equals([(topic_id, -1, ErrorCode.UNKNOWN_TOPIC_ID)])


@checks("offsets/fetch/nothing-committed-is-minus-one")
@over_versions(ApiKey.OFFSET_FETCH)
def test_what_was_never_committed_is_minus_one_without_an_error(cluster, version):
    with cluster.group() as group, cluster.group() as unknown_group, cluster.topic(partitions=2) as topic:
        group.commit(topic, {0: 9})

        found = [group.committed(topic, 1, version=version), unknown_group.committed(topic, 0, version=version)]

        expect([(each.offset, each.metadata, each.leader_epoch) for each in found], "what is read").equals(
            [(-1, "", -1)] * 2
        )
        expect([each.error for each in found], "the errors").equals([ErrorCode.NONE] * 2)


@checks("offsets/fetch/nothing-committed-is-minus-one")
@over_versions(ApiKey.OFFSET_FETCH, "1-9")
def test_a_topic_that_does_not_exist_has_no_offset_and_that_is_no_error(cluster, version):
    with cluster.group() as group, cluster.topic() as topic:
        group.commit(topic, {0: 9})

        found = group.committed(Named(cluster.unique("missing")), version=version)

        expect((found.offset, found.error), "what is read").equals((-1, ErrorCode.NONE))


@checks("offsets/fetch/all-topics")
@over_versions(ApiKey.OFFSET_FETCH, "2-10")
def test_a_fetch_without_topics_gives_all_that_the_group_committed_and_no_more(cluster, version):
    with (
        cluster.group() as group,
        cluster.group() as other,
        cluster.topic(partitions=2) as first,
        cluster.topic(partitions=2) as second,
    ):
        other.commit(first, {0: 100, 1: 100})
        before = everything(group, version)
        group.commit(first, {1: 1})
        group.commit(second, {0: 2, 1: 3})

        expect(before, "what it committed before its first commit").equals({})
        names = named_in(version, first), named_in(version, second)
        expect(everything(group, version), "all that it committed").equals(
            {(names[0], 1): 1, (names[1], 0): 2, (names[1], 1): 3}
        )


@checks("offsets/fetch/several-groups")
@over_versions(ApiKey.OFFSET_FETCH, "8-10")
def test_one_fetch_gives_the_offsets_of_several_groups(cluster, version):
    committed = [7, 0, 42]
    with cluster.topic(partitions=2) as topic, ExitStack() as opened:
        groups = [opened.enter_context(cluster.group()) for _ in committed]
        # Only groups of one coordinator can be asked for together.
        together = [group for group in groups if group.coordinator == groups[0].coordinator]
        wanted = {group.name: offset for group, offset in zip(groups, committed, strict=True) if group in together}
        for group in together:
            group.commit(topic, {0: wanted[group.name]})

        answer = groups[0].connection().send(fetch_groups(list(wanted), topic, [0, 1]), version)

        expect(offsets_by_group(answer), "the offsets by group").equals(
            {name: {0: offset, 1: -1} for name, offset in wanted.items()}
        )


@checks("offsets/fetch/require-stable-without-transactions")
@over_versions(ApiKey.OFFSET_FETCH, "7-10")
def test_a_fetch_of_stable_offsets_without_an_open_transaction_is_like_any_other(cluster, version):
    with cluster.group() as group, cluster.topic(partitions=2) as topic:
        group.commit(topic, {0: 42}, metadata="here")

        stable = [group.committed(topic, partition, require_stable=True, version=version) for partition in (0, 1)]

        expect(stable, "stable offsets").equals([group.committed(topic, partition) for partition in (0, 1)])
        expect([found.offset for found in stable], "the offsets").equals([42, -1])
