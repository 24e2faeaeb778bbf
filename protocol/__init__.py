"""Kafka's wire protocol, without I/O: messages, frames, record batches, errors."""
