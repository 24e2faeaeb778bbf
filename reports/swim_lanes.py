"""A history as swim lanes in plain text: time runs down, each client, partition and fault has a column.

Where the lanes are too many for the width, each moment is a line with its lane's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from kafka_conformance.harness.events import LaneKind, Moment
from kafka_conformance.reports.printable import one_line
from kafka_conformance.reports.wording import shortened, timeline_text

_TIME = 13
_NARROWEST = 14
_KINDS = list(LaneKind)


def swim_lanes(history: Sequence[Moment], width: int = 120) -> Iterator[str]:
    """The lines, not longer than the width where there is room for columns."""
    first, left_out, last = shortened(history)
    found = dict.fromkeys((moment.kind, one_line(moment.lane)) for moment in first + last)
    lanes = sorted(found, key=lambda lane: _KINDS.index(lane[0]))
    column = (width - _TIME) // max(1, len(lanes)) - 1
    if column < _NARROWEST:
        yield from timeline_text(history)
        return
    yield " " * _TIME + "".join(f"|{name[:column]:<{column}}" for _, name in lanes).rstrip()
    for moment in first:
        yield from _moment(moment, lanes, column)
    if left_out:
        yield f"{'':{_TIME}}({left_out} more)"
        for moment in last:
            yield from _moment(moment, lanes, column)


def _moment(moment: Moment, lanes: Sequence[tuple[LaneKind, str]], column: int) -> Iterator[str]:
    lane = lanes.index((moment.kind, one_line(moment.lane)))
    words = one_line(f"{moment.event} {moment.detail}".strip())
    time = f"{moment.t_ms:>{_TIME - 4}.3f} ms "
    for number, part in enumerate(wrap(words, column) or [""]):
        cells = [f"|{part if n == lane else '':<{column}}" for n in range(len(lanes))]
        yield f"{time if number == 0 else '':<{_TIME}}{''.join(cells)}".rstrip()
