-- wr: the second transaction polled what the first one sent.
SELECT s.txn AS writer, p.txn AS reader, MIN(p.val) AS val
FROM sent s JOIN mixed a ON a.txn = s.txn JOIN records p ON p.val = s.val JOIN mixed b ON b.txn = p.txn
WHERE p.kind = 1 AND p.outcome = 0 AND p.isolated = 1 AND s.isolated = 1 AND p.txn <> s.txn
GROUP BY s.txn, p.txn
