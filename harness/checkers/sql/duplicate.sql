-- A value at more than one offset.
-- Sound: a value is sent once, and a producer that is idempotent appends it once. With one that is not, allow it.
-- Blind: to a copy that nobody read.
-- Source: Jepsen, tests/kafka.clj, duplicate; kafkatest.
-- Says: violation
SELECT val, MIN(tp) AS tp, MIN(off) AS off, MAX(tp) AS other_tp, MAX(off) AS other_off
FROM (
  SELECT val, tp, off FROM records WHERE kind = 1 AND val >= 0
  UNION ALL
  SELECT val, tp, off FROM sent WHERE off >= 0
) known
GROUP BY val
HAVING MIN(off) <> MAX(off) OR MIN(tp) <> MAX(tp)
