"""Logs of all that a cleaner may meet, made by Hypothesis."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

from kafka_conformance.protocol.records import Compression, NewRecord
from kafka_conformance.reference_broker.log import Log
from tests.reference_broker.log.support import append, batch, end_transaction, marker

KEYS = [b"a", b"b", b"c", b"d", b"e"]
KINDS = ["plain", "plain", "transactional", "transactional", "end", "roll"]


class Step(NamedTuple):
    """Something that is done to a log; what a step cannot do where it stands, it leaves."""

    kind: str
    records: Sequence[tuple[bytes, bytes | None, int]]
    producer: int
    codec: Compression
    commit: bool


def steps(*kinds: str) -> st.SearchStrategy[Step]:
    value = st.one_of(st.none(), st.binary(max_size=30))
    record = st.tuples(st.sampled_from(KEYS), value, st.integers(-500, 500))
    codec = st.sampled_from([Compression.NONE] * 4 + [Compression.GZIP, Compression.LZ4])
    return st.builds(
        Step,
        st.sampled_from(kinds),
        st.lists(record, min_size=1, max_size=4),
        st.sampled_from([-1, 7, 8]),
        codec,
        st.booleans(),
    )


def rounds() -> st.SearchStrategy[list[Step]]:
    """What is written before a round: mostly there is something to clean then, and no transaction open."""
    written = st.lists(steps(*KINDS), min_size=3, max_size=14)
    end = st.lists(steps("end"), max_size=2)
    return st.tuples(written, end, steps("roll"), steps("plain", "plain", "end")).map(
        lambda parts: [*parts[0], *parts[1], parts[2], parts[3]]
    )


def logs_to_clean() -> st.SearchStrategy[list[list[Step]]]:
    """For each round, what is written before it."""
    return st.lists(rounds(), min_size=1, max_size=4)


def apply(log: Log, step: Step, now_ms: int) -> None:
    """Do one step."""
    if step.kind == "roll":
        log.roll(now_ms)
    elif step.kind == "end":
        _end(log, step)
    else:
        records = [NewRecord(key, value, (), now_ms + delta) for key, value, delta in step.records]
        append(log, batch(records, compression=step.codec, **_producer(log, step)), now_ms)
    log.update_high_watermark(log.log_end_offset)


def _is_open(log: Log, producer_id: int) -> bool:
    entry = log.producer_state.producers.get(producer_id)
    return entry is not None and entry.current_txn_first_offset is not None


def _end(log: Log, step: Step) -> None:
    producer = next((each for each in (step.producer, 7, 8) if _is_open(log, each)), None)
    if producer is not None:
        end_transaction(log, marker(commit=step.commit, producer_id=producer))


def _producer(log: Log, step: Step) -> dict[str, Any]:
    """An open transaction goes on; without a producer nothing is transactional."""
    if step.producer < 0:
        return {}
    entry = log.producer_state.producers.get(step.producer)
    sequence = 0 if entry is None else entry.last_sequence + 1
    transactional = step.kind == "transactional" or _is_open(log, step.producer)
    return {
        "producer_id": step.producer,
        "producer_epoch": 0,
        "base_sequence": sequence,
        "transactional": transactional,
    }
