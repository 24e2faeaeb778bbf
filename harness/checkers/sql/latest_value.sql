-- The last record of a key in a compacted topic that nobody read, although somebody read past it.
-- Sound: compaction keeps the last record of each key. Tombstones may go: they are not recorded as sends with a key.
-- Blind: above the highest position of a reader.
-- Source: kgo-verifier, latest value; Apache Kafka's documentation, design, log compaction.
-- Says: violation
-- Reads: records.compacted_key
SELECT m.op, m.tp, m.off, m.val, m.high
FROM missing m LEFT JOIN log l ON l.tp = m.tp AND l.compacted_key = m.compacted_key AND l.off > m.off
WHERE m.compacted_key >= 0 AND l.off IS NULL
