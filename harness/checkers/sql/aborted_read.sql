-- A record of a write that failed, or of a transaction that aborted, and that was polled (G1a).
-- Sound: what failed was not appended; an aborted transaction is shown to nobody at read_committed. At read_uncommitted
-- it may be, so there only writes outside of transactions count.
-- Blind: to polls whose own transaction did not commit.
-- Source: Jepsen, tests/kafka.clj, G1a; Elle.
-- Says: violation
SELECT p.op, p.tp, p.off, p.val, s.op AS send_op
FROM records s JOIN records p ON p.val = s.val
WHERE s.kind = 0 AND s.outcome = 2 AND p.kind = 1 AND p.outcome = 0 AND (p.isolated = 1 OR s.isolated = 0)
