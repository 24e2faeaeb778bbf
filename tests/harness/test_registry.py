"""What plugins offer is found by name, and a name that is wrong is answered with the nearest."""

from __future__ import annotations

import itertools
import types
from collections.abc import Iterable
from pathlib import Path

import pytest

from kafka_conformance.harness.errors import UsageError
from kafka_conformance.harness.events import Event, Footer
from kafka_conformance.harness.hookspecs import hookimpl
from kafka_conformance.harness.registry import Registry
from kafka_conformance.harness.target import Target, TargetKind

_numbers = itertools.count()


def kind(name: str) -> TargetKind:
    def create(argument: str, text: str) -> Target:
        raise UsageError(f"asked for {argument!r} as {text!r}")

    return TargetKind(name, name, "a target", create)


def plugin(**hooks: object) -> types.ModuleType:
    module = types.ModuleType(f"plugin_{next(_numbers)}")
    for name, hook in hooks.items():
        setattr(module, f"kafka_conformance_{name}", hookimpl(hook))  # type: ignore[arg-type]
    return module


def test_kinds_of_several_plugins_are_offered_by_name() -> None:
    registry = Registry(plugin(targets=lambda: [kind("a")]), plugin(targets=lambda: [kind("b")]), entry_points=False)
    assert list(registry.targets) == ["a", "b"]


def test_what_stands_behind_the_colon_goes_to_the_kind_and_errors_name_the_place() -> None:
    registry = Registry(plugin(targets=lambda: [kind("a")]), entry_points=False)
    with pytest.raises(UsageError, match=r"--target: asked for 'x:y' as 'a:x:y'"):
        registry.target("a:x:y")


def test_an_unknown_kind_is_answered_with_the_nearest() -> None:
    registry = Registry(plugin(targets=lambda: [kind("kafka")]), entry_points=False)
    with pytest.raises(UsageError, match="Did you mean 'kafka'"):
        registry.target("kafak:4.3.1")
    with pytest.raises(UsageError, match="no client"):
        registry.client("wire")


def test_two_plugins_cannot_offer_the_same_kind() -> None:
    registry = Registry(plugin(targets=lambda: [kind("a")]), plugin(targets=lambda: [kind("a")]), entry_points=False)
    with pytest.raises(UsageError, match="two plugins offer 'a'"):
        _ = registry.targets


def test_a_need_that_no_target_could_declare_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(
        '[[requirement]]\nid = "a/b"\nlevel = "MUST"\ntext = "X."\nneeds = ["fly"]\nsources = [{ kip = 1 }]\n'
    )

    def requirements() -> Iterable[Path]:
        return [tmp_path]

    registry = Registry(plugin(requirements=requirements), entry_points=False)
    with pytest.raises(UsageError, match="the needs of a/b: no capability 'fly'"):
        _ = registry.catalogue


def test_observers_are_told_of_events() -> None:
    seen: list[Event] = []

    def event(event: Event) -> None:
        seen.append(event)

    registry = Registry(plugin(event=event), entry_points=False)
    registry.announce(Footer({}, 0, "now"))
    assert seen == [Footer({}, 0, "now")]
