-- Transactions that both sent and polled: only they can be on a cycle.
SELECT txn FROM records WHERE isolated = 1 GROUP BY txn HAVING MIN(kind) < MAX(kind)
