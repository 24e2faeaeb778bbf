-- Two polled records, one after the other in a partition and an assignment, of which the second is not the next offset.
-- internal = 1: in one transaction (or one operation). Else the first is the last that was read in a transaction that
-- committed: one that aborted is to be read again from where it began. Behind one of which nobody knows, both are right.
-- Where an assignment began counts as a record that was read just before it.
WITH walked AS (
  SELECT tp, proc, asg, op, seq, off, val, txn,
         LAG(txn, 1, -1) OVER (PARTITION BY proc, asg, tp ORDER BY op, seq) AS before_txn,
         LAG(outcome, 1, 0) OVER (PARTITION BY proc, asg, tp ORDER BY op, seq) AS before_outcome,
         LAG(op, 1, -1) OVER (PARTITION BY proc, asg, tp ORDER BY op, seq) AS before_op,
         LAG(off, 1, -1) OVER (PARTITION BY proc, asg, tp ORDER BY op, seq) AS before_off
  FROM (
    SELECT tp, proc, asg, op, seq, off, val, txn, outcome FROM records WHERE kind = 1
    UNION ALL
    SELECT tp, proc, asg, op, -1, off - 1, -1, -2, 0 FROM positions WHERE kind = 0
  ) read_from
), rewound AS (
  SELECT w.tp, w.proc, w.op, w.seq, w.off, w.val, r.op AS before_op, r.off AS before_off, r.outcome,
         ROW_NUMBER() OVER (PARTITION BY w.op, w.seq, w.tp ORDER BY r.op DESC, r.seq DESC) AS nearness
  FROM walked w JOIN records r ON r.proc = w.proc AND r.asg = w.asg AND r.tp = w.tp
  WHERE w.before_txn <> w.txn AND w.txn <> -2 AND w.before_outcome = 2 AND r.kind = 1 AND r.outcome <> 2 AND r.op < w.op
)
SELECT tp, proc, op, seq, off, val, before_op, before_off, 1 AS internal
FROM walked
WHERE before_txn = txn AND txn <> -2 AND off <> before_off + 1
UNION ALL
SELECT tp, proc, op, seq, off, val, before_op, before_off, 0
FROM walked
WHERE before_txn <> -1 AND before_txn <> txn AND txn <> -2 AND before_outcome = 0 AND off <> before_off + 1
UNION ALL
SELECT tp, proc, op, seq, off, val, before_op, before_off, 0
FROM rewound
WHERE nearness = 1 AND outcome = 0 AND off <> before_off + 1
