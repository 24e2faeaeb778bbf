-- A record of which more than one copy was made, or none although a later one of its partition was copied.
-- Sound: where copying consumes, produces and commits its offsets in one transaction, each input is copied once. A copy
-- of which nobody knows whether it was made counts for neither.
-- Blind: to inputs behind the last one that was copied.
-- Source: kafkatest, transactions_test, exactly-once copy; Redpanda's chaos, lineage.
-- Says: violation
-- Reads: records.source
SELECT l.tp, l.off, l.val_low AS val, COUNT(o.val) AS copies
FROM (
  SELECT i.tp, MAX(i.off) AS high FROM log i JOIN sent o ON o.source = i.val_low WHERE o.source >= 0 GROUP BY i.tp
) copied JOIN log l ON l.tp = copied.tp AND l.off <= copied.high AND l.hidden = 0
     LEFT JOIN sent o ON o.source = l.val_low
     LEFT JOIN (SELECT DISTINCT source FROM records WHERE kind = 0 AND outcome = 1) perhaps ON perhaps.source = l.val_low
WHERE l.val_low >= 0
GROUP BY l.tp, l.off, l.val_low
HAVING COUNT(o.val) > 1 OR COUNT(o.val) = 0 AND MAX(COALESCE(perhaps.source, -1)) = -1
