import pytest

from kafka_conformance.protocol.partitioner import murmur2, partition_for_key

# Apache Kafka, UtilsTest.testMurmur2
JAVA_HASHES = [
    (b"21", -973932308),
    (b"foobar", -790332482),
    (b"a-little-bit-long-string", -985981536),
    (b"a-little-bit-longer-string", -1486304829),
    (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
    (b"abc", 479470107),
]


@pytest.mark.parametrize(("key", "expected"), JAVA_HASHES)
def test_murmur2_gives_the_hash_that_java_gives(key: bytes, expected: int) -> None:
    assert murmur2(key) == expected


def test_murmur2_agrees_with_aiokafka_and_kafka_python() -> None:
    from aiokafka.partitioner import murmur2 as of_aiokafka
    from kafka.partitioner.default import murmur2 as of_kafka_python

    for length in range(40):
        key = bytes((length * 7 + index * 31) % 256 for index in range(length))
        assert murmur2(key) & 0xFFFFFFFF == of_aiokafka(key) & 0xFFFFFFFF == of_kafka_python(key) & 0xFFFFFFFF


def test_a_negative_hash_loses_its_sign_bit_and_is_not_negated() -> None:
    assert partition_for_key(b"21", 1_000) == (-973932308 & 0x7FFFFFFF) % 1_000 != 973932308 % 1_000
