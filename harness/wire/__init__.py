"""The raw client: asyncio, one connection at a time, nothing retried, nothing hidden, everything recorded."""
