-- Of those, the ones at an offset that somebody read past in an assignment that began at or before it.
SELECT u.op, u.tp, u.off, u.val, u.txn, u.isolated, u.compacted_key, MAX(r.high) AS high
FROM unread u JOIN spans r ON r.tp = u.tp AND r.low <= u.off AND u.off <= r.high
WHERE u.off >= 0
GROUP BY u.op, u.tp, u.off, u.val, u.txn, u.isolated, u.compacted_key
