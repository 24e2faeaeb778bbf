import pytest
from hypothesis import given

from kafka_conformance.reference_broker.storage import MemoryStorage
from tests.reference_broker.storage.contract import STEPS, Step, StorageContract, check_file, contents

LARGE = 100_000


@given(steps=STEPS)
def test_a_file_in_memory_holds_what_was_appended_and_not_cut(steps: list[Step]) -> None:
    check_file(MemoryStorage(), steps)


class TestMemoryStorage(StorageContract):
    @pytest.fixture
    def storage(self) -> MemoryStorage:
        return MemoryStorage()

    def test_a_large_batch_is_kept_and_read_without_a_copy(self, storage: MemoryStorage) -> None:
        frame = bytearray(LARGE + 100)
        file = storage.open("t-0/a")
        file.append([memoryview(frame)[100:]])

        (read,) = file.read(10, 50)

        assert read.obj is frame

    def test_a_small_batch_does_not_keep_its_frame_alive(self, storage: MemoryStorage) -> None:
        frame = bytearray(LARGE)
        file = storage.open("t-0/a")
        file.append([memoryview(frame)[:100], memoryview(frame)[100 : 100 + 20_000]])

        assert all(read.obj is not frame for read in file.read(0, file.size))

    def test_small_batches_lie_together(self, storage: MemoryStorage) -> None:
        file = storage.open("t-0/a")
        for _ in range(10):
            file.append([b"x" * 100])

        assert len(file.read(0, 1000)) == 1

    def test_what_is_read_cannot_be_written(self, storage: MemoryStorage) -> None:
        file = storage.open("t-0/a")
        file.append([b"abc", bytearray(LARGE)])

        assert all(read.readonly for read in file.read(0, file.size))

    def test_a_crash_leaves_what_was_flushed(self, storage: MemoryStorage) -> None:
        storage.write_atomically("checkpoint", b"1")
        file = storage.open("t-0/a")
        file.append([b"flushed"])
        file.flush()
        file.append([b" not flushed"])
        storage.open("t-0/b").append([b"not flushed"])

        storage.crash()

        assert contents(storage.open("t-0/a")) == b"flushed"
        assert contents(storage.open("t-0/b")) == b""
        assert storage.read_bytes("checkpoint") == b"1"
