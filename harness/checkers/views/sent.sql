-- Sends that must have taken effect, with their offset: as acknowledged, else as it was read, else -1.
SELECT s.op, s.seq, s.proc, s.asg, s.tp, s.off, s.val, s.outcome, s.txn, s.isolated, s.compacted_key, s.source,
       s.began_ns, s.ended_ns
FROM records s LEFT JOIN evidence e ON e.txn = s.txn
WHERE s.kind = 0 AND s.off >= 0 AND (s.outcome = 0 OR s.outcome = 1 AND s.isolated = 1 AND e.txn IS NOT NULL)
UNION ALL
SELECT s.op, s.seq, s.proc, s.asg, s.tp, COALESCE(MIN(p.off), -1), s.val, s.outcome, s.txn, s.isolated, s.compacted_key,
       s.source, s.began_ns, s.ended_ns
FROM records s LEFT JOIN evidence e ON e.txn = s.txn LEFT JOIN records p ON p.val = s.val AND p.tp = s.tp AND p.kind = 1
WHERE s.kind = 0 AND s.off < 0 AND (s.outcome = 0 OR s.outcome = 1 AND s.isolated = 1 AND e.txn IS NOT NULL)
GROUP BY s.op, s.seq, s.proc, s.asg, s.tp, s.val, s.outcome, s.txn, s.isolated, s.compacted_key, s.source,
         s.began_ns, s.ended_ns
