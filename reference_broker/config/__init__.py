"""Kafka's configuration: names, types, defaults and valid values, and what the reference broker makes of them."""
