"""What follows from advertised versions, and what a target must declare."""

from __future__ import annotations

import pytest

from kafka_conformance.harness.capabilities import CAPABILITIES, check_names, derived_capabilities, lacking
from kafka_conformance.harness.errors import UsageError
from kafka_conformance.protocol.api_keys import accepted_versions
from kafka_conformance.protocol.layout import VersionRange


def test_apache_kafka_offers_everything_that_follows_from_versions() -> None:
    derived = derived_capabilities({int(key): value for key, value in accepted_versions().items()})
    assert derived == {name for name, capability in CAPABILITIES.items() if capability.apis}


def test_a_version_below_the_lowest_is_not_enough() -> None:
    assert "transactions-v2" in derived_capabilities({26: VersionRange(0, 5)})
    assert "transactions-v2" not in derived_capabilities({26: VersionRange(0, 4)})
    assert derived_capabilities({}) == frozenset()


def test_what_is_lacking_is_said() -> None:
    assert lacking(["kill", "restart"], ["kill"]) == "the target does not declare restart"
    assert lacking([], []) is None


def test_an_unknown_need_is_an_error_with_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="Did you mean 'restart'"):
        check_names(["restrat"], where="here")


def test_each_capability_is_a_sentence() -> None:
    assert all(capability.text.endswith(".") for capability in CAPABILITIES.values())
