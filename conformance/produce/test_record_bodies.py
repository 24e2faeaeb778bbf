"""Records that are not what their batch says of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.produce.odd_batches import body_of, with_body, with_header
from kafka_conformance.harness.cases import (
    ApiKey,
    Compression,
    ErrorCode,
    NewRecord,
    build_batch,
    checks,
    expect,
    over_codecs,
    over_versions,
)
from kafka_conformance.harness.strategies import batches
from kafka_conformance.protocol.records import encode_record

COMPRESSED = (Compression.GZIP, Compression.SNAPPY, Compression.LZ4, Compression.ZSTD)
# No stream of any codec begins so: not by its magic, nor by the length with which raw snappy begins.
NO_STREAM = b"\xff" * 6
MALFORMED = {
    "a record shorter than it says": b"\x20" + encode_record(b"k", b"v")[1:],
    "a record longer than it says": b"\x0c" + encode_record(b"k", b"v")[1:],
    "a record of negative length": b"\x01" + encode_record(b"k", b"v")[1:],
    "a key longer than the batch": bytes((2 * 7, 0, 0, 0, 2 * 60)) + b"k\x00\x00",
    "a header count of -1": bytes((2 * 6, 0, 0, 0, 1, 1, 1)),
    "a header without a key": bytes((2 * 8, 0, 0, 0, 1, 1, 2, 1, 1)),
    "more headers than there are bytes": bytes((2 * 6, 0, 0, 0, 1, 1, 2 * 9)),
}


@checks("produce/validation/count-matches-records")
@over_codecs()
@given(written=batches(min_size=2), data=st.data())
def test_a_batch_holds_as_many_records_as_it_counts(cluster, compression, written, data):
    other_counts = [count for count in range(1, len(written) + 4) if count != len(written)]
    count = data.draw(st.sampled_from(other_counts), label="the count in the header")
    batch = build_batch(written, compression=compression)
    with cluster.topic() as topic:
        answer = topic.produce_batch(with_header(batch, record_count=count, last_offset_delta=count - 1))

        expect(answer).refused_with(ErrorCode.INVALID_RECORD)
        expect(topic).is_empty()


@checks("produce/validation/malformed-record")
@given(written=batches(), data=st.data())
def test_records_that_are_cut_off_are_refused(cluster, written, data):
    batch = build_batch(written)
    body = body_of(batch)
    left = data.draw(st.integers(0, len(body) - 1), label="bytes that are left of the records")
    with cluster.topic() as topic:
        expect(topic.produce_batch(with_body(batch, body[:left]))).refused_with(ErrorCode.INVALID_RECORD)

        expect(topic).is_empty()


@checks("produce/validation/malformed-record")
@given(written=batches(), rest=st.binary(min_size=1, max_size=8))
def test_bytes_behind_the_last_record_are_refused(cluster, written, rest):
    batch = build_batch(written)
    with cluster.topic() as topic:
        answer = topic.produce_batch(with_body(batch, body_of(batch) + rest))

        expect(answer).refused_with(ErrorCode.INVALID_RECORD)
        expect(topic).is_empty()


@checks("produce/validation/malformed-record")
@pytest.mark.parametrize("body", MALFORMED.values(), ids=[name.replace(" ", "-") for name in MALFORMED])
def test_a_record_that_contradicts_itself_is_refused(cluster, body):
    with cluster.topic() as topic:
        answer = topic.produce_batch(with_body(build_batch([NewRecord(b"k", b"v")]), body))

        expect(answer).refused_with(ErrorCode.INVALID_RECORD)
        expect(topic).is_empty()


@checks("produce/validation/compressed-garbage")
@over_codecs(*COMPRESSED)
@given(written=batches(), garbage=st.binary(max_size=40))
def test_what_is_no_compressed_stream_is_refused(cluster, compression, written, garbage):
    batch = build_batch(written, compression=compression)
    with cluster.topic() as topic:
        answer = topic.produce_batch(with_body(batch, NO_STREAM + garbage))

        expect(answer).refused_with(ErrorCode.UNKNOWN_SERVER_ERROR, ErrorCode.INVALID_RECORD, ErrorCode.CORRUPT_MESSAGE)
        expect(topic).is_empty()


@checks("produce/validation/compressed-garbage")
@over_codecs(*COMPRESSED)
@given(written=batches(), data=st.data())
def test_a_compressed_stream_that_is_cut_off_is_refused(cluster, compression, written, data):
    batch = build_batch(written, compression=compression)
    body = body_of(batch)
    left = data.draw(st.integers(0, len(body) - 1), label="bytes that are left of the stream")
    with cluster.topic() as topic:
        answer = topic.produce_batch(with_body(batch, body[:left]))

        expect(answer).refused_with(ErrorCode.UNKNOWN_SERVER_ERROR, ErrorCode.INVALID_RECORD, ErrorCode.CORRUPT_MESSAGE)
        expect(topic).is_empty()


@checks("produce/validation/zstd-in-old-versions")
@over_versions(ApiKey.PRODUCE, "3-6")
@given(written=batches(max_size=2))
def test_zstd_is_not_spoken_in_old_versions(cluster, version, written):
    with cluster.topic() as topic:
        answer = topic.produce(written, compression=Compression.ZSTD, version=version)

        expect(answer).refused_with(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE)
        expect(topic).is_empty()
