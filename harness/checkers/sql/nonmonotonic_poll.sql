-- A client was given an offset at or below one that it was given in an earlier transaction.
-- Sound: within an assignment offsets only grow, and a seek begins another one.
-- Blind: across assignments, where a rebalance may go back to what was committed.
-- Source: Jepsen, tests/kafka.clj, nonmonotonic-poll.
-- Says: violation
SELECT op, before_op, tp, before_off, off FROM steps WHERE internal = 0 AND off <= before_off
