-- A fetch of a group's offset that answers what only a commit had that failed, or whose transaction aborted.
-- Sound: offsets of an aborted transaction are never applied.
-- Blind: where a commit that counts had the same offset.
-- Source: KIP-98, TxnOffsetCommit.
-- Says: violation
-- Reads: commits
SELECT f.op, f.grp, f.tp, f.off, MAX(c.op) AS commit_op
FROM commits f JOIN commits c ON c.grp = f.grp AND c.tp = f.tp AND c.off = f.off AND c.kind = 0 AND c.outcome = 2
     LEFT JOIN commits a ON a.grp = f.grp AND a.tp = f.tp AND a.off = f.off AND a.kind = 0 AND a.outcome <> 2
WHERE f.kind = 1 AND f.outcome = 0 AND a.op IS NULL
GROUP BY f.op, f.grp, f.tp, f.off
