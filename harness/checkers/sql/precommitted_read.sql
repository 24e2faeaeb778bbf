-- A record that a transaction polled and had sent itself.
-- Sound: at read_committed nothing is shown before its transaction commits, not even to the sender.
-- Blind: to transactions of others that were open then (aborted_read sees those that abort).
-- Source: Jepsen, tests/kafka.clj, precommitted-read.
-- Says: violation
-- Reads: records.isolated
SELECT p.op, p.tp, p.off, p.val, p.txn
FROM mixed m JOIN records s ON s.txn = m.txn AND s.kind = 0 AND s.isolated = 1
     JOIN records p ON p.txn = s.txn AND p.val = s.val AND p.kind = 1 AND p.isolated = 1
