-- Transactions that polled each other's records in a circle (G1c).
-- Sound: each was committed before the next could read it. Edges between writes do not count: transactions interleave
-- their writes in a partition, so that circles with them are normal in Kafka.
-- Blind: to read_uncommitted.
-- Source: Jepsen, tests/kafka.clj, G1c; Elle. Rows are edges, of which the search keeps the shortest circles.
-- Says: violation
-- Reads: records.isolated
SELECT e.writer, e.reader, e.val
FROM islands i JOIN edges e ON e.writer BETWEEN i.low AND i.high AND e.reader BETWEEN i.low AND i.high
