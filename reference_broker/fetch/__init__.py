"""Incremental fetch sessions (KIP-227): what a consumer fetches is remembered between its requests."""
