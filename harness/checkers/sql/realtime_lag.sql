-- How far behind each client was at worst: the begin of a poll, less the time since when its position was not the end.
-- Sound: an offset is known to exist when an operation that knows it returned.
-- Blind: to polls whose position was not recorded.
-- Source: Jepsen, tests/kafka.clj, realtime-lag. Kafka promises no bound.
-- Says: measure
-- Reads: positions
SELECT proc, tp, MAX(began_ns - expired_ns) AS lag_ns
FROM (
  SELECT proc, tp, began_ns, MIN(known_ns) OVER (
    PARTITION BY tp ORDER BY off DESC, proc ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS expired_ns
  FROM (
    SELECT -1 AS proc, tp, off, 0 AS began_ns, known_ns FROM log
    UNION ALL
    SELECT proc, tp, off, began_ns, 9223372036854775807 FROM positions WHERE kind = 1
  ) points
) measured
WHERE proc >= 0 AND expired_ns < began_ns
GROUP BY proc, tp
