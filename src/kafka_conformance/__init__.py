"""kafka-conformance: does this Kafka behave like Kafka?"""

__version__ = "0.1.0"
