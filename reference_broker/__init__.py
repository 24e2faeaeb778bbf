"""The reference broker: a Kafka cluster in one event loop, for tests."""
