"""Whether two answers say the same: ids that were given out, addresses, times of day and words apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from typing import Any

from kafka_conformance.harness.replay.renaming import KINDS, Renaming
from kafka_conformance.protocol.errors import ProtocolError
from kafka_conformance.protocol.layout import Message, Struct
from kafka_conformance.protocol.records.batch import BatchHeader, TimestampType, batches
from kafka_conformance.protocol.records.record import records_of

LEFT_OUT = frozenset(
    {
        "throttle_time_ms",
        "host",
        "port",
        "rack",
        "cluster_id",
        "controller_id",
        "brokers",
        "node_endpoints",
        "error_message",
        "batch_index_error_message",
        "log_append_time_ms",
        "finalized_features_epoch",
        "configs",
        "client_host",
        "transaction_start_time_ms",
        "last_timestamp",
    }
)
"""Fields that differ from run to run, or are words for people."""


OF_A_LOG = frozenset({"base_offset", "offset", "high_watermark", "last_stable_offset", "log_start_offset"})
"""Fields that say how much is in a log: in one of the broker's own, such as __consumer_offsets, all cases write."""
A_TIME_OF_DAY_MS = 1_577_836_800_000
"""The beginning of 2020."""
LISTINGS = {
    "MetadataResponse.topics": "name",
    "ListGroupsResponse.groups": "group_id",
    "ListTransactionsResponse.transaction_states": "transactional_id",
}
"""What lists all there is, in no order, and what the entries are told apart by."""
IN_NO_ORDER = {"ApiVersionsResponse.api_keys": "api_key", "JoinGroupResponse.members": "member_id"}
"""The same of what is the recording's own in any case."""


def difference(
    then: Message, now: Message, renaming: Renaming, is_own: Callable[[str], bool] = lambda name: True
) -> str | None:
    """The first field in which an answer differs from the recorded one, or None.

    `is_own` says of a topic, group or transactional id whether the recording is about it: others come and go with
    other cases.
    """

    def as_now(field: str, value: Any) -> Any:
        return renaming.now(KINDS[field], value) if field in KINDS else value

    first, second = _own(then, is_own, as_now), _own(now, is_own, lambda _, value: value)
    return next(_differences(first, second, renaming, type(then).__name__), None)


def _own(answer: Message, is_own: Callable[[str], bool], told_by: Callable[[str, Any], Any]) -> Message:
    """The answer with its own entries of listings alone, in the order of what tells them apart."""
    for path, key in {**LISTINGS, **IN_NO_ORDER}.items():
        kind, _, field = path.partition(".")
        if type(answer).__name__ == kind:
            answer = copy(answer)
            names = [(told_by(key, getattr(entry, key)), entry) for entry in getattr(answer, field) or ()]
            kept = [(name, entry) for name, entry in names if path in IN_NO_ORDER or is_own(name or "")]
            setattr(answer, field, [entry for _, entry in sorted(kept, key=lambda each: str(each[0]))])
    return answer


def _differences(
    then: Any, now: Any, renaming: Renaming, path: str, left_out: frozenset[str] = LEFT_OUT
) -> Iterator[str]:
    if isinstance(then, Struct) and isinstance(now, Struct):
        unsaid = left_out | OF_A_LOG if _is_internal(then) else left_out
        for name in type(then).fields:
            if name not in unsaid:
                yield from _field(name, getattr(then, name), getattr(now, name), renaming, f"{path}.{name}", unsaid)
    elif isinstance(then, list) and isinstance(now, list):
        if len(then) != len(now):
            yield f"{path}: {len(then)} elements were recorded, {len(now)} came"
        for place, (first, second) in enumerate(zip(then, now, strict=False)):
            yield from _differences(first, second, renaming, f"{path}[{place}]", left_out)
    elif then != now:
        yield f"{path}: {then!r} was recorded, {now!r} came"


def _is_internal(struct: Any) -> bool:
    """Whether it is about a topic of the broker's own."""
    names = (getattr(struct, field, None) for field in ("name", "topic"))
    return any(isinstance(name, str) and name.startswith("__") for name in names)


def _field(name: str, then: Any, now: Any, renaming: Renaming, path: str, left_out: frozenset[str]) -> Iterator[str]:
    if name in KINDS:
        if renaming.now(KINDS[name], then) != now:
            yield f"{path}: {then!r} was recorded, {now!r} came"
    elif name == "timestamp" and min(then, now) > A_TIME_OF_DAY_MS:
        return  # a broker's clock says another time now; what a client sent would be small, or the same
    elif name == "records":
        first, second = _contents(then), _contents(now)
        if first != second:
            yield f"{path}: {first!r} was recorded, {second!r} came"
    else:
        yield from _differences(then, now, renaming, path, left_out)


def _contents(records: Any) -> Any:
    """Record sets as what they hold; producer ids are given out, and the broker's clock says another time now."""
    data = b"" if records is None else bytes(records)
    try:
        return [
            (
                header.base_offset,
                header.attributes,
                header.base_sequence,
                [
                    record._replace(timestamp=-1) if _is_stamped(header) else record
                    for record in records_of(header, view)
                ],
            )
            for header, view in batches(data)
        ]
    except ProtocolError:
        return data


def _is_stamped(header: BatchHeader) -> bool:
    """Whether its times are of the broker's clock: with LogAppendTime, and in the markers that it writes."""
    return header.is_control or header.timestamp_type is TimestampType.LOG_APPEND_TIME
