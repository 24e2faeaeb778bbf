"""Streams of result events as a run could write them."""

from __future__ import annotations

from hypothesis import strategies as st

from kafka_conformance.harness.events import (
    CaseFinished,
    CaseStarted,
    Event,
    Failure,
    Footer,
    Header,
    LaneKind,
    Moment,
    Outcome,
    RequirementDeclared,
    RequirementResult,
    Target,
    TargetLost,
    Verdict,
)
from kafka_conformance.harness.requirements import Level, Source

texts = st.text(max_size=20)
finite = st.floats(min_value=0, max_value=1e9)
axes = st.dictionaries(st.sampled_from(["client", "codec", "version"]), texts, max_size=2)
moments = st.builds(Moment, t_ms=finite, lane=texts, event=texts, detail=texts, kind=st.sampled_from(LaneKind))
failures = st.builds(
    Failure,
    message=texts,
    expected=texts,
    actual=texts,
    history=st.lists(moments, max_size=4).map(tuple),
    replay=texts,
    replay_file=st.none() | texts,
)
sources = st.one_of(
    st.builds(Source, kip=st.integers(1, 1200)),
    st.builds(Source, documentation=texts),
    st.builds(Source, file=texts, symbol=texts),
    st.builds(Source, observed=texts, seeds=st.integers(1, 20)),
)
headers = st.builds(
    Header,
    tool_version=texts,
    run_id=texts,
    seed=st.integers(),
    profile=texts,
    target=st.builds(
        Target, name=texts, version=st.none() | texts, capabilities=st.lists(texts, max_size=2).map(tuple)
    ),
    client=texts,
    started_at=texts,
    command=texts,
)
IDS = ("produce/acks/all", "fetch/long-poll", "groups/classic/rejoin", "groups/offsets/commit")
ids = st.sampled_from(IDS)
declarations = st.builds(
    RequirementDeclared,
    id=ids,
    level=st.sampled_from(Level),
    text=texts,
    sources=st.lists(sources, max_size=2).map(tuple),
    selected=st.booleans(),
    not_applicable=st.none() | texts,
    known_deviation=st.none() | texts,
)
started = st.builds(CaseStarted, case=texts, requirements=st.lists(ids, max_size=2, unique=True).map(tuple), axes=axes)
finished = st.builds(
    CaseFinished,
    case=texts,
    requirements=st.lists(ids, max_size=2, unique=True).map(tuple),
    outcome=st.sampled_from(Outcome),
    axes=axes,
    duration_s=finite,
    reason=texts,
    failure=st.none() | failures,
)
counts = st.dictionaries(st.sampled_from([*Verdict]), st.integers(0, 9))
results = st.builds(
    RequirementResult, id=ids, level=st.sampled_from(Level), verdict=st.sampled_from(Verdict), cases=counts
)
footers = st.builds(Footer, counts=counts, exit_status=st.integers(0, 3), ended_at=texts, complete=st.just(True))
events: st.SearchStrategy[Event] = st.one_of(
    headers, declarations, started, finished, st.builds(TargetLost, message=texts), results, footers
)


@st.composite
def streams(draw: st.DrawFn) -> list[Event]:
    """A header, declarations, cases in any order, perhaps a lost target, perhaps a footer."""
    stream: list[Event] = [draw(headers)]
    stream += draw(st.lists(declarations, max_size=4, unique_by=lambda declared: declared.id))
    stream += draw(st.lists(started | finished, max_size=8))
    stream += draw(st.lists(st.builds(TargetLost, message=texts), max_size=1))
    stream += draw(st.lists(footers, max_size=1))
    return stream
