"""What holds for all areas: the profile, which must be loaded before Hypothesis decorates the first property."""

import os

import pytest

from kafka_conformance.harness.configuration import BY_NAME, configure, find_pyproject
from kafka_conformance.harness.errors import UsageError
from kafka_conformance.harness.profiles import EXAMPLES_FACTOR, SHRINKING, load_profile


def pytest_configure(config: pytest.Config) -> None:
    """Loads the profile that was asked for."""
    given = {name: config.getoption(f"kafka_{name}") for name in BY_NAME}
    pyproject = find_pyproject(config.invocation_params.dir)
    try:
        configuration = configure(given, os.environ, pyproject, option=lambda setting: setting.pytest_option)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from error
    factor = config.stash[EXAMPLES_FACTOR]() if EXAMPLES_FACTOR in config.stash else 1.0
    shrinking = config.stash.get(SHRINKING, True)
    load_profile(configuration.profile, factor, shrinking=shrinking)
