import pytest

from kafka_conformance.reference_broker.groups.java_strings import coordinator_partition, java_hash, utf16_length


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("a", 97),
        ("hello", 99162322),
        ("polygenelubricants", -(2**31)),
        ("é", 233),
        ("\U0001f600", 31 * 0xD83D + 0xDE00),  # two code units
    ],
)
def test_a_group_id_is_hashed_as_java_hashes_strings(text: str, expected: int) -> None:
    assert java_hash(text) == expected


@pytest.mark.parametrize(("group_id", "partition"), [("hello", 22), ("", 0), ("a", 47)])
def test_the_coordinator_of_a_group_is_found_by_the_absolute_hash(group_id: str, partition: int) -> None:
    assert coordinator_partition(group_id, 50) == partition


def test_a_negative_hash_is_made_positive_before_the_remainder() -> None:
    assert java_hash("zzzzzz") == -685785664
    assert coordinator_partition("zzzzzz", 50) == 14


def test_the_smallest_hash_has_no_absolute_value_and_counts_as_zero() -> None:
    assert coordinator_partition("polygenelubricants", 50) == 0


def test_a_character_beyond_the_basic_plane_counts_twice() -> None:
    assert utf16_length("ab") == 2
    assert utf16_length("é") == 1
    assert utf16_length("\U0001f600") == 2
