"""In which codec a batch lies in the log."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.records.stored import stored_headers
from kafka_conformance.harness.cases import Compression, checks, expect, over_codecs
from kafka_conformance.harness.strategies import batch_lists, compressions

TYPE_OF = {codec: "uncompressed" if codec is Compression.NONE else codec.name.lower() for codec in Compression}


@checks("records/compression/producers-codec-is-kept")
@given(written=st.lists(st.tuples(compressions(), st.binary(max_size=200)), min_size=1, max_size=4))
def test_a_topic_that_leaves_it_to_producers_keeps_each_codec(cluster, written):
    with cluster.topic(configs={"compression.type": "producer"}) as topic:
        for codec, value in written:
            expect(topic.produce([value], compression=codec)).succeeds()

        expect([header.compression for header in stored_headers(topic)], "the codecs").equals(
            [codec for codec, _ in written]
        )


@checks("records/compression/topics-codec-is-used")
@over_codecs()
@given(written=batch_lists(max_size=3), data=st.data())
def test_a_topic_that_names_a_codec_has_all_in_it(cluster, compression, written, data):
    codecs = [data.draw(compressions(), label="codec of the producer") for _ in written]
    with cluster.topic(configs={"compression.type": TYPE_OF[compression]}) as topic:
        for batch, codec in zip(written, codecs, strict=True):
            expect(topic.produce(batch, compression=codec)).succeeds()

        expect({header.compression for header in stored_headers(topic)}, "the codecs").equals({compression})
        expect(topic).holds_exactly(*written)
        expect([record.timestamp for record in topic.records()], "the timestamps").equals(
            [record.timestamp for batch in written for record in batch]
        )
