"""The tree keeps its own rules: sizes, bans with their replacements, the wheel's contents.

Each list of exceptions may only shrink: an entry that is no longer needed is a failure too.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("protocol", "reference_broker", "harness", "conformance", "reports", "plugins")
CODE = (*PACKAGES, "tests", "benchmarks")
LINES_IN_A_MODULE = 500
LINES_IN_A_FUNCTION = 60

BANS = {
    r"(?<![.\w])time\.sleep\(": "wait on a condition with a deadline",
    r"(?<![.\w])time\.time\(": "take the Clock that is handed in",
    r"(?<![.\w])random\.(random|randint|choice|shuffle|randrange)\(": "take the Random that is handed in",
    r"\bexcept Exception\b": "name what can be raised; the edge of a connection, a case or a plugin call catches all",
    r"(?<![.\w])print\(": "log, emit an event, or write to the command's stream",
    r"\b(TODO|FIXME|XXX)\b": "file an issue",
    r"\bnoqa\b(?!:)": "name the rule",
}

ALLOWED: dict[str, set[str]] = {
    r"(?<![.\w])time\.time\(": {
        "plugins/clients/aiokafka.py",  # stamps records for a client whose own C code would read the real clock
        "reference_broker/simulation/clock.py",  # in words only
        "reference_broker/simulation/patched_time.py",  # in words only
    },
    r"(?<![.\w])print\(": {
        "plugins/targets/mock_cluster.py",  # a process of its own: its output is how it tells where it listens
    },
    r"\bexcept Exception\b": {
        "plugins/suite/examples.py",  # the edge of a case
        "plugins/targets/kafka.py",  # jgo raises whatever its downloads raise
        "reference_broker/network/dispatcher.py",  # the edge of a request
        "reference_broker/simulation/handshake.py",  # the edge of a connection
        "reference_broker/simulation/loop.py",  # belongs to whoever awaits the future
        "reference_broker/simulation/transport.py",  # the edge of a connection
    },
}
"""Ban -> modules in which it has a reason, said there."""


def modules(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for statement in statements(ast.parse(path.read_text())):
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            yield statement


def statements(parent: ast.AST) -> Iterator[ast.AST]:
    """All below, without a look into expressions, where most of a tree is and no function can be."""
    for child in ast.iter_child_nodes(parent):
        if isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
            yield child
            yield from statements(child)


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    docstring = ast.get_docstring(function, clean=False)
    return (function.end_lineno or 0) - function.lineno - (docstring.count("\n") + 1 if docstring else 0)


def test_no_module_is_too_long_to_be_read() -> None:
    lines = {str(path.relative_to(ROOT)): path.read_text().count("\n") for path in modules(*CODE)}
    assert {path: count for path, count in lines.items() if count > LINES_IN_A_MODULE} == {}


def test_no_function_is_too_long_to_be_read() -> None:
    lines = {f"{path.relative_to(ROOT)}: {f.name}": body_lines(f) for path in modules(*CODE) for f in functions(path)}
    assert {name: count for name, count in lines.items() if count > LINES_IN_A_FUNCTION} == {}


@pytest.mark.parametrize("ban", BANS)
def test_what_is_banned_is_used_only_where_a_reason_is_listed(ban: str) -> None:
    users = {str(p.relative_to(ROOT)) for p in modules(*PACKAGES) if re.search(ban, p.read_text())}
    assert users == ALLOWED.get(ban, set()), BANS[ban]


def test_every_package_is_linked_and_packed() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    for package in PACKAGES:
        assert (ROOT / "src" / "kafka_conformance" / package).resolve() == ROOT / package
        assert package in build["only-include"]
        assert build["sources"][package] == f"kafka_conformance/{package}"


def test_every_folder_of_code_is_a_package() -> None:
    folders = {path.parent for path in modules(*PACKAGES)}
    assert [str(folder.relative_to(ROOT)) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []
