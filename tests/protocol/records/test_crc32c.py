import pytest

from kafka_conformance.protocol.records import crc32c

# RFC 3720, appendix B.4
RFC_3720 = [
    (bytes(32), 0x8A9136AA),
    (b"\xff" * 32, 0x62A8AB43),
    (bytes(range(32)), 0x46DD794E),
    (bytes(range(31, -1, -1)), 0x113FDB5C),
    (b"123456789", 0xE3069283),
    (b"", 0),
]


@pytest.mark.parametrize(("data", "expected"), RFC_3720)
def test_crc32c_gives_the_published_checksums(data: bytes, expected: int) -> None:
    assert crc32c(data) == crc32c(bytearray(data)) == crc32c(memoryview(data)) == expected


def test_a_large_view_has_the_checksum_of_its_bytes() -> None:
    data = bytes(index % 251 for index in range(300_000))

    assert crc32c(memoryview(bytearray(b"x" + data))[1:]) == crc32c(data)
