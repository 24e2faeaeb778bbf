"""What the broker writes into a batch, and what it leaves as the producer wrote it."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.records.stored import have_right_checksums, stored_batches, stored_headers
from kafka_conformance.harness.cases import NewRecord, build_batch, checks, expect
from kafka_conformance.harness.strategies import batch_lists, batches, compressions
from kafka_conformance.protocol.records import records_of

COMPRESSION_TYPES = st.sampled_from(("producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"))
TIMESTAMP_TYPES = st.sampled_from(("CreateTime", "LogAppendTime"))


@checks("records/offsets/batch-names-its-first-offset")
@given(written=batch_lists(max_size=4), data=st.data())
def test_batches_and_their_records_name_their_offsets(cluster, written, data):
    codecs = [data.draw(compressions(), label="codec") for _ in written]
    with cluster.topic(configs={"compression.type": data.draw(COMPRESSION_TYPES)}) as topic:
        answers = [topic.produce(batch, compression=codec) for batch, codec in zip(written, codecs, strict=True)]

        stored = stored_batches(topic)
        first_offsets = [answer.base_offset for answer in answers]
        expect([header.base_offset for header, _ in stored], "the base offsets of the batches").equals(first_offsets)
        expect([header.last_offset_delta + 1 for header, _ in stored], "the offsets of each").equals(
            [len(batch) for batch in written]
        )
        offsets = [record.offset for header, view in stored for record in records_of(header, view)]
        expect(offsets, "the offsets of the records").equals(list(range(sum(map(len, written)))))


@checks("records/leader-epoch/is-stamped")
@given(written=batches(), claimed=st.integers(-1, 100) | st.integers(-(2**31), 2**31 - 1), compression=compressions())
def test_a_batch_has_the_epoch_of_its_leader(cluster, written, claimed, compression):
    batch = build_batch(written, partition_leader_epoch=claimed, compression=compression)
    with cluster.topic() as topic:
        expect(topic.produce_batch(batch)).acknowledged_at(0)

        current = topic.refresh().partitions[0].leader_epoch
        expect([header.partition_leader_epoch for header in stored_headers(topic)], "the leader epoch").equals(
            [current]
        )


@checks("records/producer/is-kept")
@given(written=batch_lists(max_size=3), epoch=st.integers(0, 2**15 - 1), data=st.data())
def test_a_batch_keeps_its_producer(cluster, written, epoch, data):
    codec = data.draw(compressions(), label="codec")
    with (
        cluster.topic(configs={"compression.type": data.draw(COMPRESSION_TYPES, label="compression.type")}) as topic,
        cluster.idempotent_producer() as producer,
    ):
        producer.epoch = epoch
        for batch in written:
            expect(producer.send(topic, batch, compression=codec)).succeeds()

        wanted = [(producer.producer_id, epoch, sum(map(len, written[:place]))) for place in range(len(written))]
        found = [(head.producer_id, head.producer_epoch, head.base_sequence) for head in stored_headers(topic)]
        expect(found, "producer id, epoch and first sequence of each batch").equals(wanted)


@checks("records/producer/is-kept")
@given(written=batches(max_size=3), compression=compressions())
def test_a_batch_of_nobody_stays_one(cluster, written, compression):
    with cluster.topic() as topic:
        expect(topic.produce(written, compression=compression)).acknowledged_at(0)

        found = [(head.producer_id, head.producer_epoch, head.base_sequence) for head in stored_headers(topic)]
        expect(found, "producer id, epoch and first sequence").equals([(-1, -1, -1)])


@checks("records/checksum/is-right")
@given(written=batch_lists(max_size=3), data=st.data())
def test_what_is_stored_has_the_right_checksum(cluster, written, data):
    configs = {
        "compression.type": data.draw(COMPRESSION_TYPES, label="compression.type"),
        "message.timestamp.type": data.draw(TIMESTAMP_TYPES, label="message.timestamp.type"),
    }
    codec = data.draw(compressions(), label="codec")
    with cluster.topic(configs=configs) as topic:
        for batch in written:
            expect(topic.produce(batch, compression=codec)).succeeds()

        expect(have_right_checksums(topic), "of each batch, whether its checksum is right").equals(
            [True] * len(written)
        )


@checks("records/checksum/is-right")
@given(written=batches(max_size=3), claimed=st.integers(-1, 2**40))
def test_a_maximum_timestamp_that_is_put_right_is_in_the_checksum(cluster, written, claimed):
    with cluster.topic() as topic:
        expect(topic.produce_batch(build_batch(written, max_timestamp=claimed))).acknowledged_at(0)
        expect(topic.produce([NewRecord(b"k", b"v", (), 1)])).succeeds()

        expect(have_right_checksums(topic), "of each batch, whether its checksum is right").equals([True, True])
