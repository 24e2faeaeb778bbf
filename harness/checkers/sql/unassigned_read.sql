-- A record that a client was given of a partition that it had not been assigned.
-- Sound: where the client's assignments are recorded at all.
-- Blind: to clients of which no assignment was recorded.
-- Source: kafkatest, verifiable consumer.
-- Says: violation
-- Reads: positions
SELECT r.op, r.proc, r.tp, r.off
FROM records r JOIN (SELECT DISTINCT proc FROM positions WHERE kind = 0) known ON known.proc = r.proc
     LEFT JOIN positions b ON b.proc = r.proc AND b.asg = r.asg AND b.tp = r.tp AND b.kind = 0
WHERE r.kind = 1 AND b.proc IS NULL
