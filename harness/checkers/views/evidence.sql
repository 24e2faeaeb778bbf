-- Transactions of which nobody knows how they ended, but of which a committed record was read: they did commit.
SELECT DISTINCT s.txn
FROM records s JOIN records p ON p.val = s.val
WHERE s.kind = 0 AND s.outcome = 1 AND s.isolated = 1
  AND p.kind = 1 AND p.outcome = 0 AND p.isolated = 1
