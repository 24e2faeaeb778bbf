"""A transactional copy by programs of five client libraries, on a cluster whose brokers are killed under it.

A copier is a program of its own: it consumes, processes, produces, and commits its offsets in the transaction. What
it is told, and how it ends, is the same in every language (`copiers.py`); what is done to it and to the cluster, and
what must come of it, is in `arrangement.py`. Against Apache Kafka, or with other seeds:

    python -m tests.clients.transactional_copy --target kafka:4.3.1,brokers=3 --client java --seeds 1-20
"""

TARGET = "reference:brokers=3,rf=3"
SETTINGS = "group.min.session.timeout.ms=1000,min.insync.replicas=2"
"""What every target is set to: groups that notice soon that a member is gone, and nothing acknowledged by one alone."""
