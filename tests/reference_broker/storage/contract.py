"""What every storage promises to a log."""

from typing import TypeAlias

import pytest
from hypothesis import strategies as st

from kafka_conformance.reference_broker.storage import Storage, StorageError, StoredFile

Step: TypeAlias = tuple[str, object]

PIECES = st.one_of(
    st.binary(max_size=40), st.integers(min_value=15_000, max_value=20_000).map(lambda size: bytes(size))
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.lists(PIECES, max_size=3)),
        st.tuples(st.just("truncate"), st.integers(min_value=0, max_value=60_000)),
        st.tuples(st.just("reopen"), st.just(None)),
    ),
    max_size=12,
)


def contents(file: StoredFile) -> bytes:
    return b"".join(file.read(0, file.size))


def check_file(storage: Storage, steps: list[Step]) -> None:
    """A file holds what was appended and not cut."""
    file = storage.open("t-0/a")
    model = b""
    for name, argument in steps:
        if name == "append":
            assert isinstance(argument, list)
            assert file.append([memoryview(bytearray(piece)) for piece in argument]) == len(model)
            model += b"".join(argument)
        elif name == "truncate":
            assert isinstance(argument, int)
            file.truncate(argument)
            model = model[:argument]
        else:
            file.close()
            file = storage.open("t-0/a")
        assert file.size == len(model)
        assert contents(file) == model
        middle = len(model) // 2
        assert b"".join(file.read(middle, 7)) == model[middle : middle + 7]


class StorageContract:
    """Inherit it, and give a fixture `storage`. Give STEPS to `check_file`, too."""

    @pytest.fixture
    def storage(self) -> Storage:
        raise NotImplementedError

    def test_reading_past_the_end_gives_what_is_there(self, storage: Storage) -> None:
        file = storage.open("t-0/a")
        file.append([b"abc"])

        assert b"".join(file.read(1, 100)) == b"bc"
        assert file.read(3, 1) == []
        assert file.read(9, 1) == []

    def test_what_was_read_survives_truncation_and_new_appends(self, storage: Storage) -> None:
        file = storage.open("t-0/a")
        file.append([b"first", b"second"])
        before = file.read(0, 11)

        file.truncate(2)
        file.append([b"XXXXXXXXXX"])

        assert b"".join(before) == b"firstsecond"
        assert contents(file) == b"fiXXXXXXXXXX"

    def test_a_file_is_there_once_it_is_opened(self, storage: Storage) -> None:
        assert not storage.exists("t-0/a")
        storage.open("t-0/a")

        assert storage.exists("t-0/a")
        assert storage.files("t-0") == ["a"]
        assert storage.directories() == ["t-0"]
        assert storage.files("unknown-0") == []

    def test_an_atomic_write_replaces_the_file(self, storage: Storage) -> None:
        storage.write_atomically("c", b"one")
        storage.write_atomically("c", b"two")
        storage.write_atomically("t-0/c", b"three")

        assert storage.read_bytes("c") == b"two"
        assert storage.read_bytes("t-0/c") == b"three"
        assert storage.files() == ["c"]

    def test_an_atomic_write_also_replaces_a_file_that_is_open(self, storage: Storage) -> None:
        storage.open("c").append([b"longer than the new one"])
        storage.write_atomically("c", b"new")

        assert contents(storage.open("c")) == b"new"

    def test_removing_twice_is_no_error(self, storage: Storage) -> None:
        storage.open("t-0/a")
        storage.remove("t-0/a")
        storage.remove("t-0/a")

        assert not storage.exists("t-0/a")
        with pytest.raises(StorageError, match="t-0/a"):
            storage.read_bytes("t-0/a")

    def test_a_renamed_file_keeps_its_contents(self, storage: Storage) -> None:
        storage.open("t-0/a").append([b"abc"])
        storage.open("t-0/b").append([b"old"])
        storage.rename("t-0/a", "t-0/b")

        assert storage.files("t-0") == ["b"]
        assert contents(storage.open("t-0/b")) == b"abc"
        with pytest.raises(StorageError):
            storage.rename("t-0/a", "t-0/b")

    def test_a_renamed_directory_keeps_its_files(self, storage: Storage) -> None:
        storage.open("t-0/a").append([b"abc"])
        storage.rename_directory("t-0", "t-1")

        assert storage.directories() == ["t-1"]
        assert contents(storage.open("t-1/a")) == b"abc"
        with pytest.raises(StorageError):
            storage.rename_directory("t-0", "t-1")

    def test_a_removed_directory_takes_its_files_along(self, storage: Storage) -> None:
        storage.open("t-0/a").append([b"abc"])
        storage.make_directory("t-1")
        storage.remove_directory("t-0")
        storage.remove_directory("t-0")

        assert storage.directories() == ["t-1"]
        assert storage.open("t-0/a").size == 0
