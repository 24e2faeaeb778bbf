-- From where to where each assignment read each partition. One that does not say where it began, began at the beginning.
SELECT proc, asg, tp, COALESCE(MIN(low), 0) AS low, MAX(high) AS high
FROM (
  SELECT proc, asg, tp, CASE WHEN kind = 0 THEN off END AS low, off AS high
  FROM records
  WHERE kind = 1 AND outcome = 0
  UNION ALL
  SELECT proc, asg, tp, CASE WHEN kind = 0 THEN off END, CASE WHEN kind = 1 THEN off - 1 ELSE -1 END
  FROM positions
) known
GROUP BY proc, asg, tp
