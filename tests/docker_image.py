"""Makes an image of Apache Kafka without a registry: `python -m tests.docker_image VERSION TAG`.

It holds what this machine has: its Java, its shell, the libraries that they load, and Kafka's jars from Maven Central
in /opt/kafka/libs, where Apache's own image has them.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import docker

from kafka_conformance.plugins.targets import kafka

LEFT_OUT = {"jmods", "src.zip", "include", "man", "legal", "demo", "ct.sym", "classlist"}
FILES = {"etc/passwd": "root:x:0:0:root:/root:/bin/sh\n", "etc/group": "root:x:0:\n"}


def build(version: str, tag: str) -> None:
    """Leaves the image in the engine that the environment names. Raises TargetError without Java or the jars."""
    java = Path(kafka.find_java()).resolve()
    home = java.parent.parent
    with TemporaryDirectory(prefix="kafka-conformance-image-") as scratch:
        root = Path(scratch) / "root"
        _copy_java(home, root / "opt/java")
        _copy_libraries([Path("/bin/sh"), java, *home.rglob("*.so")], root, home)
        (root / "bin").mkdir()
        shutil.copy(Path("/bin/sh").resolve(), root / "bin/sh")
        (root / "opt/kafka/libs").mkdir(parents=True)
        for jar in kafka.jars(version):
            shutil.copy(jar, root / "opt/kafka/libs")
        (root / "tmp").mkdir(mode=0o1777)
        (root / "etc").mkdir()
        for name, text in FILES.items():
            (root / name).write_text(text)
        packed = Path(scratch) / "root.tar"
        with tarfile.open(packed, "w") as tar:
            tar.add(root, arcname=".")
        name, _, version_tag = tag.partition(":")
        changes = ["ENV PATH=/opt/java/bin:/bin", "ENV JAVA_HOME=/opt/java"]
        docker.from_env().api.import_image_from_file(str(packed), name, version_tag or "latest", changes=changes)


def _copy_java(home: Path, to: Path) -> None:
    """Debian keeps its configuration behind links: what they lead to is copied, where it is there."""
    ignore = shutil.ignore_patterns(*LEFT_OUT)
    shutil.copytree(home, to, ignore=ignore, ignore_dangling_symlinks=True)


def _copy_libraries(programs: Iterable[Path], root: Path, home: Path) -> None:
    for library in sorted({found for program in programs for found in _libraries(program)}):
        if not Path(library).resolve().is_relative_to(home):
            target = root / library.removeprefix("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, target)


def _libraries(program: Path) -> Iterator[str]:
    """The paths of what the loader would load for it, and of the loader."""
    said = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=False).stdout
    yield from re.findall(r"(/\S+) \(0x", said)


def main() -> None:
    """Build it."""
    parser = argparse.ArgumentParser(prog="python -m tests.docker_image", description=__doc__)
    parser.add_argument("version")
    parser.add_argument("tag")
    options = parser.parse_args()
    build(options.version, options.tag)


if __name__ == "__main__":
    main()
