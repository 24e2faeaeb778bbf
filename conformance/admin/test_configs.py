"""DescribeConfigs, IncrementalAlterConfigs, AlterConfigs: what is set on a topic, and what it falls back to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.admin.configuring import (
    APPEND,
    DEFAULT_CONFIG,
    DELETE,
    SUBTRACT,
    Alter,
    alter,
    describe,
    entries,
    replace,
    settles,
)
from kafka_conformance.harness.cases import ApiKey, ErrorCode, checks, expect, over_versions

RETENTION = {"retention.ms": st.integers(60_000, 10**9).map(str)}
OTHERS = {
    "max.message.bytes": st.integers(1_000, 10**6).map(str),
    "segment.bytes": st.integers(2**20, 2**30).map(str),
    "message.timestamp.type": st.sampled_from(["CreateTime", "LogAppendTime"]),
}
SETTINGS = st.fixed_dictionaries(RETENTION, optional=OTHERS)
CHANGES = st.fixed_dictionaries({}, optional={**RETENTION, **OTHERS}).filter(bool)
BAD = st.sampled_from(
    [
        Alter("no.such.config", "1"),
        Alter("retention.ms", "long"),
        Alter("retention.ms", "-2"),
        Alter("cleanup.policy", "keep"),
        Alter("min.insync.replicas", "0"),
        Alter("retention.ms", "1", APPEND),
    ]
)
DOCUMENTED_DEFAULTS = {
    "cleanup.policy": "delete",
    "compression.type": "producer",
    "message.timestamp.type": "CreateTime",
    "delete.retention.ms": "86400000",
}


@checks("admin/configs/defaults-are-described")
@over_versions(ApiKey.DESCRIBE_CONFIGS)
def test_what_is_not_set_is_described_with_its_default(cluster, version):
    with cluster.topic() as topic:
        found = entries(describe(cluster, topic.name, list(DOCUMENTED_DEFAULTS), version=version))

        values = {name: (entry.value, entry.config_source) for name, entry in found.items()}
        expect(values, "values and sources").equals(
            {name: (value, DEFAULT_CONFIG) for name, value in DOCUMENTED_DEFAULTS.items()}
        )


@checks("admin/configs/describes-what-was-asked")
@given(keys=st.lists(st.sampled_from(sorted(DOCUMENTED_DEFAULTS)), unique=True, min_size=1))
def test_only_the_names_that_were_asked_for_are_described(cluster, keys):
    with cluster.topic() as topic:
        some = entries(describe(cluster, topic.name, keys))
        everything = entries(describe(cluster, topic.name, None))

        expect(sorted(some), "the names").equals(sorted(keys))
        missing = set(DOCUMENTED_DEFAULTS) - set(everything)
        expect(missing, "names that are left out where all are asked for").equals(set())


@checks("admin/configs/unknown-topic")
@over_versions(ApiKey.DESCRIBE_CONFIGS)
def test_an_unknown_topic_is_not_described(cluster, version):
    result = describe(cluster, cluster.unique("unknown"), version=version)

    expect(result.error_code, "the error").equals(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect(result.configs, "the configurations").equals([])


@checks("admin/configs/unknown-topic")
@pytest.mark.parametrize("validate_only", [True, False])
def test_an_unknown_topic_is_not_altered(cluster, validate_only):
    error = alter(cluster, cluster.unique("unknown"), Alter("retention.ms", "60000"), validate_only=validate_only)

    expect(error, "the error").equals(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)


@checks("admin/configs/sets-and-deletes")
@given(before=SETTINGS, changes=CHANGES, data=st.data())
def test_what_is_set_is_the_topics_own_until_it_is_deleted(cluster, before, changes, data):
    with cluster.topic(configs=before) as topic:
        set_some = [Alter(name, value) for name, value in changes.items()]
        expect(alter(cluster, topic.name, *set_some), "the error").equals(ErrorCode.NONE)
        after = {**before, **changes}
        settles(cluster, topic.name, after)

        deleted = data.draw(st.sets(st.sampled_from(sorted(after)), min_size=1), label="what is deleted")
        delete_some = [Alter(name, None, DELETE) for name in deleted]
        expect(alter(cluster, topic.name, *delete_some), "the error").equals(ErrorCode.NONE)
        settles(cluster, topic.name, {name: value for name, value in after.items() if name not in deleted})


@checks("admin/configs/sets-and-deletes")
@over_versions(ApiKey.INCREMENTAL_ALTER_CONFIGS)
def test_every_version_sets_and_deletes(cluster, version):
    with cluster.topic(configs={"retention.ms": "60000"}) as topic:
        changes = [Alter("segment.bytes", "1048576"), Alter("retention.ms", None, DELETE)]
        expect(alter(cluster, topic.name, *changes, version=version), "the error").equals(ErrorCode.NONE)

        settles(cluster, topic.name, {"segment.bytes": "1048576"})


@checks("admin/configs/lists-grow-and-shrink")
@over_versions(ApiKey.INCREMENTAL_ALTER_CONFIGS)
def test_elements_are_added_to_a_list_and_taken_from_it(cluster, version):
    held = {"retention.ms": "60000"}
    with cluster.topic(configs={**held, "cleanup.policy": "delete"}) as topic:
        compact = Alter("cleanup.policy", "compact", APPEND)
        expect(alter(cluster, topic.name, compact, version=version), "the error").equals(ErrorCode.NONE)
        settles(cluster, topic.name, {**held, "cleanup.policy": "delete,compact"})
        again = alter(cluster, topic.name, compact, Alter("retention.ms", "70000"), version=version)
        expect(again, "the error of adding it again").equals(ErrorCode.NONE)
        settles(cluster, topic.name, {"retention.ms": "70000", "cleanup.policy": "delete,compact"})

        delete = Alter("cleanup.policy", "delete", SUBTRACT)
        expect(alter(cluster, topic.name, delete, version=version), "the error").equals(ErrorCode.NONE)
        settles(cluster, topic.name, {"retention.ms": "70000", "cleanup.policy": "compact"})


@checks("admin/configs/replaces-all")
@given(before=SETTINGS, after=CHANGES)
def test_alter_configs_takes_back_what_it_does_not_name(cluster, before, after):
    with cluster.topic(configs=before) as topic:
        expect(replace(cluster, topic.name, after), "the error").equals(ErrorCode.NONE)

        settles(cluster, topic.name, after)


@checks("admin/configs/replaces-all")
@over_versions(ApiKey.ALTER_CONFIGS)
def test_every_version_of_alter_configs_takes_back_the_rest(cluster, version):
    with cluster.topic(configs={"cleanup.policy": "compact"}) as topic:
        expect(replace(cluster, topic.name, {"segment.ms": "60000"}, version=version), "the error").equals(
            ErrorCode.NONE
        )

        settles(cluster, topic.name, {"segment.ms": "60000"})


@checks("admin/configs/invalid-is-refused")
@given(before=SETTINGS, good=CHANGES, bad=BAD, data=st.data())
def test_a_change_that_cannot_be_is_refused_with_those_beside_it(cluster, before, good, bad, data):
    others = [Alter(name, value) for name, value in good.items() if name != bad.name]
    changes = data.draw(st.permutations([bad, *others]), label="the changes")
    with cluster.topic(configs=before) as topic:
        settles(cluster, topic.name, before)
        expect(alter(cluster, topic.name, *changes), "the error").equals(ErrorCode.INVALID_CONFIG)

        # A change that is accepted afterwards is all that happened.
        expect(alter(cluster, topic.name, Alter("delete.retention.ms", "1234")), "the error").equals(ErrorCode.NONE)
        settles(cluster, topic.name, {**before, "delete.retention.ms": "1234"})


@checks("admin/configs/validate-only-changes-nothing")
@given(before=SETTINGS, changes=CHANGES)
def test_validate_only_changes_nothing(cluster, before, changes):
    with cluster.topic(configs=before) as topic:
        tried = [Alter(name, value) for name, value in changes.items()]
        expect(alter(cluster, topic.name, *tried, validate_only=True), "the error").equals(ErrorCode.NONE)
        expect(replace(cluster, topic.name, changes, validate_only=True), "the error").equals(ErrorCode.NONE)

        expect(alter(cluster, topic.name, Alter("delete.retention.ms", "1234")), "the error").equals(ErrorCode.NONE)
        settles(cluster, topic.name, {**before, "delete.retention.ms": "1234"})


@checks("admin/configs/take-effect")
@given(excess=st.integers(1, 2_000))
def test_a_limit_that_is_set_holds_for_the_next_records(cluster, excess):
    with cluster.topic() as topic:
        expect(topic.produce([b"x" * (1_000 + excess)])).acknowledged_at(0)
        expect(alter(cluster, topic.name, Alter("max.message.bytes", "1000")), "the error").equals(ErrorCode.NONE)

        def refused():
            return topic.produce([b"x" * (1_000 + excess)]).error is ErrorCode.MESSAGE_TOO_LARGE

        cluster.eventually(refused, within_s=30, what="a record above the limit is refused")
        expect(topic.produce([b"small"]), "a record below the limit").succeeds()
