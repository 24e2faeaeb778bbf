-- Transactions are numbered as they began, so a cycle has an edge that goes back. It lies between the ends of such an
-- edge, or of several whose spans overlap: these are those spans, joined where they overlap.
WITH back AS (
  SELECT reader AS low, writer AS high FROM edges WHERE writer > reader
), reached AS (
  SELECT low, high, MAX(high) OVER (ORDER BY low, high ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach
  FROM back
), numbered AS (
  SELECT low, high, SUM(CASE WHEN reach IS NULL OR low > reach THEN 1 ELSE 0 END) OVER (
    ORDER BY low, high ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS island
  FROM reached
)
SELECT MIN(low) AS low, MAX(high) AS high FROM numbered GROUP BY island
