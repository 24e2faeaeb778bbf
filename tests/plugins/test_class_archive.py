"""The archive of Kafka's classes is used where Java accepts it, and costs nothing but time where it does not."""

import os
from pathlib import Path

import pytest

from kafka_conformance.plugins.targets import kafka
from kafka_conformance.plugins.targets.class_archive import ClassArchive
from tests.apache_kafka import require_apache_kafka

_JAVA = """#!/bin/sh
# Refuses an archive with other contents than "classes", as Java refuses a damaged one.
for option; do
  case $option in
    -XX:SharedArchiveFile=*) [ "$(cat "${option#*=}")" = classes ] || exit 1 ;;
  esac
done
"""


@pytest.fixture
def java(tmp_path: Path) -> str:
    path = tmp_path / "java"
    path.write_text(_JAVA)
    path.chmod(0o755)
    return str(path)


def an_archive(tmp_path: Path, java: str, *options: str, version: str = "4.3.1") -> ClassArchive:
    scratch = tmp_path / "scratch"
    scratch.mkdir(exist_ok=True)
    return ClassArchive(version, [java, *options], scratch, cache=tmp_path / "cache")


def write(archive: ClassArchive, contents: str = "classes") -> None:
    assert archive.can_be_written()
    (option,) = archive.writing()
    Path(option.removeprefix("-XX:ArchiveClassesAtExit=")).write_text(contents)
    archive.keep()


def test_an_archive_that_java_wrote_is_used_at_the_next_start(tmp_path: Path, java: str) -> None:
    assert an_archive(tmp_path, java).options() == []
    write(an_archive(tmp_path, java))
    archive = an_archive(tmp_path, java)
    assert archive.options() == [f"-XX:SharedArchiveFile={archive.path}"]


def test_an_archive_that_java_does_not_accept_is_left_out_and_written_again(tmp_path: Path, java: str) -> None:
    write(an_archive(tmp_path, java))
    archive = an_archive(tmp_path, java)
    archive.path.write_text("cla")
    assert archive.options() == []
    write(archive)
    assert archive.options() != []


@pytest.mark.parametrize("contents", ["", "cla"])
def test_what_java_left_half_written_is_not_kept(tmp_path: Path, java: str, contents: str) -> None:
    archive = an_archive(tmp_path, java)
    write(archive, contents)
    assert list(archive.path.parent.iterdir()) == []


def test_one_archive_is_kept_for_each_version_of_kafka(tmp_path: Path, java: str) -> None:
    other_version = an_archive(tmp_path, java, version="4.2.0")
    older, newer = an_archive(tmp_path, java), an_archive(tmp_path, java, "-Xmx1g")
    for archive in (other_version, older, newer):
        write(archive)
    assert older.path != newer.path
    assert set(newer.path.parent.iterdir()) == {other_version.path, newer.path}


def test_none_is_written_where_the_cache_cannot_be(tmp_path: Path, java: str) -> None:
    (tmp_path / "cache").write_text("a file where the directory should be")
    archive = an_archive(tmp_path, java)
    assert not archive.can_be_written()
    assert archive.options() == []


def test_none_is_written_by_a_java_that_has_no_archive_of_its_own(tmp_path: Path) -> None:
    assert not an_archive(tmp_path, "/bin/false").can_be_written()


@pytest.mark.slow
def test_apache_kafka_starts_on_a_damaged_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_apache_kafka()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    target = kafka.create("4.3.1", "kafka")
    target.start()
    target.stop()
    (archive,) = (tmp_path / "kafka-conformance").iterdir()
    size = archive.stat().st_size
    os.truncate(archive, size // 2)
    again = kafka.create("4.3.1", "kafka")
    try:
        again.start()
    finally:
        again.stop()
        target.close_loop()
        again.close_loop()
    assert archive.stat().st_size > size // 2, "and leaves a whole one behind"
