-- A batch whose leader epoch is lower than that of a batch before it.
-- Sound: a leader appends with its own epoch, and a later leader has a higher one.
-- Blind: where the epoch of the offset before was not recorded.
-- Source: kgo-verifier, monotonic leader epochs; KIP-101.
-- Says: violation
-- Reads: records.epoch
SELECT tp, before_off, off, before_epoch, epoch FROM chain WHERE before_epoch > epoch AND epoch >= 0
