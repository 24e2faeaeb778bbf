"""FindCoordinator: which broker a group has to talk to."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.groups.gathering import error_of
from kafka_conformance.harness.cases import ApiKey, ErrorCode, checks, expect, over_versions
from kafka_conformance.harness.subject.answers import error_code
from kafka_conformance.protocol.messages.find_coordinator import FindCoordinatorRequest


@checks("groups/coordinator/same-for-everybody")
@over_versions(ApiKey.FIND_COORDINATOR)
def test_every_broker_names_the_same_coordinator_and_it_serves_the_group(cluster, version):
    with cluster.group() as group, cluster.topic() as topic:
        expect(group.committed(topic).error, "the coordinator's answer to OffsetFetch").equals(ErrorCode.NONE)
        request = FindCoordinatorRequest(key=group.name, coordinator_keys=[group.name])

        answers = [cluster.send(request, version, node=node) for node in cluster.node_ids]

        found = [answer.coordinators[0] if version >= 4 else answer for answer in answers]
        expect([error_of(each) for each in found], "the errors").equals([ErrorCode.NONE] * len(found))
        expect({each.node_id for each in found}, "the coordinators").equals({group.coordinator})


@checks("groups/coordinator/many-keys-at-once")
@over_versions(ApiKey.FIND_COORDINATOR, "4-6")
@given(count=st.integers(0, 5))
def test_each_key_of_a_request_is_answered_once(cluster, version, count):
    names = [cluster.unique("group") for _ in range(count)]
    expected = [(name, cluster.coordinator(name)) for name in names]

    answer = cluster.send(FindCoordinatorRequest(coordinator_keys=names), version)

    expect(sorted((each.key, each.node_id) for each in answer.coordinators), "the coordinators").equals(
        sorted(expected)
    )


@checks("groups/coordinator/unknown-key-type-is-refused")
@over_versions(ApiKey.FIND_COORDINATOR, "1-6")
@given(key_type=st.integers(3, 127) | st.integers(-128, -1))
def test_a_kind_of_key_that_does_not_exist_is_refused(cluster, version, key_type):
    request = FindCoordinatorRequest(key="a", key_type=key_type, coordinator_keys=["a"])

    answer = cluster.send(request, version)

    found = answer.coordinators[0] if version >= 4 else answer
    expect(error_code(found.error_code), "the answer").equals(ErrorCode.INVALID_REQUEST)
    expect(found.node_id, "the coordinator").equals(-1)
