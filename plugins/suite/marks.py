"""What a collected item says about itself."""

from __future__ import annotations

import pytest


def is_case(item: pytest.Item) -> bool:
    """Whether it judges requirements."""
    return item.get_closest_marker("checks") is not None


def requirements_of(item: pytest.Item) -> tuple[str, ...]:
    """The ids that it judges."""
    return tuple(dict.fromkeys(marked(item, "checks")))


def marked(item: pytest.Item, marker: str) -> list[str]:
    """The arguments of all markers of that name."""
    return [argument for mark in item.iter_markers(marker) for argument in mark.args]


def axes_of(item: pytest.Item) -> dict[str, str]:
    """The parameters by which it differs from its siblings."""
    callspec = getattr(item, "callspec", None)
    if callspec is None:
        return {}
    return {name: _axis(value) for name, value in callspec.params.items()}


def _axis(value: object) -> str:
    name = getattr(value, "name", None)
    return name.lower() if isinstance(name, str) else str(value)
