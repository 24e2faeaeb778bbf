-- Each offset that every reader is to be given, with the one before it. Where compaction may take records it says nothing.
SELECT tp, off, epoch, LAG(off, 1, -1) OVER (PARTITION BY tp ORDER BY off) AS before_off,
       LAG(epoch, 1, -1) OVER (PARTITION BY tp ORDER BY off) AS before_epoch
FROM log
WHERE hidden = 0 AND compacted_key = -1
