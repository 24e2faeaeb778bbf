"""The metadata log: its records, its replay, and what is published."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from kafka_conformance.protocol.errors import ProtocolError
from kafka_conformance.protocol.messages.create_partitions import CreatePartitionsRequest, CreatePartitionsTopic
from kafka_conformance.protocol.messages.delete_topics import DeleteTopicsRequest
from kafka_conformance.reference_broker.controller.alter_configs import Alteration, Operation, Resource
from kafka_conformance.reference_broker.controller.controller import ProducerIdBlock
from kafka_conformance.reference_broker.controller.identifiers import random_uuid, uuid_text
from kafka_conformance.reference_broker.controller.image import BrokerImage
from kafka_conformance.reference_broker.controller.records import (
    RECORD_TYPES,
    ConfigRecord,
    FeatureLevelRecord,
    MetadataRecord,
    PartitionChangeRecord,
    PartitionRecord,
    TopicRecord,
    UnregisterBrokerRecord,
    decode_record,
    encode_record,
)
from kafka_conformance.reference_broker.controller.state import MetadataState
from tests.reference_broker.controller.support import Running, topic


def test_a_record_is_framed_as_kafka_frames_it() -> None:
    """Frame version 1, type 12, version 0; compact strings; no tagged fields."""
    record = FeatureLevelRecord(name="metadata.version", feature_level=30)

    assert encode_record(record) == bytes((1, 12, 0, 17)) + b"metadata.version" + bytes((0, 30, 0))


@pytest.mark.parametrize("record_type", RECORD_TYPES.values(), ids=lambda each: each.__name__)
def test_every_record_reads_back(record_type: type[MetadataRecord]) -> None:
    assert decode_record(encode_record(record_type())) == record_type()


def test_a_partition_record_says_only_what_there_is_of_eligible_leaders() -> None:
    plain = PartitionRecord(partition_id=0, replicas=[1], isr=[1], leader=1, leader_epoch=0, partition_epoch=0)
    eligible = PartitionRecord(partition_id=0, replicas=[1], isr=[], eligible_leader_replicas=[1])

    assert encode_record(plain).endswith(bytes(1))
    assert decode_record(encode_record(eligible)) == eligible


@pytest.mark.parametrize("value", [b"", b"\x00\x02\x00", b"\x01\x7f\x00", b"\x01\x02\x09", b"\x01\x14\x00\x00\x00"])
def test_what_is_no_record_is_refused(value: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode_record(value)


def test_a_change_of_leader_raises_both_epochs_and_any_other_change_one() -> None:
    state = MetadataState("cluster", 1)
    topic_id = bytes(15) + b"\x01"
    state.apply(TopicRecord(name="a", topic_id=topic_id))
    state.apply(
        PartitionRecord(
            partition_id=0, topic_id=topic_id, replicas=[1, 2], isr=[1, 2], leader=1, leader_epoch=0, partition_epoch=0
        )
    )

    state.apply(PartitionChangeRecord(partition_id=0, topic_id=topic_id, isr=[2], leader=2))
    state.apply(PartitionChangeRecord(partition_id=0, topic_id=topic_id, isr=[2, 1]))

    partition = state.image(3).partition("a", 0)
    assert partition is not None
    assert (partition.leader, partition.leader_epoch, partition.partition_epoch, partition.isr) == (2, 1, 2, (2, 1))


def test_a_broker_can_be_taken_out() -> None:
    state = MetadataState("cluster", 1)
    running = Running(brokers=2)
    for value in running.log.values:
        state.apply(decode_record(value))

    state.apply(UnregisterBrokerRecord(broker_id=1))

    assert set(state.image(0).brokers) == {2}


def test_a_new_log_starts_with_the_features_and_the_clusters_minimum() -> None:
    records = [decode_record(value) for value in Running(settings={"min.insync.replicas": "2"}).log.values]

    assert records[0] == FeatureLevelRecord(name="metadata.version", feature_level=30)
    assert ConfigRecord(resource_type=4, name="min.insync.replicas", value="2") in records


def test_every_change_is_published_with_its_offset() -> None:
    running = Running()
    before = len(running.published)

    running.create(topic("a"))

    assert len(running.published) == before + 1
    assert running.published[-1] is running.image
    assert running.image.offset == len(running.log.values) - 1
    assert "a" not in running.published[-2].topics


def test_a_refused_request_publishes_nothing() -> None:
    running = Running()
    before = len(running.published)

    running.create(topic("a b"))

    assert len(running.published) == before


def test_producer_ids_are_given_once_even_after_a_restart() -> None:
    running = Running()
    assert running.controller.allocate_producer_ids(1) == ProducerIdBlock(0, 1000)
    assert running.controller.allocate_producer_ids(1) == ProducerIdBlock(1000, 1000)

    again = Running(log=running.log)

    assert again.controller.allocate_producer_ids(1) == ProducerIdBlock(2000, 1000)


def test_a_broker_is_found_where_it_last_registered() -> None:
    running = Running()

    first = running.controller.register_broker(BrokerImage(1, "localhost", 1, rack="r"))
    second = running.controller.register_broker(BrokerImage(1, "localhost", 2))

    assert running.image.brokers[1] == BrokerImage(1, "localhost", 2, epoch=second)
    assert second > first


@given(st.randoms(use_true_random=False))
def test_an_id_is_a_version_4_uuid_whose_text_is_no_option(chance: random.Random) -> None:
    value = random_uuid(chance)

    assert (len(value), value[6] >> 4, value[8] >> 6) == (16, 4, 2)
    assert (len(uuid_text(value)), uuid_text(value)[0] != "-") == (22, True)


def test_a_broker_of_an_earlier_run_is_fenced_until_it_is_back() -> None:
    log = Running(brokers=3).log

    again = Running(brokers=1, log=log)

    assert [broker.fenced for broker in again.image.brokers.values()] == [False, True, True]


class ReplayedController(RuleBasedStateMachine):
    """Whatever is asked of a controller, one that replays its log has the same image."""

    topics = Bundle("topics")

    def __init__(self) -> None:
        super().__init__()
        self.running = Running(brokers=3)

    @rule(target=topics, name=st.sampled_from("abcde"), partitions=st.integers(1, 3), factor=st.integers(1, 3))
    def create(self, name: str, partitions: int, factor: int) -> object:
        (result,) = self.running.create(topic(name, partitions, factor, retention_ms="1"))
        return multiple() if result.error_code else name

    @rule(name=topics)
    def delete(self, name: str) -> None:
        self.running.controller.delete_topics(DeleteTopicsRequest(topic_names=[name], timeout_ms=1), 5)

    @rule(name=topics, count=st.integers(1, 6))
    def grow(self, name: str, count: int) -> None:
        wanted = CreatePartitionsTopic(name=name, count=count, assignments=None)
        self.running.controller.create_partitions(CreatePartitionsRequest(topics=[wanted], timeout_ms=1))

    @rule(
        name=topics,
        key=st.sampled_from(["retention.ms", "min.insync.replicas"]),
        operation=st.sampled_from([Operation.SET, Operation.DELETE]),
    )
    def alter(self, name: str, key: str, operation: int) -> None:
        wanted = Resource(2, name, (Alteration(key, operation, "2"),))
        self.running.controller.incremental_alter_configs(1, [wanted], validate_only=False)

    @rule()
    def allocate(self) -> None:
        self.running.controller.allocate_producer_ids(2)

    @invariant()
    def replayed_state_equals_live_state(self) -> None:
        state = MetadataState("cluster", 1)
        for value in self.running.log.values:
            state.apply(decode_record(value))

        assert state.image(len(self.running.log.values) - 1) == self.running.image


TestReplay = ReplayedController.TestCase
TestReplay.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)
