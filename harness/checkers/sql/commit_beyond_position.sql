-- A commit of an offset that the client had not come to, or of a partition that it had not been assigned.
-- Sound: where the client's positions are recorded at all; it commits behind what it was given.
-- Blind: to clients of which no position was recorded.
-- Source: kafkatest, commit sanity.
-- Says: violation
-- Reads: commits, positions
SELECT c.op, c.proc, c.tp, c.off
FROM commits c JOIN (SELECT DISTINCT proc FROM positions) known ON known.proc = c.proc
     LEFT JOIN positions b ON b.proc = c.proc AND b.tp = c.tp AND b.op <= c.op AND b.off >= c.off
WHERE c.kind = 0 AND b.proc IS NULL
