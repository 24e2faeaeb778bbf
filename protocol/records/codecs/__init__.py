"""One module per codec: compress(data, level) and decompress(data, limit), the way Kafka's Java classes do it."""
