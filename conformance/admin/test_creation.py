"""CreateTopics: what is made, and why not."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kafka_conformance.conformance.admin.configuring import broker_value, settles
from kafka_conformance.conformance.admin.looking import described, known_everywhere
from kafka_conformance.conformance.admin.making import Maker, assigned, invalid_names, plain
from kafka_conformance.harness.cases import ApiKey, ErrorCode, checks, expect, over_versions

NO_BROKER = 987_654
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "retention.ms": st.integers(60_000, 10**9).map(str),
        "max.message.bytes": st.integers(1_000, 10**6).map(str),
        "cleanup.policy": st.sampled_from(["delete", "compact"]),
        "message.timestamp.type": st.sampled_from(["CreateTime", "LogAppendTime"]),
        "min.insync.replicas": st.just("1"),
    },
)
BAD_SETTINGS = st.sampled_from(
    [
        {"no.such.config": "1"},
        {"retention.ms": "long"},
        {"retention.ms": "-2"},
        {"cleanup.policy": "keep"},
        {"min.insync.replicas": "0"},
        {"retention.ms": None},
    ]
)


@checks("admin/creation/makes-what-was-asked")
@over_versions(ApiKey.CREATE_TOPICS)
def test_a_topic_is_made_with_the_partitions_and_replicas_that_were_asked_for(cluster, version):
    name = cluster.unique("made")
    with Maker(cluster) as maker:
        made = maker.make_one(plain(name, partitions=3), version=version)
        expect(made.error_code, "the error").equals(ErrorCode.NONE)

        cluster.eventually(lambda: known_everywhere(cluster, name), within_s=30, what="every node knows it")
        partitions = described(cluster, name).partitions
        shape = sorted((each.partition_index, len(each.replica_nodes)) for each in partitions)
        expect(shape, "index and number of replicas of its partitions").equals([(0, 1), (1, 1), (2, 1)])


@checks("admin/creation/answer-tells-what-was-made")
@given(partitions=st.integers(1, 4), settings=SETTINGS)
def test_the_answer_tells_id_partitions_replicas_and_configurations(cluster, partitions, settings):
    cluster.require(ApiKey.CREATE_TOPICS, 7)
    name = cluster.unique("told")
    with Maker(cluster) as maker:
        made = maker.make_one(plain(name, partitions=partitions, configs=settings))

        expect(made.error_code, "the error").equals(ErrorCode.NONE)
        expect((made.num_partitions, made.replication_factor), "partitions and replicas").equals((partitions, 1))
        told = {entry.name: entry.value for entry in made.configs if entry.name in settings}
        expect(told, "the configurations").equals(settings)
        cluster.eventually(lambda: known_everywhere(cluster, name), within_s=30, what="every node knows it")
        expect(made.topic_id, "the id").equals(described(cluster, name).topic_id)


@checks("admin/creation/stores-configurations")
@given(settings=SETTINGS, retention_ms=st.integers(60_000, 10**9).map(str))
def test_configurations_given_at_creation_are_the_topics_own(cluster, settings, retention_ms):
    settings = {"retention.ms": retention_ms, **settings}
    with cluster.topic(configs=settings) as topic:
        settles(cluster, topic.name, settings)


@checks("admin/creation/defaults-are-the-brokers")
@over_versions(ApiKey.CREATE_TOPICS, "4+")
def test_minus_1_stands_for_the_brokers_defaults(cluster, version):
    name = cluster.unique("default")
    with Maker(cluster) as maker:
        made = maker.make_one(plain(name, partitions=-1, replication_factor=-1), version=version)
        expect(made.error_code, "the error").equals(ErrorCode.NONE)

        cluster.eventually(lambda: known_everywhere(cluster, name), within_s=30, what="every node knows it")
        partitions = described(cluster, name).partitions
        expect(len(partitions), "the number of partitions").equals(int(broker_value(cluster, "num.partitions")))
        replicas = {len(each.replica_nodes) for each in partitions}
        expect(replicas, "the numbers of replicas").equals({int(broker_value(cluster, "default.replication.factor"))})


@checks("admin/creation/validate-only-makes-nothing")
@over_versions(ApiKey.CREATE_TOPICS)
def test_validate_only_makes_nothing(cluster, version):
    topic = plain(cluster.unique("tried"), partitions=2)
    with Maker(cluster) as maker:
        tried = [maker.make_one(topic, version=version, validate_only=True).error_code for _ in range(2)]

        expect(tried, "the errors of trying").equals([ErrorCode.NONE] * 2)
        expect(maker.make_one(topic).error_code, "the error of making it").equals(ErrorCode.NONE)


@checks("admin/creation/existing-is-refused")
@given(partitions=st.integers(-2, 3), validate_only=st.booleans())
def test_a_topic_that_exists_is_refused_and_stays_as_it_is(cluster, partitions, validate_only):
    with cluster.topic(partitions=2) as topic, Maker(cluster) as maker:
        again = maker.make_one(plain(topic.name, partitions=partitions), validate_only=validate_only)

        expect(again.error_code, "the error").equals(ErrorCode.TOPIC_ALREADY_EXISTS)
        expect(topic.refresh().topic_id, "the id").equals(topic.id)
        expect(len(topic.refresh().partitions), "the number of partitions").equals(2)


@checks("admin/creation/invalid-partitions")
@given(partitions=st.just(0) | st.integers(-(2**31), -2), validate_only=st.booleans())
def test_no_partitions_are_refused(cluster, partitions, validate_only):
    name = cluster.unique("refused")
    with Maker(cluster) as maker:
        refused = maker.make_one(plain(name, partitions=partitions), validate_only=validate_only)

        expect(refused.error_code, "the error").equals(ErrorCode.INVALID_PARTITIONS)
        expect(maker.make_one(plain(name)).error_code, "the error of making it").equals(ErrorCode.NONE)


@checks("admin/creation/invalid-replication-factor")
@given(data=st.data(), validate_only=st.booleans())
def test_no_replicas_and_more_replicas_than_brokers_are_refused(cluster, data, validate_only):
    name = cluster.unique("refused")
    factor = data.draw(st.just(0) | st.integers(-100, -2) | st.integers(len(cluster.node_ids) + 1, 100), label="factor")
    with Maker(cluster) as maker:
        refused = maker.make_one(plain(name, replication_factor=factor), validate_only=validate_only)

        expect(refused.error_code, "the error").equals(ErrorCode.INVALID_REPLICATION_FACTOR)
        expect(maker.make_one(plain(name)).error_code, "the error of making it").equals(ErrorCode.NONE)


@checks("admin/creation/invalid-name")
@given(name=invalid_names(), validate_only=st.booleans())
def test_a_name_that_no_topic_can_have_is_refused(cluster, name, validate_only):
    with Maker(cluster) as maker:
        refused = maker.make_one(plain(name), validate_only=validate_only)

        expect(refused.error_code, "the error").equals(ErrorCode.INVALID_TOPIC_EXCEPTION)


@checks("admin/creation/longest-name")
@given(length=st.integers(240, 249))
def test_a_name_of_up_to_249_characters_is_accepted(cluster, length):
    name = cluster.unique("long").ljust(length, "x")
    with Maker(cluster) as maker:
        expect(maker.make_one(plain(name)).error_code, "the error").equals(ErrorCode.NONE)


@checks("admin/creation/colliding-name")
@given(order=st.permutations(["a.b", "a_b"]), validate_only=st.booleans())
def test_a_name_that_differs_from_another_only_in_dots_and_underscores_is_refused(cluster, order, validate_only):
    stem = cluster.unique("collides")
    first, second = (f"{stem}-{ending}" for ending in order)
    with Maker(cluster) as maker:
        expect(maker.make_one(plain(first)).error_code, "the error of the first").equals(ErrorCode.NONE)

        colliding = maker.make_one(plain(second), validate_only=validate_only)

        expect(colliding.error_code, "the error").equals(ErrorCode.INVALID_TOPIC_EXCEPTION)


@checks("admin/creation/invalid-configuration")
@given(bad=BAD_SETTINGS, good=SETTINGS, validate_only=st.booleans())
def test_a_configuration_that_cannot_be_is_refused(cluster, bad, good, validate_only):
    name = cluster.unique("refused")
    with Maker(cluster) as maker:
        refused = maker.make_one(plain(name, configs={**good, **bad}), validate_only=validate_only)

        expect(refused.error_code, "the error").equals(ErrorCode.INVALID_CONFIG)
        expect(maker.make_one(plain(name)).error_code, "the error of making it").equals(ErrorCode.NONE)


@checks("admin/creation/invalid-assignment")
@given(data=st.data(), validate_only=st.booleans())
def test_an_assignment_that_cannot_be_is_refused(cluster, data, validate_only):
    node = cluster.node_ids[0]
    impossible = [{1: [node]}, {0: [node], 2: [node]}, {0: [NO_BROKER]}, {0: [node, node]}, {0: []}]
    name = cluster.unique("refused")
    replicas = data.draw(st.sampled_from(impossible), label="the assignment")
    with Maker(cluster) as maker:
        refused = maker.make_one(assigned(name, replicas), validate_only=validate_only)

        expect(refused.error_code, "the error").equals(ErrorCode.INVALID_REPLICA_ASSIGNMENT)
        expect(maker.make_one(plain(name)).error_code, "the error of making it").equals(ErrorCode.NONE)


@checks("admin/creation/follows-assignment")
@given(data=st.data(), partitions=st.integers(1, 4))
def test_replicas_are_where_the_assignment_puts_them(cluster, data, partitions):
    count = data.draw(st.integers(1, len(cluster.node_ids)), label="replicas of each partition")
    orders = st.permutations(cluster.node_ids).map(lambda order: list(order[:count]))
    replicas = {index: data.draw(orders, label=f"replicas of partition {index}") for index in range(partitions)}
    name = cluster.unique("assigned")
    with Maker(cluster) as maker:
        expect(maker.make_one(assigned(name, replicas)).error_code, "the error").equals(ErrorCode.NONE)

        cluster.eventually(lambda: known_everywhere(cluster, name), within_s=30, what="every node knows it")
        found = {each.partition_index: each.replica_nodes for each in described(cluster, name).partitions}
        expect(found, "the replicas of each partition").equals(replicas)


@checks("admin/creation/assignment-with-counts")
@given(partitions=st.sampled_from([-1, 1, 2]), factor=st.sampled_from([-1, 1, 2]), validate_only=st.booleans())
def test_an_assignment_together_with_counts_is_refused(cluster, partitions, factor, validate_only):
    assume((partitions, factor) != (-1, -1))
    topic = assigned(
        cluster.unique("refused"), {0: [cluster.node_ids[0]]}, partitions=partitions, replication_factor=factor
    )
    with Maker(cluster) as maker:
        refused = maker.make_one(topic, validate_only=validate_only)

        expect(refused.error_code, "the error").equals(ErrorCode.INVALID_REQUEST)


@checks("admin/creation/duplicate-name")
@given(times=st.integers(2, 4), validate_only=st.booleans())
def test_a_topic_that_is_named_twice_is_refused_once_and_not_made(cluster, times, validate_only):
    twice, other = cluster.unique("twice"), cluster.unique("once")
    with Maker(cluster) as maker:
        results = maker.make(*[plain(twice)] * times, plain(other), validate_only=validate_only)

        outcome = sorted((result.name == twice, result.error_code) for result in results)
        expect(outcome, "the results").equals([(False, ErrorCode.NONE), (True, ErrorCode.INVALID_REQUEST)])
        expect(maker.make_one(plain(twice)).error_code, "the error of making it").equals(ErrorCode.NONE)


@checks("admin/creation/one-by-one")
@over_versions(ApiKey.CREATE_TOPICS)
@pytest.mark.parametrize("bad_first", [True, False])
def test_what_is_refused_for_one_topic_is_made_for_the_others(cluster, version, bad_first):
    good, bad = cluster.unique("good"), cluster.unique("bad")
    wanted = [plain(bad, partitions=0), plain(good)]
    with Maker(cluster) as maker:
        results = maker.make(*(wanted if bad_first else reversed(wanted)), version=version)

        errors = {result.name: result.error_code for result in results}
        expect(errors, "the errors").equals({good: ErrorCode.NONE, bad: ErrorCode.INVALID_PARTITIONS})
        cluster.eventually(lambda: known_everywhere(cluster, good), within_s=30, what="every node knows it")
