"""Ordering: of answers, appends, offsets, retries and reads."""
