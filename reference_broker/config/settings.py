"""Typed access to settings by Kafka's names."""

from __future__ import annotations

import builtins
from collections.abc import Mapping

from kafka_conformance.reference_broker.config.definitions import Definitions
from kafka_conformance.reference_broker.config.errors import ConfigError
from kafka_conformance.reference_broker.config.values import Value, default_value, parse, to_text


class Settings:
    """Settings of one resource: what is set, else the default. Immutable; values are parsed when first asked for."""

    __slots__ = ("_definitions", "_set", "_values")

    def __init__(self, definitions: Definitions, settings: Mapping[str, str]) -> None:
        self._definitions = definitions
        self._set = dict(settings)
        self._values: dict[str, Value] = {}

    def value(self, name: str) -> Value:
        """Return a setting's value; None where Kafka's default is null. Raises ConfigError for an unknown name."""
        try:
            return self._values[name]
        except KeyError:
            found = self._values[name] = self._compute(name)
            return found

    def _compute(self, name: str) -> Value:
        if name not in self._definitions:
            raise ConfigError(f"Unknown config name: {name}", name=name)
        text = self._set.get(name)
        return self._fallback(name) if text is None else parse(self._definitions[name], text)

    def _fallback(self, name: str) -> Value:
        return default_value(self._definitions[name])

    def text(self, name: str) -> builtins.str | None:
        """Return a setting's value as Kafka answers it."""
        return to_text(self.value(name))

    def int(self, name: builtins.str) -> builtins.int:
        """Return a SHORT, INT or LONG that is not null."""
        value = self.value(name)
        assert isinstance(value, int), name
        return value

    def optional_int(self, name: builtins.str) -> builtins.int | None:
        """Return a SHORT, INT or LONG, None where it is null, as log.retention.ms is by default."""
        value = self.value(name)
        assert value is None or isinstance(value, int), name
        return value

    def bool(self, name: builtins.str) -> builtins.bool:
        """Return a BOOLEAN."""
        value = self.value(name)
        assert isinstance(value, bool), name
        return value

    def float(self, name: builtins.str) -> builtins.float:
        """Return a DOUBLE."""
        value = self.value(name)
        assert isinstance(value, float), name
        return value

    def str(self, name: builtins.str) -> builtins.str:
        """Return a STRING that is not null."""
        value = self.value(name)
        assert isinstance(value, str), name
        return value

    def list(self, name: builtins.str) -> tuple[builtins.str, ...]:
        """Return a LIST; () where it is null."""
        value = self.value(name)
        assert value is None or isinstance(value, tuple), name
        return value or ()
