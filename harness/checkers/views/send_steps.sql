-- Two records that one client sent, one after the other, to a partition, of which the second does not lie behind the first.
-- internal = 1: in one transaction (or one operation). Else the first was acknowledged before the second was sent.
SELECT tp, proc, op, off, val, before_op, before_off, before_val, internal
FROM (
  SELECT tp, proc, op, off, val, began_ns,
         LAG(op, 1, -1) OVER (PARTITION BY proc, asg, tp ORDER BY op, seq) AS before_op,
         LAG(off, 1, -1) OVER (PARTITION BY proc, asg, tp ORDER BY op, seq) AS before_off,
         LAG(val, 1, -1) OVER (PARTITION BY proc, asg, tp ORDER BY op, seq) AS before_val,
         LAG(outcome, 1, 0) OVER (PARTITION BY proc, asg, tp ORDER BY op, seq) AS before_outcome,
         LAG(ended_ns, 1, -1) OVER (PARTITION BY proc, asg, tp ORDER BY op, seq) AS before_ended_ns,
         CASE WHEN LAG(txn, 1, -1) OVER (PARTITION BY proc, asg, tp ORDER BY op, seq) = txn THEN 1 ELSE 0 END AS internal
  FROM sent
  WHERE off >= 0
) walked
WHERE off <= before_off
  AND (internal = 1 OR before_outcome = 0 AND before_ended_ns >= 0 AND before_ended_ns <= began_ns)
