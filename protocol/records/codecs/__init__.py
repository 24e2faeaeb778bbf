"""One module per codec: compress(data, level) and decompress(data, limit, magic=…), as Kafka's Java classes do it."""
