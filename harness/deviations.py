"""Known deviations (`--expect FILE`): requirements that a target is known to violate, each with a reason.

    [[deviation]]
    id = "groups/classic/static-membership"
    reason = "not supported before 2.3: https://example.org/issues/17"

An entry whose requirement holds is stale, which fails the run: a list that only grows hides what it was written for.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from kafka_conformance.harness.errors import UsageError
from kafka_conformance.harness.requirements import Catalogue

_ALLOWED = "[[deviation]] tables with id and reason"


def load_deviations(path: Path, catalogue: Catalogue) -> Mapping[str, str]:
    """Reasons by requirement id; raises UsageError for an unknown or repeated id and for an entry without a reason."""
    where = str(path)
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"cannot be read: {error}", where=where) from error
    entries = document.pop("deviation", [])
    if document or not isinstance(entries, list):
        raise UsageError("expected known deviations", allowed=_ALLOWED, where=where)
    reasons: dict[str, str] = {}
    for number, entry in enumerate(entries, 1):
        requirement_id, reason = _entry(entry, f"{where}: deviation {number}")
        catalogue.find(requirement_id, where=f"{where}: deviation {number}")
        if requirement_id in reasons:
            raise UsageError("is there twice", key=requirement_id, where=where)
        reasons[requirement_id] = reason
    return reasons


def _entry(entry: object, where: str) -> tuple[str, str]:
    if not isinstance(entry, dict) or entry.keys() != {"id", "reason"}:
        raise UsageError("expected a known deviation", value=entry, allowed=_ALLOWED, where=where)
    for key, value in entry.items():
        if not isinstance(value, str) or not value.strip():
            raise UsageError("expected some text", key=key, value=value, where=where)
    return entry["id"], entry["reason"]
