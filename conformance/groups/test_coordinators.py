"""FindCoordinator: which broker a group has to talk to."""

from kafka_conformance.conformance.groups.gathering import error_of
from kafka_conformance.harness.cases import ApiKey, ErrorCode, checks, expect, over_versions
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
def test_each_key_of_a_request_is_answered_once(cluster, version):
    names = [cluster.unique("group") for _ in range(3)]
    expected = sorted((name, cluster.coordinator(name)) for name in names)

    several, none = (cluster.send(FindCoordinatorRequest(coordinator_keys=keys), version) for keys in (names, []))

    found = sorted((each.key, each.node_id) for each in several.coordinators)
    expect(found, "the coordinators").equals(expected)
    expect(none.coordinators, "the coordinators of no keys").equals([])


@checks("groups/coordinator/unknown-key-type-is-refused")
@over_versions(ApiKey.FIND_COORDINATOR, "1-6")
def test_a_kind_of_key_that_does_not_exist_is_refused(cluster, version):
    kinds = [9, 127, -1, -128]
    requests = [FindCoordinatorRequest(key="a", key_type=kind, coordinator_keys=["a"]) for kind in kinds]

    answers = [cluster.send(request, version) for request in requests]

    found = [answer.coordinators[0] if version >= 4 else answer for answer in answers]
    expect([(error_of(each), each.node_id) for each in found], f"the answers for kinds {kinds}").equals(
        [(ErrorCode.INVALID_REQUEST, -1)] * len(kinds)
    )
