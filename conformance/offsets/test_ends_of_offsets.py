"""When committed offsets go: deleted by request or with their topic, but not with their coordinator."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.groups.gathering import error_of, stable
from kafka_conformance.conformance.offsets.committing import Named, delete_offsets, everything, last_version_with_names
from kafka_conformance.harness.cases import ErrorCode, checks, expect
from kafka_conformance.harness.subject.answers import error_code

PARTITIONS = 3


@checks("offsets/delete/forgets-what-was-named")
@given(deleted=st.sets(st.integers(0, PARTITIONS - 1), min_size=1))
def test_offset_delete_forgets_the_named_partitions_and_keeps_the_others(cluster, deleted):
    with cluster.group() as group, cluster.topic(partitions=PARTITIONS) as topic:
        group.commit(topic, {partition: 10 + partition for partition in range(PARTITIONS)})

        answer = delete_offsets(group, topic, sorted(deleted))

        expect(error_of(answer), "the answer").equals(ErrorCode.NONE)
        cluster.eventually(
            lambda: (
                everything(group)
                == {(topic.name, kept): 10 + kept for kept in range(PARTITIONS) if kept not in deleted}
            ),
            what=f"partitions {deleted} have no offset and the others keep theirs",
        )


@checks("offsets/delete/subscribed-topic-is-kept")
def test_offsets_of_a_topic_that_the_group_consumes_are_not_deleted_and_others_are(cluster):
    with cluster.group() as group, cluster.topic() as consumed, cluster.topic() as other:
        (member,) = stable(group, topics=(consumed.name,))
        member.commit(consumed, {0: 1})
        member.commit(other, {0: 2})

        answers = [delete_offsets(group, consumed, [0]), delete_offsets(group, other, [0])]

        errors = [error_code(answer.topics[0].partitions[0].error_code) for answer in answers]
        expect(errors, "the partitions").equals([ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC, ErrorCode.NONE])
        expect([group.committed(topic).offset for topic in (consumed, other)], "the offsets").equals([1, -1])


@checks("offsets/delete/unknown-group-is-refused")
def test_offset_delete_of_a_group_that_does_not_exist_finds_no_group(cluster):
    with cluster.group() as group, cluster.topic() as topic:
        expect(error_of(delete_offsets(group, topic, [0])), "the answer").equals(ErrorCode.GROUP_ID_NOT_FOUND)


@checks("offsets/delete/unknown-partition-is-refused")
def test_offset_delete_of_a_partition_that_does_not_exist_is_refused(cluster):
    with cluster.group() as group, cluster.topic() as topic:
        group.commit(topic, {0: 1})
        missing = [delete_offsets(group, topic, [7]), delete_offsets(group, Named(cluster.unique("missing")), [0])]

        errors = [error_code(answer.topics[0].partitions[0].error_code) for answer in missing]
        expect(errors, "the partitions").equals([ErrorCode.UNKNOWN_TOPIC_OR_PARTITION] * 2)
        expect(group.committed(topic).offset, "the offset of the one that exists").equals(1)


@checks("offsets/topic-deletion/forgets-them")
def test_offsets_go_with_their_topic_and_those_of_others_stay(cluster):
    with cluster.group() as group, cluster.topic() as doomed, cluster.topic() as other:
        group.commit(doomed, {0: 1})
        group.commit(other, {0: 2})

        doomed.delete()

        cluster.eventually(
            lambda: everything(group) == {(other.name, 0): 2},
            within_s=30,
            what="the offsets of the deleted topic are gone and the others are there",
        )


@checks("offsets/topic-deletion/forgets-them")
def test_a_new_topic_of_the_same_name_has_none_of_the_old_offsets(cluster):
    with cluster.group() as group, cluster.topic() as old:
        group.commit(old, {0: 41})
        old.delete()
        by_name = last_version_with_names(cluster)
        cluster.eventually(
            lambda: group.committed(old, version=by_name).offset == -1, within_s=30, what="the offset is gone"
        )
        with cluster.topic(name=old.name) as new:
            found = [group.committed(new), group.committed(new, version=by_name)]

            expect([each.offset for each in found], "the new topic's offset by id and by name").equals([-1, -1])


@checks("offsets/durability/survive-the-coordinator")
def test_committed_offsets_survive_when_their_coordinator_is_killed(cluster):
    wanted = {partition: 100 + partition for partition in range(PARTITIONS)}
    with cluster.group() as group, cluster.topic(partitions=PARTITIONS) as topic:
        group.commit(topic, dict.fromkeys(wanted, 1))
        expect(group.commit(topic, wanted, metadata="kept"), "the answer").equals(dict.fromkeys(wanted, ErrorCode.NONE))
        cluster.kill(group.coordinator)
        cluster.restart(group.coordinator)
        group.find_coordinator()

        found = {partition: group.committed(topic, partition) for partition in wanted}
        expect({partition: each.offset for partition, each in found.items()}, "the offsets").equals(wanted)
        expect({each.metadata for each in found.values()}, "the metadata").equals({"kept"})
