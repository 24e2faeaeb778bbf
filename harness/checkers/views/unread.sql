-- Sends that must have taken effect and that nobody polled.
SELECT s.op, s.tp, s.off, s.val, s.outcome, s.txn, s.isolated, s.compacted_key
FROM sent s LEFT JOIN records p ON p.val = s.val AND p.kind = 1
WHERE p.val IS NULL
