import errno
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings

from kafka_conformance.reference_broker.storage import StorageError
from kafka_conformance.reference_broker.storage.disk import DiskStorage
from tests.reference_broker.storage.contract import STEPS, Step, StorageContract, check_file, contents


@settings(max_examples=50, deadline=None)
@given(steps=STEPS)
def test_a_file_on_disk_holds_what_was_appended_and_not_cut(steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        storage = DiskStorage(directory)
        check_file(storage, steps)
        storage.close()


class TestDiskStorage(StorageContract):
    @pytest.fixture
    def storage(self, tmp_path: Path) -> Iterator[DiskStorage]:
        storage = DiskStorage(tmp_path / "logs", open_files=3)
        yield storage
        storage.close()

    def test_two_brokers_cannot_share_a_directory(self, storage: DiskStorage) -> None:
        with pytest.raises(StorageError, match="another broker"):
            DiskStorage(storage.root)

    def test_a_closed_directory_can_be_opened_again(self, storage: DiskStorage) -> None:
        storage.open("t-0/a").append([b"abc"])
        storage.close()

        again = DiskStorage(storage.root)

        assert contents(again.open("t-0/a")) == b"abc"
        again.close()

    def test_a_broker_that_was_killed_cannot_write_any_more(self, storage: DiskStorage) -> None:
        file = storage.open("t-0/a")
        file.append([b"abc"])
        storage.close()

        with pytest.raises(StorageError, match="the storage is closed"):
            file.append([b"def"])
        with pytest.raises(StorageError, match="the storage is closed"):
            storage.write_atomically("c", b"x")
        assert (storage.root / "t-0" / "a").read_bytes() == b"abc"

    def test_more_files_than_may_be_open_can_be_used(self, storage: DiskStorage) -> None:
        files = [storage.open(f"t-{number}/a") for number in range(8)]
        for file in files:
            file.append([b"abc"])
        before = len(os.listdir("/proc/self/fd"))

        assert [contents(file) for file in files] == [b"abc"] * 8
        assert len(os.listdir("/proc/self/fd")) == before

    def test_the_files_are_plain_files(self, storage: DiskStorage) -> None:
        storage.open("t-0/a").append([b"ab", bytearray(b"cd"), memoryview(b"ef")])

        assert (storage.root / "t-0" / "a").read_bytes() == b"abcdef"

    def test_a_change_is_dated(self, storage: DiskStorage) -> None:
        file = storage.open("t-0/a")
        os.utime(storage.root / "t-0" / "a", (1_600_000_000, 1_600_000_000))

        assert file.modified_ms == 1_600_000_000_000

    def test_a_full_disk_loses_nothing_that_was_written(
        self, storage: DiskStorage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = storage.open("t-0/a")
        file.append([b"before "])
        really_write = os.writev

        def write_half_then_fail(descriptor: int, buffers: Sequence[memoryview]) -> int:
            if bytes(buffers[0]) == b"half":
                return really_write(descriptor, buffers[:1])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with monkeypatch.context() as patch:
            patch.setattr(os, "writev", write_half_then_fail)
            with pytest.raises(StorageError, match="No space left on device") as raised:
                file.append([b"half", b"rest"])

        assert raised.value.path == "t-0/a"
        assert contents(file) == b"before "
        file.append([b"after"])
        assert contents(file) == b"before after"

    def test_a_failed_checkpoint_leaves_the_old_one(
        self, storage: DiskStorage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        storage.write_atomically("c", b"old")

        def fail(*_: object) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", fail)
            with pytest.raises(StorageError):
                storage.write_atomically("c", b"new")

        assert storage.read_bytes("c") == b"old"
        assert storage.files() == ["c"]

    def test_a_flush_waits_for_the_disk_only_if_that_is_wanted(
        self, storage: DiskStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        synced: list[int] = []
        monkeypatch.setattr(os, "fsync", synced.append)
        storage.open("t-0/a").flush()
        storage.write_atomically("c", b"x")
        assert not synced

        careful = DiskStorage(tmp_path / "careful", sync=True)
        careful.open("t-0/a").flush()
        careful.write_atomically("c", b"x")
        careful.close()
        assert len(synced) == 2

    def test_a_file_that_shrinks_behind_our_back_is_an_error(self, storage: DiskStorage) -> None:
        file = storage.open("t-0/a")
        file.append([b"abc"])
        os.truncate(storage.root / "t-0" / "a", 1)

        with pytest.raises(StorageError, match="ends at byte 1"):
            file.read(0, 3)
