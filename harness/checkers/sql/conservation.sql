-- A transaction whose amounts sum to zero when they were sent, and do not in what is in the log: a transfer of which money
-- came from nowhere or went away.
-- Sound: what it sent is there once and all of it, or nothing is. One that sent a record of which nobody knows where it
-- lies, or whether it does, is left out.
-- Blind: to what nobody read and nobody read past, which counts as being where it was acknowledged.
-- Source: Redpanda's chaos, the sum of transfers after fencing every transactional id.
-- Says: violation
-- Reads: amounts
SELECT s.txn, SUM(a.amount * CASE WHEN m.val IS NULL THEN k.copies ELSE 0 END) AS balance
FROM amounts a JOIN sent s ON s.val = a.val LEFT JOIN missing m ON m.val = a.val LEFT JOIN (
  SELECT val, COUNT(*) AS copies
  FROM (
    SELECT val, tp, off FROM records WHERE kind = 1 AND isolated = 1 AND outcome = 0
    UNION
    SELECT val, tp, off FROM sent WHERE off >= 0
  ) known
  GROUP BY val
) k ON k.val = a.val
WHERE a.kind = 0 AND s.isolated = 1
GROUP BY s.txn
HAVING SUM(a.amount) = 0 AND SUM(CASE WHEN k.copies IS NULL AND m.val IS NULL THEN 1 ELSE 0 END) = 0
   AND SUM(a.amount * CASE WHEN m.val IS NULL THEN k.copies ELSE 0 END) <> 0
