import struct
import tracemalloc

import cramjam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.protocol.records import Compression, DecompressionError, compress, decompress
from kafka_conformance.protocol.records.codecs.xxhash32 import xxhash32

CODECS = [codec for codec in Compression if codec is not Compression.NONE]
TEXT = b"Apache Kafka is a distributed event streaming platform. " * 3_000
WORDS = b" ".join(b"word%d" % (index * index * 7919 % 10007 % 300) for index in range(5_000))
XERIAL = b"\x82SNAPPY\x00"


@pytest.mark.parametrize("codec", Compression)
@given(data=st.binary(max_size=300), repeats=st.sampled_from((1, 1, 1, 500)))
def test_what_is_compressed_is_decompressed(codec: Compression, data: bytes, repeats: int) -> None:
    if data or codec is not Compression.SNAPPY:
        assert decompress(codec, compress(codec, data * repeats)) == data * repeats


@pytest.mark.parametrize(
    ("codec", "levels"),
    [
        (Compression.GZIP, (-1, 1, 9)),
        (Compression.LZ4, (1, 9, 17)),
        (Compression.ZSTD, (-131072, 0, 1, 19)),
    ],
)
def test_a_codec_is_decompressed_whatever_level_wrote_it(codec: Compression, levels: tuple[int, ...]) -> None:
    for level in levels:
        assert decompress(codec, compress(codec, WORDS, level)) == WORDS
    assert len(compress(codec, WORDS, levels[-1])) < len(compress(codec, WORDS, levels[1]))


@pytest.mark.parametrize("codec", CODECS)
def test_a_body_that_is_cut_off_anywhere_is_refused(codec: Compression) -> None:
    body = compress(codec, TEXT[:40_000] + bytes(range(256)))

    header_of_snappy = range(16, 20) if codec is Compression.SNAPPY else ()  # a stream without a block

    for end in {*range(1, 30), len(body) // 2, *range(len(body) - 9, len(body))}.difference(header_of_snappy):
        with pytest.raises(DecompressionError):
            decompress(codec, body[:end])


def test_an_empty_body_is_an_empty_zstd_stream_and_no_stream_of_any_other_codec() -> None:
    assert decompress(Compression.ZSTD, b"") == b""
    for codec in (Compression.GZIP, Compression.SNAPPY, Compression.LZ4):
        with pytest.raises(DecompressionError):
            decompress(codec, b"")


@pytest.mark.parametrize("codec", [Compression.GZIP, Compression.LZ4])
def test_bytes_behind_a_gzip_or_lz4_stream_are_ignored(codec: Compression) -> None:
    for tail in (b"\0", b"\x1f\x8b\x08", bytes(40)):
        assert decompress(codec, compress(codec, TEXT) + tail) == TEXT


@pytest.mark.parametrize("codec", [Compression.SNAPPY, Compression.ZSTD])
def test_bytes_behind_a_snappy_or_zstd_stream_are_refused(codec: Compression) -> None:
    with pytest.raises(DecompressionError):
        decompress(codec, compress(codec, TEXT) + b"\xff" * 20)


@pytest.mark.parametrize("codec", [Compression.GZIP, Compression.SNAPPY, Compression.ZSTD])
def test_a_second_stream_continues_the_first(codec: Compression) -> None:
    assert decompress(codec, compress(codec, TEXT) + compress(codec, b"more")) == TEXT + b"more"


def test_of_lz4_only_the_first_frame_is_read() -> None:
    assert decompress(Compression.LZ4, compress(Compression.LZ4, TEXT) * 2) == TEXT


@pytest.mark.parametrize("codec", [Compression.GZIP, Compression.ZSTD])
def test_a_wrong_checksum_is_noticed(codec: Compression) -> None:
    body = bytearray(compress(codec, TEXT) if codec is Compression.GZIP else zstd_with_checksum())
    body[-5 if codec is Compression.GZIP else -1] ^= 1

    with pytest.raises(DecompressionError):
        decompress(codec, body)


def zstd_with_checksum() -> bytes:
    """The four bytes `test` in a frame of one plain block, with a checksum: the low half of their xxHash64."""
    return bytes.fromhex("28b52ffd2404210000") + b"test" + bytes.fromhex("9adccb4f")[::-1]


class TestSnappy:
    def test_plain_snappy_without_framing_is_read(self) -> None:
        assert decompress(Compression.SNAPPY, bytes(cramjam.snappy.compress_raw(TEXT))) == TEXT

    def test_java_writes_blocks_of_32_kib(self) -> None:
        body = compress(Compression.SNAPPY, TEXT)

        assert struct.unpack_from(">8sii", body) == (XERIAL, 1, 1)
        (size,) = struct.unpack_from(">i", body, 16)
        assert cramjam.snappy.decompress_raw_len(body[20 : 20 + size]) == 32 * 1024

    @pytest.mark.parametrize("version", [-1, 0, 2])
    def test_the_version_of_the_framing_is_not_looked_at(self, version: int) -> None:
        body = bytearray(compress(Compression.SNAPPY, TEXT))
        struct.pack_into(">ii", body, 8, version, version)

        assert decompress(Compression.SNAPPY, body) == TEXT

    def test_the_framing_of_google_is_refused(self) -> None:
        with pytest.raises(DecompressionError):
            decompress(Compression.SNAPPY, bytes(cramjam.snappy.compress(TEXT)))

    @pytest.mark.parametrize("size", [-1, 0, 1 << 30])
    def test_a_block_with_a_senseless_size_is_refused(self, size: int) -> None:
        with pytest.raises(DecompressionError):
            decompress(Compression.SNAPPY, struct.pack(">8siii", XERIAL, 1, 1, size))

    def test_fewer_than_four_bytes_behind_the_last_block_are_ignored(self) -> None:
        assert decompress(Compression.SNAPPY, compress(Compression.SNAPPY, TEXT) + b"abc") == TEXT

    def test_a_second_stream_whose_header_is_cut_off_is_refused(self) -> None:
        with pytest.raises(DecompressionError):
            decompress(Compression.SNAPPY, compress(Compression.SNAPPY, TEXT) + XERIAL)


def lz4_frame(
    flags: int, blocks: bytes, *, block_size: int = 0x40, extra: bytes = b"", checksum: int | None = None
) -> bytes:
    descriptor = bytes((flags, block_size)) + extra
    check = xxhash32(descriptor) >> 8 & 0xFF if checksum is None else checksum
    return b"\x04\x22\x4d\x18" + descriptor + bytes((check,)) + blocks


def stored(data: bytes) -> bytes:
    return (len(data) | 1 << 31).to_bytes(4, "little") + data


class TestLz4:
    def test_a_frame_of_another_library_is_read(self) -> None:
        compressor = cramjam.lz4.Compressor(content_checksum=True, block_linked=False)
        compressor.compress(TEXT)

        assert decompress(Compression.LZ4, bytes(compressor.finish())) == TEXT

    def test_a_frame_of_ours_is_read_by_another_library(self) -> None:
        assert bytes(cramjam.lz4.decompress(compress(Compression.LZ4, TEXT))) == TEXT

    @pytest.mark.parametrize("block_size", [0x40, 0x50, 0x60, 0x70])
    def test_each_block_size_is_read(self, block_size: int) -> None:
        assert decompress(Compression.LZ4, lz4_frame(0x60, stored(b"abc") + bytes(4), block_size=block_size)) == b"abc"

    def test_content_size_and_content_checksum_are_skipped_unchecked(self) -> None:
        frame = lz4_frame(0x6C, stored(b"abc") + bytes(4) + b"huh?", extra=bytes(8))

        assert decompress(Compression.LZ4, frame) == b"abc"

    def test_a_block_checksum_is_checked(self) -> None:
        right = xxhash32(b"abc").to_bytes(4, "little")

        assert decompress(Compression.LZ4, lz4_frame(0x70, stored(b"abc") + right + bytes(4))) == b"abc"
        with pytest.raises(DecompressionError, match="lz4"):
            decompress(Compression.LZ4, lz4_frame(0x70, stored(b"abc") + bytes(8)))

    @pytest.mark.parametrize(
        ("flags", "block_size"), [(0x40, 0x40), (0x61, 0x40), (0xA0, 0x40), (0x60, 0x30), (0x60, 0xC0), (0x60, 0x41)]
    )
    def test_linked_blocks_and_unknown_flags_are_refused(self, flags: int, block_size: int) -> None:
        with pytest.raises(DecompressionError, match="unsupported"):
            decompress(Compression.LZ4, lz4_frame(flags, stored(b"abc") + bytes(4), block_size=block_size))

    def test_the_broken_header_checksum_of_old_clients_passes_with_magic_0_only(self) -> None:
        frame = lz4_frame(0x60, stored(b"abc") + bytes(4), checksum=0)

        assert decompress(Compression.LZ4, frame, magic=0) == b"abc"
        for magic in (1, 2):
            with pytest.raises(DecompressionError, match="frame descriptor"):
                decompress(Compression.LZ4, frame, magic=magic)

    def test_a_block_larger_than_the_frame_allows_is_refused(self) -> None:
        with pytest.raises(DecompressionError):
            decompress(Compression.LZ4, lz4_frame(0x60, stored(bytes(65537)) + bytes(4)))

    @pytest.mark.parametrize(
        ("data", "expected"),
        [
            (b"", 0x02CC5D05),
            (b"a", 0x550D7456),
            (b"abc", 0x32D153FF),
            (b"Nobody inspects the spammish repetition", 0xE2293B2F),
        ],
    )
    def test_xxhash32_gives_the_published_hashes(self, data: bytes, expected: int) -> None:
        assert xxhash32(data) == expected


def bomb(codec: Compression) -> bytes:
    return compress(codec, bytes(20_000_000))


@pytest.mark.parametrize("codec", CODECS)
def test_a_bomb_is_refused_before_it_fills_the_memory(codec: Compression) -> None:
    body = bomb(codec)
    tracemalloc.start()
    try:
        with pytest.raises(DecompressionError, match="limit of 1000000 bytes"):
            decompress(codec, body, limit=1_000_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < len(body) + 4_000_000


@pytest.mark.parametrize("codec", CODECS)
def test_a_body_of_exactly_the_limit_passes(codec: Compression) -> None:
    assert decompress(codec, compress(codec, TEXT), limit=len(TEXT)) == TEXT
    with pytest.raises(DecompressionError, match=f"limit of {len(TEXT) - 1} bytes"):
        decompress(codec, compress(codec, TEXT), limit=len(TEXT) - 1)


def test_a_stream_of_many_parts_is_held_to_one_limit() -> None:
    for codec in (Compression.GZIP, Compression.SNAPPY, Compression.ZSTD):
        with pytest.raises(DecompressionError, match="larger than the limit"):
            decompress(codec, compress(codec, bytes(60_000)) * 3, limit=100_000)


@pytest.mark.parametrize("codec", CODECS)
@given(data=st.data())
def test_damage_gives_an_error_or_bytes_and_nothing_else(codec: Compression, data: st.DataObject) -> None:
    body = bytearray(compress(codec, b"some text, some text, some more text" * 3))
    for position in data.draw(st.lists(st.integers(0, len(body) - 1), min_size=1, max_size=4)):
        body[position] = data.draw(st.integers(0, 255))

    try:
        plain = decompress(codec, body, limit=10_000)
    except DecompressionError:
        return

    assert len(plain) <= 10_000


@pytest.mark.parametrize("codec", CODECS)
@given(body=st.binary(max_size=60))
def test_random_bytes_give_an_error_or_bytes_and_nothing_else(codec: Compression, body: bytes) -> None:
    beginnings = {Compression.GZIP: 10, Compression.SNAPPY: 16, Compression.LZ4: 7, Compression.ZSTD: 4}
    for beginning in (b"", compress(codec, b"x")[: beginnings[codec]]):
        try:
            assert len(decompress(codec, beginning + body, limit=10_000)) <= 10_000
        except DecompressionError:
            continue
