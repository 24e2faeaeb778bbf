"""What an API decides by itself, beside what the cores decide that own the state: a class, so that a mutant can decide
otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar, cast


class ApiRules:
    """The base of them. An instance keeps no state."""


R = TypeVar("R", bound=ApiRules)


class RuleBook:
    """The rules of one broker, made when they are first asked for: an API that nobody calls is not imported."""

    def __init__(self, replaced: Mapping[type[ApiRules], type[ApiRules]]) -> None:
        self._replaced = replaced
        self._rules: dict[type[ApiRules], ApiRules] = {}

    def of(self, rules: type[R]) -> R:
        """The rules of that class, or those that stand in its place."""
        found = self._rules.get(rules)
        if found is None:
            found = self._rules[rules] = self._replaced.get(rules, rules)()
        return cast(R, found)
