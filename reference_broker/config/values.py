"""Texts to values and back, and which values Kafka takes.

Source: org.apache.kafka.common.config.ConfigDef (parseType, convertToString and its validators).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from kafka_conformance.reference_broker.config.definitions import ConfigType, Definition
from kafka_conformance.reference_broker.config.errors import ConfigError, invalid_value

Value = bool | int | float | str | tuple[str, ...] | None

_JAVA_WHITESPACE = "".join(map(chr, range(33)))
# Patterns are texts: `re` compiles them when they are first used, which a starting broker does not wait for.
_INTEGER = r"[+-]?[0-9]+"
_DOUBLE = r"[+-]?(([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[fFdD]?|NaN|Infinity)"
_THROTTLED_REPLICA = r"([0-9]+:[0-9]+)?"
_DURATION = r"(?i)P(?=.)([0-9]+D)?(T(?=.)([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]{1,9})?S)?)?"
_BITS = {ConfigType.SHORT: 15, ConfigType.INT: 31, ConfigType.LONG: 63}


def parse(definition: Definition, text: str) -> Value:
    """Return the value that `text` stands for. Raises ConfigError in Kafka's words."""
    value = _parse_type(definition, text)
    check(definition, value)
    return value


def default_value(definition: Definition) -> Value:
    """Return Kafka's default; None where it is null or where there is none."""
    return None if definition.default is None else _parse_type(definition, definition.default)


def to_text(value: Value) -> str | None:
    """Return the text of a value as Kafka answers it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(value)
    return _double_text(value) if isinstance(value, float) else str(value)


def _double_text(value: float) -> str:
    """As Double.toString: 1.0E10 from ten million up and below a thousandth."""
    text = repr(value)
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return text
    digits, _, exponent = f"{value:.16e}".partition("e") if "e" not in text else text.partition("e")
    digits = digits.rstrip("0") if "." in digits else f"{digits}."
    return f"{digits}{'0' if digits.endswith('.') else ''}E{int(exponent)}"


def _parse_type(definition: Definition, text: str) -> Value:
    trimmed = text.strip(_JAVA_WHITESPACE)
    if definition.type in _BITS:
        return _parse_integer(definition, text, trimmed)
    if definition.type is ConfigType.BOOLEAN:
        if trimmed.lower() not in ("true", "false"):
            raise invalid_value(definition.name, text, "Expected value to be either true or false")
        return trimmed.lower() == "true"
    if definition.type is ConfigType.DOUBLE:
        if not re.fullmatch(_DOUBLE, trimmed):
            raise invalid_value(definition.name, text, "Not a number of type DOUBLE")
        return float(trimmed.rstrip("fFdD") if trimmed[-1] in "fFdD" else trimmed)
    if definition.type is ConfigType.LIST:
        return _parse_list(definition, trimmed)
    return trimmed


def _parse_integer(definition: Definition, text: str, trimmed: str) -> int:
    limit = 1 << _BITS[definition.type]
    if re.fullmatch(_INTEGER, trimmed) and -limit <= int(trimmed) < limit:
        return int(trimmed)
    raise invalid_value(definition.name, text, f"Not a number of type {definition.type.name}")


def _parse_list(definition: Definition, trimmed: str) -> tuple[str, ...]:
    if not trimmed:
        return ()
    parts = [part.strip() for part in trimmed.split(",")]
    if definition.valid.startswith(("each in", "distinct")):
        return tuple(dict.fromkeys(parts))  # Kafka 4.3 drops what a list says twice, with a warning
    return tuple(parts)


def check(definition: Definition, value: Value) -> None:
    """Hold `value` against the definition's valid values. Raises ConfigError in Kafka's words."""
    rule = definition.valid
    if not rule:
        return
    if rule in _SPECIAL:
        _SPECIAL[rule](definition.name, value)
    elif rule.startswith("["):
        _check_range(definition.name, value, rule)
    elif rule.startswith("in any case "):
        choices = rule.removeprefix("in any case ").split(",")
        if str(value).upper() not in choices:
            expected = f"String must be one of (case insensitive): {', '.join(choices)}"
            raise invalid_value(definition.name, value, expected)
    elif rule.startswith("in "):
        _check_choice(definition.name, value, rule.removeprefix("in ").split(","))
    else:
        _check_list(definition.name, value, rule)


def _check_range(name: str, value: Value, rule: str) -> None:
    low, _, high = rule[1:-1].partition(",...")
    assert isinstance(value, (int, float))
    if value < float(low):
        raise invalid_value(name, to_text(value), f"Value must be at least {low}")
    if high and value > float(high[1:]):
        raise invalid_value(name, to_text(value), f"Value must be no more than {high[1:]}")


def _check_choice(name: str, value: object, choices: list[str]) -> None:
    if value not in choices:
        raise invalid_value(name, value, f"String must be one of: {', '.join(choices)}")


def _check_list(name: str, value: Value, rule: str) -> None:
    what, *notes = rule.split("; ")
    choices = what.removeprefix("each in ").split(",") if what.startswith("each in ") else []
    assert isinstance(value, tuple)
    if not value and "not empty" in notes:
        allowed = f"[{', '.join(choices)}]" if choices else "any non-empty value"
        raise ConfigError(f"Configuration '{name}' must not be empty. Valid values include: {allowed}", name=name)
    for element in value:
        if not element:
            raise ConfigError(f"Configuration '{name}' values must not be empty.", name=name)
        if choices:
            _check_choice(name, element, choices)


def _check_gzip_level(name: str, value: Value) -> None:
    assert isinstance(value, int)
    if not (1 <= value <= 9 or value == -1):
        raise invalid_value(name, value, "Value must be between 1 and 9 or equal to -1")


def _check_throttled_replicas(name: str, value: Value) -> None:
    """Source: ThrottledReplicaListValidator."""
    assert isinstance(value, tuple)
    if "".join(value) != "*" and not all(re.fullmatch(_THROTTLED_REPLICA, each) for each in value):
        expected = (
            f"{name} must be the literal '*' or a list of replicas in the following format: "
            "[partitionId]:[brokerId],[partitionId]:[brokerId],..."
        )
        raise invalid_value(name, f"[{', '.join(value)}]", expected)


def _check_not_empty(name: str, value: Value) -> None:
    if value == "":
        raise invalid_value(name, value, "String must be non-empty")


def _check_share_auto_offset_reset(name: str, value: Value) -> None:
    """Source: ShareGroupAutoOffsetResetStrategy.Validator."""
    text = str(value)
    if text in ("latest", "earliest"):
        return
    strategy, _, duration = text.partition(":")
    if strategy != "by_duration" or not re.fullmatch(_DURATION, duration):
        raise invalid_value(
            name,
            text,
            f"Invalid value `{text}` for configuration {name}. The value must be either 'earliest', 'latest' or of the "
            "format 'by_duration:<PnDTnHnMn.nS>'.",
        )


_SPECIAL: dict[str, Callable[[str, Value], None]] = {
    "[1,...,9] or -1": _check_gzip_level,
    "[partitionId]:[brokerId],[partitionId]:[brokerId],...": _check_throttled_replicas,
    "[latest, earliest, by_duration:PnDTnHnMn.nS]": _check_share_auto_offset_reset,
    "non-empty string": _check_not_empty,
    "non-null string": lambda name, value: None,  # a text that is set is never null
}
