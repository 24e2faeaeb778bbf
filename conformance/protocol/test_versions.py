"""Which APIs and versions there are, as a broker says it and as it behaves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.protocol.frames import (
    correlation_id_of,
    read_answer,
    with_api_key,
    with_correlation_id,
    with_version,
)
from kafka_conformance.conformance.protocol.harmless import HARMLESS, OF_COORDINATORS, Subject
from kafka_conformance.harness.cases import ApiKey, ErrorCode, checks, expect, needs, over_versions
from kafka_conformance.protocol.messages.api_versions import ApiVersionsRequest
from kafka_conformance.protocol.messages.metadata import MetadataRequest

SOFTWARE = ApiVersionsRequest(client_software_name="kafka-conformance", client_software_version="1.0")
NO_TOPICS = MetadataRequest(topics=[], allow_auto_topic_creation=False)
LAST_KEY_OF_KAFKA = max(ApiKey)


def ranges(answer):
    """What an answer to ApiVersions advertises, by key."""
    return {entry.api_key: (entry.min_version, entry.max_version) for entry in answer.api_keys}


@checks("protocol/api-versions/ranges-are-ranges")
@over_versions(ApiKey.API_VERSIONS)
def test_each_api_is_advertised_once_with_a_range_of_versions(cluster, version):
    answer = cluster.send(SOFTWARE, version)

    expect(answer.error_code, "the error").equals(ErrorCode.NONE)
    expect(len(ranges(answer)), "the number of different APIs").equals(len(answer.api_keys))
    backwards = [entry for entry in answer.api_keys if not 0 <= entry.min_version <= entry.max_version]
    expect(backwards, "APIs whose range is none").equals([])
    expect(ranges(answer), "the APIs").holds(ApiKey.API_VERSIONS)


@checks("protocol/api-versions/may-be-repeated")
@given(versions=st.lists(st.integers(0, 4), min_size=2, max_size=5))
def test_every_answer_of_a_broker_advertises_the_same(cluster, versions):
    last = cluster.versions[ApiKey.API_VERSIONS].last
    with cluster.connect() as connection:
        answers = [connection.send(SOFTWARE, min(version, last)) for version in versions]

        expect([answer.error_code for answer in answers], "the errors").equals([ErrorCode.NONE] * len(answers))
        expect([ranges(answer) for answer in answers], "what is advertised").equals([ranges(answers[0])] * len(answers))


@checks("protocol/api-versions/unknown-version")
@given(data=st.data())
def test_an_unknown_version_of_api_versions_is_answered_in_version_0(cluster, data):
    known = cluster.versions[ApiKey.API_VERSIONS]
    version = data.draw(st.integers(known.last + 1, 2**15 - 1), label="the version")
    with cluster.connect() as connection:
        answer = connection.send_frame(with_version(connection.encode(SOFTWARE, known.last), version))

        body = read_answer(ApiKey.API_VERSIONS, 0, answer)
        expect(body.error_code, "the error").equals(ErrorCode.UNSUPPORTED_VERSION)
        expect(ranges(body).get(ApiKey.API_VERSIONS), "the versions of ApiVersions").equals((known.first, known.last))
        expect(connection).is_usable()


@checks("protocol/api-versions/client-software-is-checked")
@over_versions(ApiKey.API_VERSIONS, "3+")
@given(data=st.data())
def test_a_malformed_name_or_version_of_a_client_is_refused(cluster, version, data):
    good = st.from_regex(r"[a-zA-Z0-9](?:[a-zA-Z0-9\-.]{0,8}[a-zA-Z0-9])?", fullmatch=True)
    bad = st.sampled_from(["", " ", "-a", "a-", ".a", "a.", "a b", "a_b", "a/b", "é", "a\n"])
    name, software_version = data.draw(st.tuples(bad, good) | st.tuples(good, bad), label="name and version")
    with cluster.connect() as connection:
        request = ApiVersionsRequest(client_software_name=name, client_software_version=software_version)

        answer = connection.send(request, version)

        expect(answer.error_code, "the error").equals(ErrorCode.INVALID_REQUEST)
        expect(connection).is_usable()


@checks("protocol/api-versions/client-software-is-checked")
@over_versions(ApiKey.API_VERSIONS, "3+")
@given(data=st.data())
def test_a_well_formed_name_and_version_of_a_client_are_accepted(cluster, version, data):
    good = st.from_regex(r"[a-zA-Z0-9](?:[a-zA-Z0-9\-.]{0,20}[a-zA-Z0-9])?", fullmatch=True)
    request = ApiVersionsRequest(client_software_name=data.draw(good), client_software_version=data.draw(good))
    with cluster.connect() as connection:
        answer = connection.send(request, version)

        expect(answer.error_code, "the error").equals(ErrorCode.NONE)
        expect(ranges(answer), "the APIs").holds(ApiKey.API_VERSIONS)


@checks("protocol/versions/unsupported-closes")
@given(data=st.data())
def test_a_version_that_is_not_offered_closes_the_connection(cluster, data):
    offered = sorted(key for key in cluster.versions if key in HARMLESS and key != ApiKey.API_VERSIONS)
    key = data.draw(st.sampled_from(offered), label="the API")
    version = data.draw(
        st.integers(-(2**15), -1) | st.integers(cluster.versions[key].last + 1, 2**15 - 1), label="the version"
    )
    with cluster.connect() as connection:
        frame = with_api_key(connection.encode(NO_TOPICS, 1), key)
        connection.write(with_version(frame, version))

        expect(connection).is_closed()
        expect(cluster.shared(), "another connection").is_usable()


@checks("protocol/versions/unknown-api-closes")
@given(key=st.integers(LAST_KEY_OF_KAFKA + 100, 2**15 - 1) | st.integers(-(2**15), -1), version=st.integers(0, 3))
def test_an_api_key_that_nobody_knows_closes_the_connection(cluster, key, version):
    with cluster.connect() as connection:
        frame = with_version(with_api_key(connection.encode(NO_TOPICS, 1), key), version)
        connection.write(frame)

        expect(connection).is_closed()
        expect(cluster.shared(), "another connection").is_usable()


def unexpected_answers(cluster, api, subject, connection):
    """The versions of an API whose answers say something else than they may, with what they say."""
    harmless = HARMLESS[api]
    request = harmless.request(subject)
    ours, theirs = type(request).valid_versions, cluster.versions[api]
    common = range(max(ours.first, theirs.first, harmless.first), min(ours.last, theirs.last) + 1)
    said = {version: set(harmless.errors(connection.send(request, version), version)) for version in common}
    return {version: errors for version, errors in said.items() if not errors or not errors <= harmless.allowed}


def over_apis(apis):
    """An axis `api`."""
    return pytest.mark.parametrize("api", sorted(apis), ids=lambda api: ApiKey(api).name.lower())


@checks("protocol/versions/advertised-are-served")
@over_apis(HARMLESS.keys() - OF_COORDINATORS)
def test_every_version_that_is_advertised_is_answered(cluster, api):
    cluster.require(api)
    with cluster.topic() as topic, cluster.connect(leader_of=topic) as connection:
        unexpected = unexpected_answers(cluster, api, Subject(topic, cluster.unique("no-group")), connection)

        expect(unexpected, f"versions of {ApiKey(api).name} whose answers say something else").equals({})


@checks("protocol/versions/advertised-are-served")
@needs("classic-groups")
@over_apis(OF_COORDINATORS)
def test_every_version_that_is_advertised_is_answered_by_coordinators(cluster, api):
    cluster.require(api)
    with cluster.topic() as topic, cluster.group() as group, group.connection() as connection:
        unexpected = unexpected_answers(cluster, api, Subject(topic, group.name), connection)

        expect(unexpected, f"versions of {ApiKey(api).name} whose answers say something else").equals({})


@checks("protocol/headers/correlation-id-is-echoed")
@given(data=st.data(), correlation_id=st.integers(-(2**31), 2**31 - 1))
def test_the_correlation_id_comes_back(cluster, data, correlation_id):
    request, version = data.draw(
        st.tuples(st.just(NO_TOPICS), st.integers(0, 12)) | st.tuples(st.just(SOFTWARE), st.integers(0, 3)),
        label="request and version",
    )
    with cluster.connect() as connection:
        frame = with_correlation_id(connection.encode(request, version), correlation_id)

        answer = connection.send_frame(frame)

        expect(correlation_id_of(answer), "the correlation id").equals(correlation_id)


@checks("protocol/headers/client-id-may-be-null")
@given(client_id=st.none() | st.text(st.characters(codec="utf-8"), max_size=30), version=st.integers(0, 12))
def test_any_client_id_and_none_are_accepted(cluster, client_id, version):
    with cluster.connect(client_id=client_id) as connection:
        metadata = connection.send(NO_TOPICS, version)

        expect(len(metadata.brokers), "the number of brokers").equals(len(cluster.node_ids))
