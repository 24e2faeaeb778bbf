"""Replicas of partitions: who leads, what is committed, who waits for it."""
