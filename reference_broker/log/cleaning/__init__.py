"""Compaction: of each key the last value survives (Kafka: LogCleaner, KIP-98 and KIP-534 for what it must not lose)."""
