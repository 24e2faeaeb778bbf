-- A client went on behind a record that lies there: from before_off, in one transaction, to off, in a later one; or it
-- began behind one that lies at or behind where its assignment began.
-- Sound: within an assignment a consumer is given each record after the other; a gap is one only where a record of it
-- was read or must have been appended, since markers take offsets too.
-- Blind: across assignments, where a rebalance may skip; where the skipped record is unknown, or hidden from some.
-- Source: Jepsen, tests/kafka.clj, poll-skip.
-- Says: violation
SELECT s.op, s.before_op, s.tp, s.before_off, s.off, c.before_off AS skipped_off
FROM steps s JOIN chain c ON c.tp = s.tp AND c.off = s.off
WHERE s.internal = 0 AND s.off > s.before_off + 1 AND c.before_off > s.before_off
