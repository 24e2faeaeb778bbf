-- What lies at each offset: polls of every outcome, since a poll never shows what must not be seen, and `sent`.
-- known_ns: when somebody first knew of the offset. hidden = 1: only read_uncommitted saw it.
SELECT tp, off, MIN(val) AS val_low, MAX(val) AS val_high, MIN(hidden) AS hidden, MAX(compacted_key) AS compacted_key,
       MAX(epoch) AS epoch, MIN(known_ns) AS known_ns
FROM (
  SELECT p.tp, p.off, p.val, p.compacted_key, p.epoch,
         CASE WHEN p.isolated = 0 AND h.val IS NOT NULL THEN 1 ELSE 0 END AS hidden,
         CASE WHEN p.ended_ns < 0 THEN 9223372036854775807 ELSE p.ended_ns END AS known_ns
  FROM records p LEFT JOIN hidden h ON h.val = p.val
  WHERE p.kind = 1
  UNION ALL
  SELECT tp, off, val, compacted_key, -1, 0, CASE WHEN ended_ns < 0 THEN 9223372036854775807 ELSE ended_ns END
  FROM sent
  WHERE off >= 0
) known
GROUP BY tp, off
