"""DescribeTransactions, ListTransactions and DescribeProducers (KIP-664, KIP-994, KIP-1152)."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.transactions.looking import (
    described,
    listed,
    partitions_of,
    producers_of,
    state_of_producer,
)
from kafka_conformance.harness.cases import (
    ApiKey,
    ErrorCode,
    checks,
    expect,
    few_examples,
    over_protocols,
    over_versions,
)
from kafka_conformance.protocol.messages.list_transactions import ListTransactionsRequest

LONG_MS = 10**9


@checks("transactions/looking/open-transaction")
@over_protocols
@given(partitions=st.sets(st.integers(0, 3), min_size=1), timeout_ms=st.integers(30_000, 600_000))
def test_an_open_transaction_is_described_with_its_producer_and_its_partitions(
    cluster, protocol, partitions, timeout_ms
):
    with (
        cluster.topic(4) as topic,
        cluster.transactional_producer(protocol=protocol, timeout_ms=timeout_ms) as producer,
    ):
        transaction = producer.begin()
        for partition in sorted(partitions):
            transaction.send(topic, [b"a"], partition=partition)

        state = described(producer)

        expect([ErrorCode(state.error_code), state.transaction_state], "the error and the state").equals(
            [ErrorCode.NONE, "Ongoing"]
        )
        expect([state.producer_id, state.producer_epoch], "producer id and epoch").equals(
            [producer.producer_id, producer.epoch]
        )
        expect(state.transaction_timeout_ms, "the timeout").equals(timeout_ms)
        expect(partitions_of(state), "the partitions").equals({topic.name: sorted(partitions)})
        expect(state.transaction_start_time_ms, "the time of its start").is_at_least(1)


@checks("transactions/looking/ended-transaction")
@over_protocols
@given(committed=st.booleans())
def test_a_transaction_that_ended_is_described_as_complete_without_partitions(cluster, protocol, committed):
    with cluster.topic() as topic, cluster.transactional_producer(protocol=protocol) as producer:
        before = described(producer)
        transaction = producer.begin()
        transaction.send(topic, [b"a"])
        (transaction.commit if committed else transaction.abort)()

        after = described(producer)

        expect([before.transaction_state, partitions_of(before)], "what was said before").equals(["Empty", {}])
        expect([after.transaction_state, partitions_of(after)], "what is said after").equals(
            ["CompleteCommit" if committed else "CompleteAbort", {}]
        )
        expect([after.producer_id, after.producer_epoch], "producer id and epoch").equals(
            [producer.producer_id, producer.epoch]
        )


@checks("transactions/looking/unknown-transactional-id")
def test_a_transactional_id_that_was_never_initialised_is_not_found(cluster):
    with cluster.transactional_producer() as producer:
        producer.transactional_id = cluster.unique("never-initialised")
        producer.find_coordinator()

        state = described(producer)

        expect(ErrorCode(state.error_code), "the error").equals(ErrorCode.TRANSACTIONAL_ID_NOT_FOUND)


@checks("transactions/looking/list")
@over_versions(ApiKey.LIST_TRANSACTIONS)
@given(opened=st.lists(st.booleans(), min_size=1, max_size=3), data=st.data())
def test_transactions_are_listed_by_state_and_by_producer_id(cluster, version, opened, data):
    with cluster.topic() as topic:
        producers = [cluster.transactional_producer() for _ in opened]
        for producer, is_open in zip(producers, opened, strict=True):
            [lambda: None, lambda producer=producer: producer.begin().send(topic, [b"a"])][is_open]()
        states = data.draw(st.sets(st.sampled_from(["Empty", "Ongoing"])), label="the states asked for")
        asked = data.draw(st.sets(st.sampled_from(producers), min_size=1), label="the producers asked for")

        found = listed(
            cluster, states=sorted(states), producer_ids=[producer.producer_id for producer in asked], version=version
        )

        for producer in producers:
            producer.close()
        wanted = {
            producer.transactional_id: (producer.producer_id, ["Empty", "Ongoing"][is_open])
            for producer, is_open in zip(producers, opened, strict=True)
            if producer in asked and (not states or ["Empty", "Ongoing"][is_open] in states)
        }
        expect(found, "producer id and state by transactional id").equals(wanted)


@checks("transactions/looking/list")
@over_versions(ApiKey.LIST_TRANSACTIONS)
def test_without_filters_all_transactions_are_listed(cluster, version):
    with cluster.transactional_producer() as one, cluster.transactional_producer() as other:
        found = listed(cluster, version=version)

        expect(found.get(one.transactional_id), "one of them").equals((one.producer_id, "Empty"))
        expect(found.get(other.transactional_id), "the other").equals((other.producer_id, "Empty"))


@checks("transactions/looking/unknown-state-filters")
@over_versions(ApiKey.LIST_TRANSACTIONS)
@few_examples
@given(unknown=st.lists(st.sampled_from(["ongoing", "Open", "", "?"]), min_size=1, max_size=3, unique=True))
def test_states_that_do_not_exist_are_named_in_the_answer_and_match_nothing(cluster, version, unknown):
    with cluster.topic() as topic, cluster.transactional_producer() as producer:
        producer.begin().send(topic, [b"a"])
        request = ListTransactionsRequest(state_filters=unknown, producer_id_filters=[producer.producer_id])

        alone = cluster.send(request, version, node=producer.coordinator)
        request.state_filters = [*unknown, "Ongoing"]
        together = cluster.send(request, version, node=producer.coordinator)

        expect([ErrorCode(alone.error_code), sorted(alone.unknown_state_filters)], "error and unknown states").equals(
            [ErrorCode.NONE, sorted(unknown)]
        )
        expect(alone.transaction_states, "what they match").equals([])
        expect([entry.transactional_id for entry in together.transaction_states], "what all match").equals(
            [producer.transactional_id]
        )


@checks("transactions/looking/duration-filter")
@over_versions(ApiKey.LIST_TRANSACTIONS, "1+")
def test_transactions_are_listed_by_how_long_they_have_been_open(cluster, version):
    with cluster.topic() as topic, cluster.transactional_producer() as producer:
        producer.begin().send(topic, [b"a"])
        mine = {"producer_ids": [producer.producer_id], "version": version}

        cluster.eventually(lambda: listed(cluster, duration_ms=20, **mine), what="it has been open for 20 ms")
        younger = listed(cluster, duration_ms=LONG_MS, **mine)

        expect(younger, "those that have been open for long").equals({})


@checks("transactions/looking/pattern-filter")
@over_versions(ApiKey.LIST_TRANSACTIONS, "2+")
@given(suffixes=st.sets(st.sampled_from(["a", "b", "ab", "c"]), min_size=1))
def test_transactions_are_listed_whose_whole_id_matches_a_pattern(cluster, version, suffixes):
    stem = cluster.unique("stem")
    for suffix in sorted(suffixes):
        cluster.transactional_producer(f"{stem}.{suffix}")

    found = {pattern: set(listed(cluster, pattern=pattern, version=version)) for pattern in (f"{stem}.[ab]", stem)}

    expect(found, "what is listed by pattern").equals(
        {f"{stem}.[ab]": {f"{stem}.{suffix}" for suffix in suffixes & {"a", "b"}}, stem: set()}
    )


@checks("transactions/looking/pattern-filter")
@over_versions(ApiKey.LIST_TRANSACTIONS, "2+")
def test_a_pattern_that_is_no_regular_expression_is_refused(cluster, version):
    with cluster.transactional_producer() as producer:
        answer = producer.ask(ListTransactionsRequest(transactional_id_pattern="(ab(c"), version)

        expect(ErrorCode(answer.error_code), "the error").equals(ErrorCode.INVALID_REGULAR_EXPRESSION)


@checks("transactions/looking/producers")
@over_protocols
@given(before=st.integers(0, 3), sizes=st.lists(st.integers(1, 3), min_size=1, max_size=3), committed=st.booleans())
def test_a_partition_tells_where_a_producers_open_transaction_began(cluster, protocol, before, sizes, committed):
    with cluster.topic() as topic, cluster.transactional_producer(protocol=protocol) as producer:
        for _ in range(before):
            topic.produce([b"before"])
        transaction = producer.begin()
        for size in sizes:
            transaction.send(topic, [b"a"] * size)

        during = state_of_producer(cluster, topic, producer.producer_id)
        (transaction.commit if committed else transaction.abort)()
        after = state_of_producer(cluster, topic, producer.producer_id)

        expect(
            [during.producer_epoch, during.current_txn_start_offset, during.last_sequence],
            "epoch, start and last sequence while it is open",
        ).equals([transaction.epoch, before, sum(sizes) - 1])
        expect([after.producer_epoch, after.current_txn_start_offset], "epoch and start after its end").equals(
            [producer.epoch, -1]
        )


@checks("transactions/looking/producers-of-unknown-partitions")
def test_the_producers_of_a_partition_that_does_not_exist_are_not_told(cluster):
    with cluster.topic() as topic:
        found = producers_of(cluster, topic, 7)

        expect([ErrorCode(found.error_code), found.active_producers], "the error and the producers").equals(
            [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, []]
        )
