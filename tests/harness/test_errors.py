from __future__ import annotations

import pytest

from kafka_conformance.harness.errors import ExitStatus, HarnessError, InternalError, TargetError, UsageError


def test_a_usage_error_says_key_value_allowed_and_where() -> None:
    error = UsageError("expected a profile", key="profile", value="fast", allowed="quick, default", where="--profile")

    assert str(error) == "--profile: profile: expected a profile, not 'fast' (allowed: quick, default)"
    assert str(error.at("pyproject.toml")).startswith("pyproject.toml: profile: ")


def test_a_target_error_says_the_step() -> None:
    assert str(TargetError("start", "no java")) == "cannot start the target: no java"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UsageError("u"), ExitStatus.USAGE),
        (TargetError("reach", "m"), ExitStatus.UNJUDGED),
        (InternalError("m"), ExitStatus.UNJUDGED),
    ],
)
def test_an_error_ends_the_command_with_a_status_that_is_no_verdict(error: HarnessError, status: ExitStatus) -> None:
    assert error.exit_status is status
