"""How bytes become requests: sizes, splits, ends that come too early, and whose connection pays for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.protocol.broker_limits import largest_request
from kafka_conformance.conformance.protocol.frames import SIZE_BYTES, correlation_id_of, pieces, read_answer, resized
from kafka_conformance.harness.cases import checks, expect, results
from kafka_conformance.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic

TOPICLESS = MetadataRequest(topics=[], allow_auto_topic_creation=False)


@checks("protocol/frames/may-come-in-pieces")
@given(cuts=st.lists(st.integers(0, 200), min_size=1, max_size=4))
def test_a_request_that_comes_in_pieces_is_answered_once_it_is_complete(cluster, cuts):
    with cluster.connect() as connection:
        frame = connection.encode(TOPICLESS, 9)
        answer = connection.expect_answer(frame)
        for piece in pieces(frame, cuts):
            connection.write(piece)
            cluster.shared().is_usable()  # a round trip elsewhere: time for the piece to arrive by itself

        metadata = read_answer(TOPICLESS.api_key, 9, answer.result())
        expect(len(metadata.brokers), "the number of brokers").equals(len(cluster.node_ids))


@checks("protocol/frames/may-come-together")
@given(versions=st.lists(st.integers(1, 12), min_size=2, max_size=12), extra=st.integers(0, 40))
def test_requests_that_come_in_one_piece_are_each_answered_once(cluster, versions, extra):
    with cluster.connect() as connection:
        frames = [connection.encode(TOPICLESS, version) for version in versions]
        answers = [connection.expect_answer(frame) for frame in frames]
        stream = b"".join(frames)
        cut = len(stream) - min(extra, len(frames[-1]) - 1)  # the last one may end in the next piece
        connection.write(stream[:cut])
        connection.write(stream[cut:])

        received = [correlation_id_of(answer) for answer in results(answers)]
        expect(received, "the correlation ids").equals([int.from_bytes(frame[8:12], "big") for frame in frames])


@checks("protocol/frames/impossible-size-closes")
@given(size=st.just(0) | st.integers(-(2**31), -1))
def test_a_size_of_0_or_less_closes_the_connection(cluster, size):
    with cluster.connect() as connection:
        connection.write(size.to_bytes(SIZE_BYTES, "big", signed=True))

        expect(connection).is_closed()
        expect(cluster.shared(), "another connection").is_usable()


@checks("protocol/frames/oversize-closes")
@given(excess=st.integers(1, 1 << 20))
def test_a_frame_above_the_limit_closes_the_connection_when_its_size_is_read(cluster, excess):
    size = min(largest_request(cluster) + excess, 2**31 - 1)
    with cluster.connect() as connection:
        connection.write(size.to_bytes(SIZE_BYTES, "big"))

        expect(connection).is_closed()
        expect(cluster.shared(), "another connection").is_usable()


@checks("protocol/frames/cut-header-closes")
@given(length=st.integers(1, 10 + len("client") - 1))
def test_a_frame_that_ends_within_its_header_closes_the_connection(cluster, length):
    with cluster.connect(client_id="client") as connection:
        frame = connection.encode(TOPICLESS, 1)
        connection.write(resized(frame[SIZE_BYTES : SIZE_BYTES + length]))

        expect(connection).is_closed()
        expect(cluster.shared(), "another connection").is_usable()


@checks("protocol/frames/cut-body-closes")
@pytest.mark.parametrize("version", [1, 4, 9, 12], ids=lambda version: f"v{version}")
@given(data=st.data(), names=st.lists(st.just("a-topic"), max_size=2))
def test_a_frame_that_ends_within_its_body_closes_the_connection(cluster, version, data, names):
    request = MetadataRequest(
        topics=[MetadataRequestTopic(name=name) for name in names], allow_auto_topic_creation=False
    )
    with cluster.connect(client_id=None) as connection:
        frame = connection.encode(request, version)
        header = SIZE_BYTES + (11 if version >= 9 else 10)
        end = data.draw(st.integers(header, len(frame) - 1), label="where it ends")
        connection.write(resized(frame[SIZE_BYTES:end]))

        expect(connection).is_closed()
        expect(cluster.shared(), "another connection").is_usable()


@checks("protocol/frames/trailing-bytes-are-ignored")
@given(version=st.integers(0, 12), trailer=st.binary(min_size=1, max_size=20))
def test_bytes_behind_a_complete_request_do_not_matter(cluster, version, trailer):
    with cluster.connect() as connection:
        frame = connection.encode(TOPICLESS, version)

        answer = connection.send_frame(resized(frame[SIZE_BYTES:] + trailer))

        metadata = read_answer(TOPICLESS.api_key, version, answer)
        expect(len(metadata.brokers), "the number of brokers").equals(len(cluster.node_ids))
        expect(connection).is_usable()
