"""Records of __transaction_state: byte for byte what Apache Kafka 4.3.1 wrote."""

import pytest

from kafka_conformance.protocol.errors import ProtocolError
from kafka_conformance.reference_broker.transactions.metadata import TransactionMetadata
from kafka_conformance.reference_broker.transactions.records import TransactionRecord, decode_record, encode_record
from kafka_conformance.reference_broker.transactions.states import TransactionState

BATCHED = "00000012626174636865642e38326137623931616364"
OFFSETS = "0000000e6f66662e38326137623931616364"
TOPIC = "oracle.86733366f5"

WRITTEN_BY_KAFKA = [
    (
        BATCHED,
        "0001000000000000001300000000ea600000000001a20f68ee86ffffffffffffffff0100080000000000000013",
        TransactionMetadata("batched.82a7b91acd", 19, 0, 60000, last_update_ms=1795554864774, previous_producer_id=19),
    ),
    (
        BATCHED,
        (
            "0001000000000000001300010000ea600202126f7261636c652e3836373333333636663503000000000000000100000001a20f68eea4"
            "000001a20f68ee9e020008000000000000001302020002"
        ),
        TransactionMetadata(
            "batched.82a7b91acd",
            19,
            1,
            60000,
            TransactionState.PREPARE_COMMIT,
            frozenset({(TOPIC, 0), (TOPIC, 1)}),
            1795554864798,
            1795554864804,
            19,
            client_version=2,
        ),
    ),
    (
        BATCHED,
        "0001000000000000001300010000ea600401000001a20f68eea5000001a20f68ee9e020008000000000000001302020002",
        TransactionMetadata(
            "batched.82a7b91acd",
            19,
            1,
            60000,
            TransactionState.COMPLETE_COMMIT,
            frozenset(),
            1795554864798,
            1795554864805,
            19,
            client_version=2,
        ),
    ),
    (
        OFFSETS,
        (
            "0001000000000000001600020000ea600102135f5f636f6e73756d65725f6f666673657473020000000500000001a20f68f20f000001"
            "a20f68f20f0100080000000000000016"
        ),
        TransactionMetadata(
            "off.82a7b91acd",
            22,
            2,
            60000,
            TransactionState.ONGOING,
            frozenset({("__consumer_offsets", 5)}),
            1795554865679,
            1795554865679,
            22,
        ),
    ),
]


@pytest.mark.parametrize(("key", "value", "metadata"), WRITTEN_BY_KAFKA)
def test_what_kafka_wrote_is_read_and_written_alike(key: str, value: str, metadata: TransactionMetadata) -> None:
    record = TransactionRecord(metadata.transactional_id, metadata)

    assert decode_record(bytes.fromhex(key), bytes.fromhex(value)) == record
    assert encode_record(record) == (bytes.fromhex(key), bytes.fromhex(value))


def test_a_tombstone_names_only_its_transactional_id() -> None:
    record = TransactionRecord("batched.82a7b91acd", None)

    assert encode_record(record) == (bytes.fromhex(BATCHED), None)
    assert decode_record(bytes.fromhex(BATCHED), None) == record


def test_values_of_version_0_are_read() -> None:
    value = bytes.fromhex(
        "000000000000000000070003000003e80100000001000174000000010000000200000000000000640000000000000032"
    )

    record = decode_record(bytes.fromhex("0000000178"), value)

    assert record == TransactionRecord(
        "x", TransactionMetadata("x", 7, 3, 1000, TransactionState.ONGOING, frozenset({("t", 2)}), 50, 100)
    )


@pytest.mark.parametrize(("key", "value"), [("0001000178", "0001"), ("0000000178", "0002"), ("ffff000178", None)])
def test_what_a_later_kafka_may_have_left_is_passed_over(key: str, value: str | None) -> None:
    assert decode_record(bytes.fromhex(key), None if value is None else bytes.fromhex(value)) is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (None, b""),
        (b"\0", b""),
        (bytes.fromhex("0000000178"), b"\0"),
        (bytes.fromhex("0000000178"), b"\0\1\0"),
        (bytes.fromhex("0000000178"), bytes.fromhex("0000" + "00" * 14 + "09" + "00" * 4 + "00" * 16)),
    ],
)
def test_what_is_no_record_is_a_protocol_error(key: bytes | None, value: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode_record(key, value)
