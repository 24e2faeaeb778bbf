"""What can be wrong with a configuration."""

from __future__ import annotations

from kafka_conformance.protocol.error_codes import ErrorCode


class ConfigError(ValueError):
    """A name that Kafka does not know, a value that it refuses, or a setting that the reference broker lacks.

    The text is Kafka's where Kafka has one. `error_code` is what an API answers with.
    """

    def __init__(self, message: str, *, name: str = "", error_code: ErrorCode = ErrorCode.INVALID_CONFIG) -> None:
        super().__init__(message)
        self.message = message
        self.name = name
        self.error_code = error_code


def invalid_value(name: str, value: object, reason: str) -> ConfigError:
    """The error for one value, in the words of org.apache.kafka.common.config.ConfigException."""
    return ConfigError(f"Invalid value {value} for configuration {name}: {reason}", name=name)
