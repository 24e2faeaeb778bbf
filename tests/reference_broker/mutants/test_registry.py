"""What a mutant is: one part of a cluster with one method that does the wrong thing."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typing_extensions import override

from kafka_conformance.reference_broker.log.validator import LogValidator
from kafka_conformance.reference_broker.mutants import MUTANTS, find_mutant, mutant
from kafka_conformance.reference_broker.mutants.registry import overridden_method, registered
from kafka_conformance.reference_broker.parts import Parts

REQUIREMENTS = Path(__file__).parents[3] / "conformance" / "requirements"


class TakesAnything(LogValidator):
    """A batch of any size is taken."""

    @override
    def check_size(self, size: int) -> None:
        return None


def test_a_mutant_takes_the_place_of_the_part_that_it_extends() -> None:
    name = next(iter(MUTANTS))
    parts = find_mutant(name).parts()
    assert parts != Parts()
    assert parts == Parts().with_part(MUTANTS[name].part)


def test_every_mutant_can_be_built_into_a_cluster_and_says_what_is_wrong() -> None:
    for name, found in MUTANTS.items():
        assert found.name == name
        assert found.defect.endswith(".")
        assert found.parts() != Parts()


def test_every_mutant_violates_a_requirement_that_exists() -> None:
    known = {
        entry["id"] for path in REQUIREMENTS.glob("*.toml") for entry in tomllib.loads(path.read_text())["requirement"]
    }
    assert {found.violates for found in MUTANTS.values()} - known == set()


def test_calls_of_the_overridden_method_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kafka_conformance.reference_broker.mutants.registry.registered", {})
    changed = mutant("test/takes-anything", violates="test/size")(TakesAnything)
    from kafka_conformance.reference_broker.mutants import registry

    changed.check_size(object.__new__(changed), 1)
    changed.check_size(object.__new__(changed), 2)
    assert registry.registered["test/takes-anything"].reached == 2


def test_a_mutant_overrides_exactly_one_method() -> None:
    two = type("Two", (LogValidator,), {"check_size": lambda self: None, "check_crc": lambda self: None})
    new = type("New", (LogValidator,), {"check_moon": lambda self: None})
    none = type("Nothing", (LogValidator,), {})
    for part in (two, new, none):
        with pytest.raises(TypeError, match="a mutant overrides one method"):
            overridden_method(part)
    assert overridden_method(TakesAnything) == "check_size"


def test_a_name_is_given_once() -> None:
    taken = next(iter(MUTANTS))
    with pytest.raises(ValueError, match="two mutants have the name"):
        mutant(taken, violates="test/size")(TakesAnything)
    assert registered[taken].part is not TakesAnything


def test_an_unknown_name_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        find_mutant("no/such-defect")


def test_a_broker_without_a_defect_does_not_import_them() -> None:
    code = (
        "import sys, kafka_conformance.reference_broker.cluster.cluster as cluster\n"
        "assert not [name for name in sys.modules if '.mutants' in name], cluster\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
