"""librdkafka's mock cluster in a process of its own: `python -m ....mock_cluster BROKERS`, until it is ended.

It prints the addresses of its brokers once they are known. What makes it crash ends this process and no other.
"""

from __future__ import annotations

import signal
import sys

READY = "brokers at "
START_WITHIN_S = 10.0


def serve(brokers: int) -> None:
    """Starts the cluster, prints where it is, and waits for a signal."""
    import confluent_kafka

    host = confluent_kafka.Producer({"test.mock.num.brokers": brokers, "log_level": 0})
    metadata = host.list_topics(timeout=START_WITHIN_S)
    addresses = (f"{broker.host}:{broker.port}" for _, broker in sorted(metadata.brokers.items()))
    print(READY + " ".join(addresses), flush=True)  # noqa: T201
    signal.pause()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
