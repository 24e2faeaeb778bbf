-- An offset of a partition that has more than one value.
-- Sound: an offset is given once, and a record at it never changes. Sends whose fate nobody knows do not count.
-- Blind: to what was replaced before anybody learned its value or offset.
-- Source: Jepsen, tests/kafka.clj, inconsistent-offsets.
-- Says: violation
SELECT tp, off, val_low, val_high FROM log WHERE val_low <> val_high
