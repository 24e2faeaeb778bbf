"""Decode and encode of Produce, Fetch and Metadata, against kio and kafka-python's protocol package."""

import importlib
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

from benchmarks.rounds import Figure, compare
from kafka_conformance.protocol.codec import decode_message, encode_message
from kafka_conformance.protocol.layout import Message
from kafka_conformance.protocol.messages.fetch import FetchableTopicResponse, FetchResponse, PartitionData
from kafka_conformance.protocol.messages.metadata import (
    MetadataResponse,
    MetadataResponseBroker,
    MetadataResponsePartition,
    MetadataResponseTopic,
)
from kafka_conformance.protocol.messages.produce import PartitionProduceData, ProduceRequest, TopicProduceData


def _produce(size: int, partitions: int = 1) -> ProduceRequest:
    data = [PartitionProduceData(index=index, records=b"r" * size) for index in range(partitions)]
    return ProduceRequest(acks=-1, timeout_ms=1000, topic_data=[TopicProduceData(name="topic", partition_data=data)])


def _fetch(size: int) -> FetchResponse:
    partition = PartitionData(partition_index=0, high_watermark=9, records=b"r" * size, aborted_transactions=None)
    return FetchResponse(responses=[FetchableTopicResponse(topic="topic", partitions=[partition])])


def _metadata(partitions: int) -> MetadataResponse:
    nodes = [1, 2, 3]
    described = [
        MetadataResponsePartition(partition_index=n, leader_id=1, leader_epoch=4, replica_nodes=nodes, isr_nodes=nodes)
        for n in range(partitions)
    ]
    brokers = [MetadataResponseBroker(node_id=n, host="localhost", port=9092) for n in nodes]
    return MetadataResponse(brokers=brokers, topics=[MetadataResponseTopic(name="topic", partitions=described)])


SUBJECTS: dict[str, tuple[Message, int, str, str]] = {
    "Produce, 16 KB": (_produce(16_000), 9, "request", "producer.produce"),
    "Produce, 100 partitions": (_produce(100, 100), 9, "request", "producer.produce"),
    "Fetch, 1 MB": (_fetch(1_000_000), 11, "response", "consumer.fetch"),
    "Metadata, 1000 partitions": (_metadata(1000), 9, "response", "metadata.metadata"),
}


def _microseconds(call: Callable[[], object], budget_s: float = 0.05) -> float:
    """The fastest of several repetitions within a budget, in microseconds."""
    best, spent = float("inf"), 0.0
    while spent < budget_s:
        began = time.perf_counter()
        call()
        took = time.perf_counter() - began
        best, spent = min(best, took), spent + took
    return best * 1e6


def _contenders(subject: str) -> tuple[dict[str, Callable[[], Any]], dict[str, Callable[[], Any]]]:
    message, version, side, module = SUBJECTS[subject]
    cls, name = type(message), type(message).__name__
    encoded = b"".join(encode_message(message, version))
    serial = importlib.import_module("kio.serial")
    kio_class = getattr(importlib.import_module(f"kio.schema.{module.partition('.')[2]}.v{version}.{side}"), name)
    reader, writer = serial.entity_reader(kio_class), serial.entity_writer(kio_class)
    entity, _ = reader(encoded, 0)
    theirs = getattr(importlib.import_module(f"kafka.protocol.{module}"), name)
    decoded = theirs.decode(encoded, version=version)
    decoded._header = None
    decode = {
        "ours": lambda: decode_message(cls, version, encoded),
        "kio": lambda: reader(encoded, 0),
        "kafka-python": lambda: theirs.decode(encoded, version=version),
    }
    encode = {
        "ours": lambda: encode_message(message, version),
        "kio": lambda: writer(BytesIO(), entity),
        "kafka-python": lambda: decoded.encode(version=version),
    }
    return decode, encode


def run(rounds: int) -> list[Figure]:
    """Measure all subjects, decoded and encoded."""
    figures = []
    for subject in SUBJECTS:
        for verb, contenders in zip(("decode", "encode"), _contenders(subject), strict=True):
            timed = {name: lambda call=call: _microseconds(call) for name, call in contenders.items()}
            figures.append(
                compare(f"{verb} {subject}", "us", timed, rounds=rounds, ours="ours", higher_is_better=False)
            )
    return figures
