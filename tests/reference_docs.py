"""Writes docs/reference/: `python -m tests.reference_docs`. A test holds the pages against what they come from."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from kafka_conformance.harness.checkers.catalogue import checks
from kafka_conformance.harness.configuration import SETTINGS
from kafka_conformance.harness.histories import ndjson, parquet
from kafka_conformance.harness.histories.schema import TABLES
from kafka_conformance.harness.requirements import Catalogue, load_catalogue
from kafka_conformance.protocol.api_keys import ApiKey, accepted_versions
from kafka_conformance.protocol.layout import VersionRange
from kafka_conformance.reference_broker.apis.registry import SERVED
from kafka_conformance.reference_broker.config.definitions import definitions
from kafka_conformance.reference_broker.config.departures import DEPARTURES, Support, support_of
from kafka_conformance.reference_broker.mutants import MUTANTS

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "reference"
REQUIREMENTS = ROOT / "conformance" / "requirements"


def catalogue() -> Catalogue:
    """All requirements."""
    return load_catalogue(REQUIREMENTS)


def requirements_page() -> Iterator[str]:
    """The catalogue, by area."""
    entries = catalogue()
    levels = [entry.level.name for entry in entries.values() if not entry.excluded]
    yield "# Requirements\n"
    yield f"{len(levels)} in all: {', '.join(f'{levels.count(n)} {n}' for n in ('MUST', 'SHOULD', 'INFO'))}.\n"
    for area in entries.areas():
        yield f"## {area}\n"
        for entry in sorted(entries.values(), key=lambda entry: entry.id):
            if entry.area == area:
                yield f"- **{entry.id}** ({entry.level.name}) {entry.text}"
                yield f"  <br>{'; '.join(str(source) for source in entry.sources)}"
                if entry.excluded:
                    yield f"  <br>Not checked: {entry.excluded}"
        yield ""


def _range(versions: VersionRange | None) -> str:
    return "-" if versions is None else f"{versions.first} to {versions.last}"


def apis_page() -> Iterator[str]:
    """What the reference broker serves, beside what Apache Kafka accepts."""
    served = SERVED
    yield "# APIs\n"
    yield "What is not served is not advertised.\n"
    yield "| Key | API | Apache Kafka 4.3.1 | served | advertised |"
    yield "|---|---|---|---|---|"
    accepted = accepted_versions("4.3")
    for key in ApiKey:
        ours = served.get(key)
        name = key.name.replace("_", " ").title().replace(" ", "")
        versions = (accepted.get(key), ours.versions if ours else None, ours.advertised if ours else None)
        yield f"| {key:d} | {name} | {' | '.join(map(_range, versions))} |"


def configuration_page() -> Iterator[str]:
    """What can be set, of the command and of the reference broker."""
    yield "# Configuration\n\n## Of a run\n"
    yield "The command line stands over the environment, that over `[tool.kafka-conformance]` in pyproject.toml.\n"
    yield "| Option | pytest | Environment | Default | |"
    yield "|---|---|---|---|---|"
    for setting in SETTINGS:
        default = setting.default or ""
        options = f"`--{setting.name} {setting.metavar}` | `{setting.pytest_option}` | `{setting.variable}`"
        yield f"| {options} | {default} | {setting.sentence} |"
    yield "\n## Of the reference broker\n"
    yield "Kafka's own names, with Apache Kafka 4.3.1's types, ranges and defaults. Departures from its defaults:\n"
    yield "| Name | Value | Where | Why |"
    yield "|---|---|---|---|"
    for departure in DEPARTURES:
        where = "in memory" if departure.memory_only else "always"
        yield f"| {departure.name} | {departure.value(1)} | {where} | {departure.why} |"
    for support in Support:
        yield f"\n### {support.value[0].upper()}{support.value[1:]}\n"
        names: dict[str, list[str]] = {}
        for name in definitions("broker"):
            row = support_of(name)
            if row.support is support:
                names.setdefault(row.why, []).append(name)
        for why, known in names.items():
            yield f"- {why + ': ' if why else ''}{', '.join(known)}"


def mutants_page() -> Iterator[str]:
    """The named defects, and which requirement kills each."""
    yield "# Mutants\n"
    yield f"{len(MUTANTS)} defects, each one method of one part overridden.\n"
    yield "| Mutant | Violates | Defect |"
    yield "|---|---|---|"
    for name, mutant in sorted(MUTANTS.items()):
        yield f"| {name} | {mutant.violates} | {mutant.defect} |"


def histories_page() -> Iterator[str]:
    """The columns of a history, and what is checked of it."""
    yield "# Histories\n"
    yield "What `kafka-conformance check` reads. As lines of JSON a row names its columns; what has a name is a text:\n"
    example = ndjson.__doc__ or ""
    yield from (line for line in example.splitlines() if line.startswith("    "))
    yield "\nAs a folder of Parquet: a table each, the columns as numbers, and the texts in `names.parquet`:\n"
    yield from (line for line in (parquet.__doc__ or "").splitlines() if line.startswith("    "))
    for table, columns in TABLES.items():
        yield f"\n## {table}\n"
        yield "| Column | Default | Meaning |"
        yield "|---|---|---|"
        for column in columns:
            yield f"| {column.name} | {'' if column.default is None else column.default} | {column.sentence} |"
    yield "\n## Checks\n"
    yield "A violation outranks unknown, and that ok. Exit status: 0 ok, 1 a violation, 2 usage, 3 unknown."
    for check in checks().values():
        yield f"\n### {check.name} ({check.says.value})\n"
        yield f"{check.finds}\n"
        yield f"- Sound: {check.sound}"
        yield f"- Blind: {check.blind}"
        yield f"- Source: {check.source}"
        if check.reads[1:]:
            yield f"- Judged where something is recorded in {', '.join(check.reads[1:])}"


WRITERS: dict[str, Callable[[], Iterator[str]]] = {
    "requirements.md": requirements_page,
    "apis.md": apis_page,
    "configuration.md": configuration_page,
    "mutants.md": mutants_page,
    "histories.md": histories_page,
}


def page(name: str) -> str:
    """The text of one page."""
    return "\n".join(WRITERS[name]()).rstrip() + "\n"


def main() -> int:
    """Write all pages."""
    PAGES.mkdir(parents=True, exist_ok=True)
    for name in WRITERS:
        (PAGES / name).write_text(page(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
