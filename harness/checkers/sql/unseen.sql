-- A record that was acknowledged and that nobody read to the end of the history, nor read past: lost, or late.
-- Sound: it is no violation, but a history that ends before its records were read shows nothing of them.
-- Blind: to records that were not acknowledged.
-- Source: Jepsen, tests/kafka.clj, unseen.
-- Says: unknown
SELECT u.op, u.tp, u.off, u.val
FROM unread u LEFT JOIN missing m ON m.val = u.val
WHERE u.outcome = 0 AND u.compacted_key = -1 AND m.val IS NULL
