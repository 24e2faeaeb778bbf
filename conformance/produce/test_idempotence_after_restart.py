"""What a partition still knows of its producers when its broker comes back."""

from kafka_conformance.conformance.produce.broker_clock import LOG_APPEND_TIME
from kafka_conformance.harness.cases import ErrorCode, checks, expect, needs


@checks("produce/idempotence/outlives-a-restart")
def test_the_last_batch_is_recognised_after_an_orderly_restart(cluster):
    with cluster.topic(configs=LOG_APPEND_TIME) as topic, cluster.idempotent_producer() as producer:
        producer.send(topic, [b"a"])
        last = producer.send(topic, [b"b", b"c"])
        cluster.restart(topic.leader())
        topic.refresh()

        again = producer.resend(topic, last)
        early = producer.send(topic, [b"too early"], sequence=producer.next_sequence(topic) + 1)
        following = producer.send(topic, [b"d"])

        expect(again).acknowledged_at(last.base_offset)
        expect(early).refused_with(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
        expect(following).acknowledged_at(3)
        expect(topic).holds_exactly([b"a"], [b"b", b"c"], [b"d"])


@checks("produce/idempotence/outlives-a-restart")
@needs("kill")
def test_the_last_batch_is_recognised_after_a_kill(cluster):
    with cluster.topic(configs=LOG_APPEND_TIME) as topic, cluster.idempotent_producer() as producer:
        producer.send(topic, [b"a"])
        last = producer.send(topic, [b"b", b"c"])
        cluster.kill(topic.leader())
        cluster.restart(topic.leader())
        topic.refresh()

        again = producer.resend(topic, last)
        following = producer.send(topic, [b"d"])

        expect(again).acknowledged_at(last.base_offset)
        expect(following).acknowledged_at(3)
        expect(topic).holds_exactly([b"a"], [b"b", b"c"], [b"d"])
