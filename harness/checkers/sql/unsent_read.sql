-- A record that was polled and that nobody sent.
-- Sound: where every writer of the partition is recorded, and its values are unique.
-- Blind: to a value that was changed into another one that was sent.
-- Source: kafkatest, verifiable consumer; Jepsen refuses such a history.
-- Says: violation
SELECT op, tp, off, proc FROM records WHERE kind = 1 AND val < 0
