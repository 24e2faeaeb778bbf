-- A record that was acknowledged, or whose transaction must have committed, and that nobody read, although somebody who
-- began at or before its offset read past it.
-- Sound: a consumer is given every record up to its position. Not where records expire or are deleted; of a compacted
-- topic it says nothing (latest_value).
-- Blind: above the highest position of a reader (unseen), and where the offset was not learned.
-- Source: Jepsen, tests/kafka.clj, lost-write; kafkatest.
-- Says: violation
SELECT op, tp, off, val, high FROM missing WHERE compacted_key = -1
