"""The model that fetch cases compare a log with."""

from __future__ import annotations

import pytest

from kafka_conformance.conformance.fetch.several_partitions import Answered
from kafka_conformance.conformance.fetch.written_log import WrittenLog, contents
from kafka_conformance.harness.violation import ConformanceViolation
from kafka_conformance.protocol.records import NewRecord, Record

LOG = WrittenLog([[NewRecord(None, b"a", (), 5), NewRecord(None, b"b", (), 7)], [NewRecord(b"k", b"c", (), 6)]])


def test_an_offset_lies_in_the_batch_that_begins_at_or_before_it() -> None:
    assert [LOG.base_of(offset) for offset in range(LOG.end)] == [0, 0, 2]


def test_a_time_gives_the_first_record_that_is_not_older() -> None:
    assert [LOG.first_at_or_after(time) for time in (0, 5, 6, 7, 8)] == [(0, 5), (0, 5), (1, 7), (1, 7), (-1, -1)]
    assert LOG.first_of_newest() == (1, 7)


def test_an_answer_may_be_short_but_not_empty_where_there_are_records() -> None:
    assert LOG.next_from(1, 0) == [(1, None, b"b")]
    assert LOG.next_from(1, 5) == [(1, None, b"b"), (2, b"k", b"c")]
    assert LOG.next_from(3, 0) == []


def test_records_below_the_fetched_offset_are_dropped_as_clients_do() -> None:
    read = [Record(offset, -1, None, b"x", ()) for offset in (4, 5)]

    assert contents(read, from_offset=5) == [(5, None, b"x")]


def test_a_partition_that_an_answer_leaves_out_is_a_violation() -> None:
    with pytest.raises(ConformanceViolation, match="leaves out a partition"):
        Answered()[3]
