-- Values of transactions that are not known to have committed: read_uncommitted may show them, read_committed must not.
SELECT s.val
FROM records s LEFT JOIN evidence e ON e.txn = s.txn
WHERE s.kind = 0 AND s.isolated = 1 AND s.outcome <> 0 AND (s.outcome = 2 OR e.txn IS NULL)
