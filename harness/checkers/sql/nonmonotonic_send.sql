-- A record that a client sent after an earlier one was acknowledged, and that lies at or before it.
-- Sound: the first had its offset before the second was sent, and offsets only grow.
-- Blind: to sends that overlap in time.
-- Source: Jepsen, tests/kafka.clj, nonmonotonic-send.
-- Says: violation
SELECT op, before_op, tp, before_off, off, val FROM send_steps WHERE internal = 0
