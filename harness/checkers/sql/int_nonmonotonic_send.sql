-- A record that lies at or before one that was sent before it in the same transaction (or operation).
-- Sound: an idempotent producer keeps its order. What another kind has in flight at once is recorded as operations of
-- their own.
-- Blind: to records whose offset was neither acknowledged nor read.
-- Source: Jepsen, tests/kafka.clj, int-nonmonotonic-send.
-- Says: violation
SELECT op, before_op, tp, before_off, off, val FROM send_steps WHERE internal = 1
