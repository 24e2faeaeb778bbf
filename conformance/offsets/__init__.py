"""Committed offsets: who may commit, what is read back, when they go."""
