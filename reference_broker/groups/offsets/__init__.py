"""Committed offsets: the store, and the rules for commits, fetches, deletion and expiry; all pure."""
