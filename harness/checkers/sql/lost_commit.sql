-- A fetch of a group's offset that answers an older one than a commit that had been acknowledged before.
-- Sound: the answer must be an offset that was committed, by a commit that no other one followed before the fetch.
-- Blind: to offsets that expired or were deleted, which it takes for lost.
-- Source: KAFKA-8069; KIP-98 for the offsets of a transaction.
-- Says: violation
-- Reads: commits
SELECT f.op, f.grp, f.tp, f.off, MAX(c.op) AS commit_op
FROM commits f JOIN commits c ON c.grp = f.grp AND c.tp = f.tp AND c.kind = 0 AND c.outcome = 0
                                 AND c.ended_ns >= 0 AND c.ended_ns <= f.began_ns
     LEFT JOIN commits a ON a.grp = f.grp AND a.tp = f.tp AND a.kind = 0 AND a.outcome <> 2 AND a.off = f.off
                            AND (a.ended_ns < 0 OR a.outcome = 1 OR a.ended_ns > c.began_ns)
WHERE f.kind = 1 AND f.outcome = 0 AND a.op IS NULL
GROUP BY f.op, f.grp, f.tp, f.off
