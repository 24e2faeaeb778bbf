-- A transaction of which one record was read at read_committed and another one was not, although somebody read past it.
-- Sound: one that was read says that the transaction committed, and then all of it did.
-- Blind: to a record whose offset nobody learned.
-- Source: KIP-98; G1b, which Jepsen's workload leaves out.
-- Says: violation
-- Reads: records.isolated
SELECT m.txn, m.tp, m.off, m.val, MIN(s.val) AS read_val
FROM missing m JOIN records s ON s.txn = m.txn AND s.kind = 0
     JOIN records p ON p.val = s.val AND p.kind = 1 AND p.isolated = 1
WHERE m.isolated = 1 AND m.compacted_key = -1
GROUP BY m.txn, m.tp, m.off, m.val
