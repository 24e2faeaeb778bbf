"""What a fetch says of transactions where there were none."""

from kafka_conformance.harness.cases import (
    READ_COMMITTED,
    READ_UNCOMMITTED,
    ApiKey,
    checks,
    expect,
    over_versions,
)


@checks("fetch/isolation/aborted-transactions")
@over_versions(ApiKey.FETCH)
def test_aborted_transactions_are_null_for_read_uncommitted_and_a_list_for_read_committed(cluster, version):
    with cluster.topic() as topic:
        topic.produce([b"a"])

        uncommitted = topic.fetch(0, isolation_level=READ_UNCOMMITTED, version=version)
        committed = topic.fetch(0, isolation_level=READ_COMMITTED, version=version)

        expect(uncommitted.aborted_transactions, "aborted transactions at read_uncommitted").equals(None)
        expect(committed.aborted_transactions, "aborted transactions at read_committed").equals([])


@checks("fetch/isolation/same-without-transactions")
@over_versions(ApiKey.FETCH)
def test_without_transactions_read_committed_gives_all_records(cluster, version):
    with cluster.topic() as topic:
        topic.produce([b"a", b"b"])

        committed = topic.fetch(1, isolation_level=READ_COMMITTED, version=version)

        expect(committed).holds_exactly([b"a", b"b"])
        expect(committed.last_stable_offset, "the last stable offset").equals(2)
