-- A client went on behind a record that lies there, within one transaction (or one poll).
-- Sound: as poll_skip.
-- Blind: as poll_skip.
-- Source: Jepsen, tests/kafka.clj, int-poll-skip.
-- Says: violation
SELECT s.op, s.before_op, s.tp, s.before_off, s.off, c.before_off AS skipped_off
FROM steps s JOIN chain c ON c.tp = s.tp AND c.off = s.off
WHERE s.internal = 1 AND s.off > s.before_off + 1 AND c.before_off > s.before_off
