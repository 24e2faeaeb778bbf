-- A minimum, sum, maximum or count that is not that of the amounts of its account up to the record that it was made of.
-- Sound: where the amounts of an account lie in one partition and the aggregate is of all of them, each counted once.
-- Blind: to an aggregate that was never sent, and to what is not known to have been in the log.
-- Source: Apache Kafka, EosTestDriver of Kafka Streams: verification of min, max, sum and cnt.
-- Says: violation
-- Reads: amounts
SELECT o.op, o.val, w.account, w.kind, w.amount, w.source,
       CASE w.kind WHEN 1 THEN r.lowest WHEN 2 THEN r.total WHEN 3 THEN r.highest ELSE r.many END AS expected
FROM amounts w JOIN sent o ON o.val = w.val JOIN (
  SELECT i.account, i.val,
         MIN(i.amount) OVER (PARTITION BY i.account ORDER BY l.off ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS lowest,
         SUM(i.amount) OVER (PARTITION BY i.account ORDER BY l.off ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS total,
         MAX(i.amount) OVER (PARTITION BY i.account ORDER BY l.off ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS highest,
         COUNT(*) OVER (PARTITION BY i.account ORDER BY l.off ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS many
  FROM amounts i JOIN log l ON l.val_low = i.val
  WHERE i.kind = 0 AND l.hidden = 0
) r ON r.account = w.account AND r.val = w.source
WHERE w.kind > 0
  AND w.amount <> CASE w.kind WHEN 1 THEN r.lowest WHEN 2 THEN r.total WHEN 3 THEN r.highest ELSE r.many END
