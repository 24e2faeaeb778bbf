-- A client was given an offset at or below one that it was given before, within one transaction (or one poll).
-- Sound: as nonmonotonic_poll.
-- Blind: as nonmonotonic_poll.
-- Source: Jepsen, tests/kafka.clj, int-nonmonotonic-poll.
-- Says: violation
SELECT op, before_op, tp, before_off, off FROM steps WHERE internal = 1 AND off <= before_off
