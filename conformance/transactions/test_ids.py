"""InitProducerId with a transactional id: the same producer in its next epoch (KIP-98), or going on in it (KIP-360)."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.groups.settings import broker_setting
from kafka_conformance.conformance.transactions.reading import await_stability, committed_values
from kafka_conformance.harness.cases import ApiKey, ErrorCode, checks, expect, over_protocols, over_versions
from kafka_conformance.protocol.messages.find_coordinator import FindCoordinatorRequest

TRANSACTION = 1
"""The key type of FindCoordinator."""
FENCED = [ErrorCode.INVALID_PRODUCER_EPOCH] * 4 + [ErrorCode.PRODUCER_FENCED] * 2
"""What InitProducerId answers a producer that is fenced, by version (KIP-588)."""
LONGEST_MS = 900_000
"""The default of transaction.max.timeout.ms."""


@checks("transactions/ids/next-epoch")
@over_versions(ApiKey.INIT_PRODUCER_ID, "0-5")
def test_each_initialisation_gives_the_same_producer_id_in_the_next_epoch(cluster, version):
    with cluster.transactional_producer() as producer:
        first = producer.producer_id, producer.epoch

        again = [producer.init_once(version=version) for _ in range(3)]

        expect(first[1], "the first epoch").equals(0)
        expect([answer.error_code for answer in again], "the errors").equals([ErrorCode.NONE] * 3)
        expect([(answer.producer_id, answer.producer_epoch) for answer in again], "producer ids and epochs").equals(
            [(first[0], 1), (first[0], 2), (first[0], 3)]
        )


@checks("transactions/ids/next-epoch")
def test_producers_with_different_transactional_ids_have_different_producer_ids(cluster):
    with cluster.transactional_producer() as one, cluster.transactional_producer() as other:
        expect(one.producer_id, "the producer id").differs_from(other.producer_id)


@checks("transactions/ids/recovers-its-epoch")
@over_versions(ApiKey.INIT_PRODUCER_ID, "3-5")
def test_a_producer_that_names_its_epoch_gets_the_next_one_and_a_repeat_gets_the_same(cluster, version):
    with cluster.transactional_producer() as producer:
        own = {"producer_id": producer.producer_id, "epoch": producer.epoch}

        answers = [producer.init_once(**own, version=version) for _ in range(2)]

        expect([answer.error_code for answer in answers], "the errors").equals([ErrorCode.NONE] * 2)
        expect([(answer.producer_id, answer.producer_epoch) for answer in answers], "producer ids and epochs").equals(
            [(producer.producer_id, producer.epoch + 1)] * 2
        )


@checks("transactions/ids/recovering-is-fenced")
@over_versions(ApiKey.INIT_PRODUCER_ID, "3-5")
@given(newcomers=st.integers(1, 3))
def test_a_producer_whose_successors_came_cannot_recover_its_epoch(cluster, version, newcomers):
    with cluster.transactional_producer() as producer:
        for _ in range(newcomers):
            cluster.transactional_producer(producer.transactional_id)

        answer = producer.init_once(producer_id=producer.producer_id, epoch=producer.epoch, version=version)

        expect(ErrorCode(answer.error_code), "the error").equals(FENCED[version])


@checks("transactions/ids/recovering-is-fenced")
@given(ahead=st.integers(1, 100))
def test_an_epoch_that_was_never_given_cannot_be_recovered(cluster, ahead):
    cluster.require(ApiKey.INIT_PRODUCER_ID, 4)
    with cluster.transactional_producer() as producer:
        answer = producer.init_once(producer_id=producer.producer_id, epoch=producer.epoch + ahead, version=4)
        stranger = producer.init_once(producer_id=producer.producer_id + 1_000_000, epoch=producer.epoch, version=4)

        expect(ErrorCode(answer.error_code), "the error of a later epoch").equals(ErrorCode.PRODUCER_FENCED)
        expect(ErrorCode(stranger.error_code), "the error of another producer id").equals(ErrorCode.PRODUCER_FENCED)


@checks("transactions/ids/timeout-limits")
@given(beyond=st.integers(1, 1_000_000), below=st.integers(-(2**31), 0))
def test_a_timeout_that_is_not_positive_or_too_long_is_refused(cluster, beyond, below):
    with cluster.transactional_producer() as producer:
        longest = broker_setting(cluster, producer.coordinator, "transaction.max.timeout.ms", LONGEST_MS)

        refused = [producer.init_once(timeout_ms=timeout_ms) for timeout_ms in (0, below, longest + beyond)]
        granted = producer.init_once(timeout_ms=longest)

        expect([ErrorCode(answer.error_code) for answer in refused], "the errors").equals(
            [ErrorCode.INVALID_TRANSACTION_TIMEOUT] * 3
        )
        expect([ErrorCode(granted.error_code), granted.producer_epoch], "the longest timeout").equals(
            [ErrorCode.NONE, producer.epoch + 1]
        )


@checks("transactions/ids/empty-transactional-id")
def test_the_empty_text_is_no_transactional_id_in_any_version(cluster):
    # One case for all: a broker that takes it for an id gives it one epoch after the other.
    versions = [version for version in range(6) if version in cluster.versions[ApiKey.INIT_PRODUCER_ID]]
    with cluster.transactional_producer() as producer:
        producer.transactional_id = ""

        errors = [ErrorCode(producer.init_once(version=version).error_code) for version in versions]

        expect(errors, f"the errors of versions {versions}").equals([ErrorCode.INVALID_REQUEST] * len(versions))


@checks("transactions/fencing/newcomer-aborts-what-is-open")
@over_protocols
@given(values=st.lists(st.binary(max_size=8), min_size=1, max_size=3))
def test_an_initialisation_aborts_what_its_predecessor_left_open(cluster, protocol, values):
    with cluster.topic() as topic, cluster.transactional_producer(protocol=protocol) as predecessor:
        predecessor.begin().send(topic, values)

        first = predecessor.init_once()
        successor = cluster.transactional_producer(predecessor.transactional_id, protocol=protocol)
        await_stability(cluster, topic)
        topic.produce([b"behind"])

        expect(ErrorCode(first.error_code), "the first answer").equals(ErrorCode.CONCURRENT_TRANSACTIONS)
        expect(successor.producer_id, "the producer id").equals(predecessor.producer_id)
        expect(successor.epoch, "the epoch").is_at_least(predecessor.epoch + 1)
        expect(committed_values(topic), "what is shown at read_committed").equals([b"behind"])


@checks("transactions/fencing/newcomer-aborts-what-is-open")
def test_the_successor_can_write_at_once(cluster):
    with cluster.topic() as topic, cluster.transactional_producer() as predecessor:
        predecessor.begin().send(topic, [b"left open"])

        with cluster.transactional_producer(predecessor.transactional_id) as successor:
            transaction = successor.begin()
            transaction.send(topic, [b"successor's"])
            transaction.commit()

        expect(committed_values(topic), "what is shown at read_committed").equals([b"successor's"])


@checks("transactions/ids/find-coordinator")
@over_versions(ApiKey.FIND_COORDINATOR, "1-6")
def test_the_coordinator_of_a_transactional_id_is_a_node_that_serves_it(cluster, version):
    with cluster.transactional_producer() as producer:
        key = producer.transactional_id
        request = FindCoordinatorRequest(key=key, key_type=TRANSACTION, coordinator_keys=[key])

        answers = [cluster.send(request, version, node=node) for node in cluster.node_ids]

        found = [answer.coordinators[0] if version >= 4 else answer for answer in answers]
        expect([entry.error_code for entry in found], "the errors").equals([ErrorCode.NONE] * len(found))
        expect({entry.node_id for entry in found}, "the coordinators").equals({producer.coordinator})
