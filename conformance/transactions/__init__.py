"""Transactions and isolation: what is written together is seen together, or not at all (KIP-98, KIP-890)."""
