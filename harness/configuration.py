"""One table of what can be set, and where: command line over environment over [tool.kafka-conformance] over default.

From `SETTINGS` come the options of the command and of pytest, the environment variables, the keys of pyproject.toml,
their validation and the page of the manual.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kafka_conformance.harness.errors import UsageError, did_you_mean

TABLE = "kafka-conformance"
PROFILES = ("quick", "default", "thorough")


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that can be set. `parse` takes text and raises UsageError; a default of None is "not set"."""

    name: str
    metavar: str
    sentence: str
    default: str | None
    parse: Callable[[str], Any]

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return f"KAFKA_CONFORMANCE_{self.name.upper()}"

    @property
    def pytest_option(self) -> str:
        """Its option when pytest is the command."""
        return f"--kafka-{self.name}"


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a run was told. `origins` says for each name where its value came from."""

    target: str
    client: str
    select: str
    profile: str
    seed: int | None
    workers: int | None
    """None: whoever runs it decides."""
    report: Path | None
    expect: Path | None
    origins: Mapping[str, str]

    @property
    def clients(self) -> tuple[str, ...]:
        """The names of the clients, each once."""
        return tuple(dict.fromkeys(name.strip() for name in self.client.split(",") if name.strip()))


def _text(value: str) -> str:
    if not value.strip():
        raise UsageError("expected some text", value=value)
    return value.strip()


def _number(smallest: int, largest: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        try:
            number = int(value)
        except ValueError:
            number = smallest - 1
        if not smallest <= number <= largest:
            raise UsageError("expected a number", value=value, allowed=f"{smallest} to {largest}")
        return number

    return parse


def _profile(value: str) -> str:
    if value not in PROFILES:
        raise UsageError(f"no such profile.{did_you_mean(value, PROFILES)}", value=value, allowed=", ".join(PROFILES))
    return value


_workers = _number(1, 256)
_WORKERS = "Unless set, one, or two of the embedded broker in memory where pytest-xdist is installed."

SETTINGS = (
    Setting("target", "T", "The cluster under test, as KIND or KIND:ARGUMENT.", "reference", _text),
    Setting("client", "C", "The client library under test, or several between commas.", "wire", _text),
    Setting("select", "EXPR", "Which requirements to judge; all unless told.", "", str),
    Setting("profile", "NAME", "How many examples a property gets: quick, default or thorough.", "default", _profile),
    Setting("seed", "N", "Where all chance comes from; drawn and printed unless set.", None, _number(0, 2**63 - 1)),
    Setting("workers", "N", f"How many processes run cases, each with a target of its own. {_WORKERS}", None, _workers),
    Setting("report", "DIR", "The directory for the report's files.", None, Path),
    Setting("expect", "FILE", "The known deviations, each with its reason.", None, Path),
)
BY_NAME: Mapping[str, Setting] = {setting.name: setting for setting in SETTINGS}


def configure(
    given: Mapping[str, object],
    environment: Mapping[str, str],
    pyproject: Path | None,
    *,
    option: Callable[[Setting], str] = lambda setting: f"--{setting.name}",
) -> Configuration:
    """Resolves every setting. `given` are options by name, None where left out. Raises UsageError with the place."""
    table = read_table(pyproject) if pyproject is not None else {}
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for setting in SETTINGS:
        found = _find(setting, given, environment, table, pyproject, option(setting))
        raw, origins[setting.name] = found
        try:
            values[setting.name] = None if raw is None else setting.parse(raw)
        except UsageError as error:
            key = error.key or setting.name
            place = origins[setting.name]
            raise UsageError(error.message, key=key, value=error.value, allowed=error.allowed, where=place) from None
    return Configuration(**values, origins=origins)


def _find(
    setting: Setting,
    given: Mapping[str, object],
    environment: Mapping[str, str],
    table: Mapping[str, str],
    pyproject: Path | None,
    option: str,
) -> tuple[str | None, str]:
    if given.get(setting.name) is not None:
        return str(given[setting.name]), option
    if setting.variable in environment:
        return environment[setting.variable], setting.variable
    if setting.name in table:
        return table[setting.name], f"{pyproject}: [tool.{TABLE}]"
    return setting.default, "default"


def find_pyproject(directory: Path) -> Path | None:
    """The pyproject.toml of a directory or of the nearest one above it."""
    for candidate in (directory, *directory.parents):
        path = candidate / "pyproject.toml"
        if path.is_file():
            return path
    return None


def read_table(path: Path) -> dict[str, str]:
    """Our table of a pyproject.toml as text by name. Raises UsageError for broken TOML and unknown keys."""
    import tomllib  # only where there is a file to read

    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"cannot be read: {error}", where=str(path)) from error
    tool = document.get("tool", {})
    table = tool.get(TABLE, {}) if isinstance(tool, dict) else {}
    where = f"{path}: [tool.{TABLE}]"
    if not isinstance(table, dict):
        raise UsageError("expected a table", value=table, where=where)
    for name, value in table.items():
        if name not in BY_NAME:
            hint = did_you_mean(name, BY_NAME)
            raise UsageError(f"unknown key.{hint}", key=name, allowed=", ".join(BY_NAME), where=where)
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise UsageError("expected text or a number", key=name, value=value, where=where)
    return {name: str(value) for name, value in table.items()}
