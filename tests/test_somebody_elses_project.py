"""The wheel, installed by pip into a fresh environment, serves a project that knows nothing of this one."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("somebody")
    uv = shutil.which("uv")
    if uv is None:
        pytest.skip("uv, which builds the wheel, is not on the path")
    run([uv, "build", "--quiet", "--wheel", "--out-dir", str(folder / "dist"), str(ROOT)], folder)
    run([sys.executable, "-m", "venv", str(folder / "venv")], folder)
    (wheel,) = (folder / "dist").glob("*.whl")
    run([python(folder), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel)], folder)
    shutil.copytree(ROOT / "tests" / "somebody_elses_project", folder / "project")
    return folder


def python(folder: Path) -> str:
    return str(folder / "venv" / "bin" / "python")


def run(command: list[str], folder: Path) -> str:
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=280, check=False)
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-4000:]
    return ended.stdout


def test_the_fixture_gives_every_test_a_kafka(project: Path) -> None:
    out = run([python(project), "-m", "pytest", "-q", "tests/check_orders.py"], project / "project")
    assert "2 passed" in out


def test_the_whole_suite_runs_by_pyargs(project: Path) -> None:
    command = [python(project), "-m", "pytest", "-q", "--pyargs", "kafka_conformance.conformance"]
    out = run([*command, "--kafka-profile", "quick"], project / "project")
    assert " passed" in out
    assert "failed" not in out


def test_the_command_judges_and_reports(project: Path) -> None:
    command = [str(project / "venv" / "bin" / "kafka-conformance"), "run", "--select", "produce", "--profile", "quick"]
    run(command, project / "project")
    assert (project / "project" / "kafka-conformance-report" / "report.html").exists()
