"""One module for each API: check in Kafka's order, look up, delegate, shape the answer."""
