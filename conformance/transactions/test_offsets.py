"""Offsets that a transaction commits: there with its records, or not at all (KIP-98, KIP-447)."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.transactions.reading import committed_values
from kafka_conformance.harness.cases import (
    ApiKey,
    ErrorCode,
    TransactionProtocol,
    checks,
    expect,
    needs,
    over_protocols,
    over_versions,
)

PARTITIONS = 3
OFFSETS = st.dictionaries(st.integers(0, PARTITIONS - 1), st.integers(0, 1_000), min_size=1)
NOT_ADDED = [ErrorCode.INVALID_TXN_STATE] * 4 + [ErrorCode.TRANSACTION_ABORTABLE]
"""What TxnOffsetCommit answers where its group is not in the transaction: later clients know that they must abort."""


def committed_offsets(group, topic, **how):
    """The offset of each partition; -1 for none."""
    return [group.committed(topic, partition, **how).offset for partition in range(PARTITIONS)]


def as_offsets(offsets):
    """The same of the model."""
    return [offsets.get(partition, -1) for partition in range(PARTITIONS)]


def all_right(offsets):
    """The answer to a commit of these that was granted."""
    return dict.fromkeys(offsets, ErrorCode.NONE)


@checks("transactions/offsets/commit-shows-all")
@over_protocols
@given(before=OFFSETS, offsets=OFFSETS)
def test_offsets_are_there_as_soon_as_their_transaction_is_committed(cluster, protocol, before, offsets):
    with (
        cluster.topic(PARTITIONS) as topic,
        cluster.group() as group,
        cluster.transactional_producer(protocol=protocol) as producer,
    ):
        group.commit(topic, before)
        transaction = producer.begin()
        expect(transaction.send_offsets(group, topic, offsets), "the errors").equals(all_right(offsets))

        transaction.commit()

        expect(committed_offsets(group, topic), "the committed offsets").equals(as_offsets(before | offsets))


@checks("transactions/offsets/open-are-invisible")
@over_protocols
@given(before=OFFSETS, offsets=OFFSETS)
def test_offsets_of_an_open_transaction_are_not_given_to_anybody(cluster, protocol, before, offsets):
    with (
        cluster.topic(PARTITIONS) as topic,
        cluster.group() as group,
        cluster.transactional_producer(protocol=protocol) as producer,
    ):
        group.commit(topic, before)
        expect(producer.begin().send_offsets(group, topic, offsets), "the errors").equals(all_right(offsets))

        expect(committed_offsets(group, topic), "the committed offsets").equals(as_offsets(before))


@checks("transactions/offsets/abort-shows-none")
@over_protocols
@given(before=OFFSETS, offsets=OFFSETS)
def test_offsets_of_an_aborted_transaction_are_dropped(cluster, protocol, before, offsets):
    with (
        cluster.topic(PARTITIONS) as topic,
        cluster.group() as group,
        cluster.transactional_producer(protocol=protocol) as producer,
    ):
        group.commit(topic, before)
        transaction = producer.begin()
        expect(transaction.send_offsets(group, topic, offsets), "the errors").equals(all_right(offsets))

        transaction.abort()

        expect(committed_offsets(group, topic), "the committed offsets").equals(as_offsets(before))


@checks("transactions/offsets/with-records")
@over_protocols
@given(ends=st.lists(st.booleans(), min_size=1, max_size=4))
def test_offsets_and_records_of_a_transaction_have_one_outcome(cluster, protocol, ends):
    with (
        cluster.topic(PARTITIONS) as topic,
        cluster.group() as group,
        cluster.transactional_producer(protocol=protocol) as producer,
    ):
        seen = []
        for number, committed in enumerate(ends):
            transaction = producer.begin()
            transaction.send(topic, [b"%d" % number])
            transaction.send_offsets(group, topic, {0: number})
            (transaction.commit if committed else transaction.abort)()
            seen.append((committed_values(topic)[-1:], group.committed(topic).offset))

        kept = [max((n for n in range(number + 1) if ends[n]), default=-1) for number in range(len(ends))]
        expect(seen, "the last record and the committed offset after each transaction").equals(
            [([b"%d" % number] if number >= 0 else [], number) for number in kept]
        )


@checks("transactions/offsets/several-groups")
@over_protocols
@given(committed=st.booleans(), count=st.integers(2, 4))
def test_the_offsets_of_all_groups_of_a_transaction_have_one_outcome(cluster, protocol, committed, count):
    with cluster.topic(PARTITIONS) as topic, cluster.transactional_producer(protocol=protocol) as producer:
        groups = [cluster.group() for _ in range(count)]
        transaction = producer.begin()
        for number, group in enumerate(groups):
            transaction.send_offsets(group, topic, {0: number})
        (transaction.commit if committed else transaction.abort)()

        seen = [group.committed(topic).offset for group in groups]
        for group in groups:
            group.close()
        expect(seen, "the committed offset of each group").equals(list(range(count)) if committed else [-1] * count)


@checks("transactions/offsets/last-wins")
@over_protocols
@given(commits=st.lists(OFFSETS, min_size=2, max_size=4))
def test_of_several_offsets_in_a_transaction_the_last_one_counts(cluster, protocol, commits):
    with (
        cluster.topic(PARTITIONS) as topic,
        cluster.group() as group,
        cluster.transactional_producer(protocol=protocol) as producer,
    ):
        transaction, wanted = producer.begin(), {}
        for offsets in commits:
            transaction.send_offsets(group, topic, offsets)
            wanted |= offsets
        transaction.commit()

        expect(committed_offsets(group, topic), "the committed offsets").equals(as_offsets(wanted))


@checks("transactions/offsets/later-commit-wins")
@over_protocols
@given(in_transaction=OFFSETS, plain=OFFSETS)
def test_a_plain_commit_that_came_later_outlives_the_end_of_the_transaction(cluster, protocol, in_transaction, plain):
    with (
        cluster.topic(PARTITIONS) as topic,
        cluster.group() as group,
        cluster.transactional_producer(protocol=protocol) as producer,
    ):
        transaction = producer.begin()
        transaction.send_offsets(group, topic, in_transaction)
        group.commit(topic, plain)
        meanwhile = committed_offsets(group, topic)
        transaction.commit()

        expect(meanwhile, "the committed offsets before the end").equals(as_offsets(plain))
        expect(committed_offsets(group, topic), "the committed offsets").equals(as_offsets(in_transaction | plain))


@checks("transactions/offsets/unstable")
@over_protocols
@given(offsets=OFFSETS, committed=st.booleans())
def test_who_requires_stable_offsets_is_told_where_a_transaction_may_still_change_them(
    cluster, protocol, offsets, committed
):
    cluster.require(ApiKey.OFFSET_FETCH, 7)
    with (
        cluster.topic(PARTITIONS) as topic,
        cluster.group() as group,
        cluster.transactional_producer(protocol=protocol) as producer,
    ):
        transaction = producer.begin()
        transaction.send_offsets(group, topic, offsets)
        pending = [group.committed(topic, partition, require_stable=True) for partition in range(PARTITIONS)]
        (transaction.commit if committed else transaction.abort)()
        stable = [group.committed(topic, partition, require_stable=True) for partition in range(PARTITIONS)]

        unstable = ErrorCode.UNSTABLE_OFFSET_COMMIT
        expect([entry.error for entry in pending], "the errors while it is open").equals(
            [unstable if partition in offsets else ErrorCode.NONE for partition in range(PARTITIONS)]
        )
        expect([entry.offset for entry in pending], "the offsets while it is open").equals([-1] * PARTITIONS)
        expect([entry.error for entry in stable], "the errors after its end").equals([ErrorCode.NONE] * PARTITIONS)
        expect([entry.offset for entry in stable], "the offsets after its end").equals(
            as_offsets(offsets if committed else {})
        )


@checks("transactions/offsets/unstable")
@over_versions(ApiKey.OFFSET_FETCH, "7+")
def test_each_version_of_offset_fetch_can_require_stable_offsets(cluster, version):
    with cluster.topic() as topic, cluster.group() as group, cluster.transactional_producer() as producer:
        group.commit(topic, {0: 1})
        producer.begin().send_offsets(group, topic, {0: 2})

        required = group.committed(topic, require_stable=True, version=version)
        otherwise = group.committed(topic, version=version)

        expect(required).fails_with(ErrorCode.UNSTABLE_OFFSET_COMMIT)
        expect([otherwise.error, otherwise.offset], "what is given otherwise").equals([ErrorCode.NONE, 1])


@checks("transactions/offsets/group-is-verified")
@over_versions(ApiKey.TXN_OFFSET_COMMIT, "0-4")
def test_offsets_of_a_group_that_was_not_added_are_refused(cluster, version):
    with (
        cluster.topic(2) as topic,
        cluster.group() as group,
        cluster.transactional_producer(protocol=TransactionProtocol.V1) as producer,
    ):
        producer.begin().send(topic, [b"open"])

        errors = producer.commit_offsets_once(group, topic, {0: 5, 1: 6}, version=version)

        expect(errors, "the errors").equals(dict.fromkeys([0, 1], NOT_ADDED[version]))
        expect(group.committed(topic).offset, "the committed offset").equals(-1)


@checks("transactions/offsets/generation-is-verified")
@needs("classic-groups")
@over_protocols
@given(off=st.integers(-3, 3).filter(bool))
def test_only_members_of_the_current_generation_commit_offsets_in_transactions(cluster, protocol, off):
    cluster.require(ApiKey.TXN_OFFSET_COMMIT, 3)
    with (
        cluster.topic() as topic,
        cluster.group() as group,
        cluster.transactional_producer(protocol=protocol) as producer,
    ):
        member = group.member()
        member.join()
        member.sync({member.member_id: b""})
        transaction = producer.begin()
        generation = {"generation_id": member.generation_id, "member_id": member.member_id}
        other = {"generation_id": max(member.generation_id + off, 0) or 9, "member_id": member.member_id}
        stranger = {"generation_id": member.generation_id, "member_id": "stranger"}

        errors = [transaction.send_offsets(group, topic, {0: 5}, **who) for who in (other, stranger, generation)]
        transaction.commit()

        expect([entry[0] for entry in errors], "the errors of another generation, a stranger and the member").equals(
            [ErrorCode.ILLEGAL_GENERATION, ErrorCode.UNKNOWN_MEMBER_ID, ErrorCode.NONE]
        )
        expect(group.committed(topic).offset, "the committed offset").equals(5)


@checks("transactions/offsets/fenced")
@over_protocols
@given(newcomers=st.integers(1, 2))
def test_a_fenced_producer_commits_no_offsets(cluster, protocol, newcomers):
    with (
        cluster.topic() as topic,
        cluster.group() as group,
        cluster.transactional_producer(protocol=protocol) as fenced,
    ):
        transaction = fenced.begin()
        transaction.send_offsets(group, topic, {0: 5})
        for _ in range(newcomers):
            cluster.transactional_producer(fenced.transactional_id, protocol=protocol)

        errors = fenced.commit_offsets_once(group, topic, {0: 6})

        expect(errors, "the errors").equals({0: ErrorCode.INVALID_PRODUCER_EPOCH})
        stable = cluster.eventually(lambda: group.committed(topic, require_stable=True), what="offsets are stable")
        expect(stable.offset, "the committed offset").equals(-1)


@checks("transactions/offsets/fenced")
@over_protocols
def test_a_producer_that_was_fenced_before_its_first_offsets_commits_none(cluster, protocol):
    with (
        cluster.topic() as topic,
        cluster.group() as group,
        cluster.transactional_producer(protocol=protocol) as fenced,
        cluster.transactional_producer(fenced.transactional_id, protocol=protocol) as successor,
    ):
        transaction = successor.begin()
        transaction.send(topic, [b"successor's"])

        errors = fenced.commit_offsets_once(group, topic, {0: 5})
        transaction.commit()

        expect(errors, "the errors").equals({0: ErrorCode.INVALID_PRODUCER_EPOCH})
        expect(group.committed(topic).offset, "the committed offset").equals(-1)


@checks("transactions/offsets/unknown-partition")
@over_protocols
def test_offsets_of_a_partition_that_does_not_exist_are_refused_alone(cluster, protocol):
    with (
        cluster.topic() as topic,
        cluster.group() as group,
        cluster.transactional_producer(protocol=protocol) as producer,
    ):
        transaction = producer.begin()

        errors = transaction.send_offsets(group, topic, {0: 5, 9: 5})
        transaction.commit()

        expect(errors, "the errors").equals({0: ErrorCode.NONE, 9: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION})
        expect(group.committed(topic).offset, "the committed offset").equals(5)
