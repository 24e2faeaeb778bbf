from __future__ import annotations

from pathlib import Path

import pytest

from kafka_conformance.harness.errors import UsageError
from kafka_conformance.harness.requirements import Catalogue, Level, Requirement, Source, load_catalogue

GOOD = {
    "id": '"produce/idempotence/duplicate-sequence"',
    "level": '"MUST"',
    "text": '"A retry appends nothing."',
    "holds": '">=1.0"',
    "needs": '["idempotence"]',
    "sources": '[{ kip = 98 }, { file = "a.java", symbol = "B" }, { observed = "4.3.1", seeds = 20 }]',
}


def written(directory: Path, *entries: dict[str, str], name: str = "produce.toml") -> Path:
    tables = (
        "\n".join(["[[requirement]]", *(f"{key} = {value}" for key, value in entry.items())]) for entry in entries
    )
    (directory / name).write_text("\n".join(tables))
    return directory


def refusal(directory: Path) -> str:
    with pytest.raises(UsageError) as caught:
        load_catalogue(directory)
    return str(caught.value)


def test_an_entry_is_read_in_full(tmp_path: Path) -> None:
    catalogue = load_catalogue(written(tmp_path, GOOD))

    entry = catalogue["produce/idempotence/duplicate-sequence"]
    assert entry.area == "produce"
    assert entry.level is Level.MUST
    assert entry.needs == {"idempotence"}
    assert entry.sources == (Source(kip=98), Source(file="a.java", symbol="B"), Source(observed="4.3.1", seeds=20))
    assert entry.holds_for("4.3.1")
    assert not entry.holds_for("0.11.0.0")
    assert entry.excluded is None


def test_a_target_of_unknown_version_is_held_to_every_requirement(tmp_path: Path) -> None:
    assert load_catalogue(written(tmp_path, GOOD))["produce/idempotence/duplicate-sequence"].holds_for(None)


def test_files_of_a_tree_make_one_catalogue_in_the_order_of_ids(tmp_path: Path) -> None:
    (tmp_path / "clients").mkdir()
    written(tmp_path, {**GOOD, "id": '"z/last"'})
    written(tmp_path / "clients", {**GOOD, "id": '"a/first"'})

    catalogue = load_catalogue(tmp_path)

    assert list(catalogue) == ["a/first", "z/last"]
    assert catalogue.areas() == ("a", "z")


@pytest.mark.parametrize(
    ("key", "value", "names"),
    [
        ("id", '"produce"', "id: "),
        ("id", '"produce/Acks"', "id: "),
        ("id", '"produce/5/acks"', "id: "),
        ("id", "5", "id: "),
        ("level", '"MAY"', "MUST, SHOULD, INFO"),
        ("text", '""', "text: "),
        ("text", '"no full stop"', "full stop"),
        ("holds", '">>1"', "holds: "),
        ("holds", '">=1..0"', "holds: "),
        ("needs", '"kill"', "needs: "),
        ("needs", "[1]", "needs: "),
        ("sources", "[]", "sources: "),
        ("sources", "[3]", "sources: "),
        ("sources", "[{ kip = 98, seeds = 1 }]", "sources: "),
        ("sources", '[{ file = "a.java" }]', "sources: "),
        ("sources", "[{ kip = true }]", "sources.kip"),
        ("sources", "[{ kip = 0 }]", "sources.kip"),
        ("sources", '[{ documentation = " " }]', "sources.documentation"),
        ("excluded", "true", "excluded: "),
        ("levle", '"MUST"', "Did you mean 'level'?"),
    ],
)
def test_a_fault_is_refused_with_its_file_and_key(tmp_path: Path, key: str, value: str, names: str) -> None:
    message = refusal(written(tmp_path, {**GOOD, key: value}))

    assert str(tmp_path / "produce.toml") in message
    assert names in message
    assert key == "id" or "produce/idempotence/duplicate-sequence" in message


@pytest.mark.parametrize("key", ["id", "level", "text", "sources"])
def test_a_missing_key_is_named(tmp_path: Path, key: str) -> None:
    assert f"{key}: " in refusal(written(tmp_path, {name: value for name, value in GOOD.items() if name != key}))


def test_an_id_is_there_once(tmp_path: Path) -> None:
    written(tmp_path, GOOD, name="a.toml")

    assert "already in" in refusal(written(tmp_path, GOOD, name="b.toml"))


@pytest.mark.parametrize("text", ["not toml", "other = 1", "requirement = 3", "requirement = [3]", "\0"])
def test_a_file_that_holds_no_requirements_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.toml").write_text(text)

    assert "x.toml" in refusal(tmp_path)


def test_a_directory_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "no such directory" in refusal(tmp_path / "missing")


def test_an_unknown_id_is_answered_with_the_nearest() -> None:
    entry = Requirement("produce/acks", Level.MUST, "Sentence.", (Source(kip=1),))

    with pytest.raises(UsageError, match="Did you mean 'produce/acks'"):
        Catalogue([entry]).find("produce/ack")


@pytest.mark.parametrize(
    ("source", "text", "url"),
    [
        (Source(kip=98), "KIP-98", None),
        (Source(file="a.java", symbol="B"), "a.java B", None),
        (Source(observed="4.3.1", seeds=20), "observed on Apache Kafka 4.3.1 (20 seeds)", None),
        (Source(documentation="Design, 4.6"), "Design, 4.6", None),
        (
            Source(documentation="https://kafka.apache.org/documentation/#x"),
            "https://kafka.apache.org/documentation/#x",
            "https://kafka.apache.org/documentation/#x",
        ),
        (Source(documentation="https://kafka.apache.org.example/"), "https://kafka.apache.org.example/", None),
        (Source(documentation="javascript:alert(1)"), "javascript:alert(1)", None),
    ],
)
def test_a_source_says_where_a_requirement_comes_from(source: Source, text: str, url: str | None) -> None:
    assert str(source) == text
    assert source.url == url
