"""The search for circles."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.harness.checkers.cycles import circles, components


def reachable(edges: set[tuple[int, int]], start: int) -> set[int]:
    found: set[int] = set()
    waiting = [start]
    while waiting:
        node = waiting.pop()
        for source, target in edges:
            if source == node and target not in found:
                found.add(target)
                waiting.append(target)
    return found


@given(st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda edge: edge[0] != edge[1]), max_size=16))
def test_a_component_is_what_reaches_each_other(edges: set[tuple[int, int]]) -> None:
    graph: dict[int, dict[int, int]] = {}
    for source, target in edges:
        graph.setdefault(source, {})[target] = 0
    reaches = {node: reachable(edges, node) for node in range(8)}
    expected = {frozenset(m for m in range(8) if m in reaches[n] and n in reaches[m]) for n in range(8)}
    assert {frozenset(component) for component in components(graph)} == expected - {frozenset()}


@given(st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda edge: edge[0] != edge[1]), max_size=16))
def test_a_circle_is_closed_and_no_other_order_of_edges_gives_another(edges: set[tuple[int, int]]) -> None:
    listed = [(source, target, 9) for source, target in sorted(edges)]
    found = circles(listed)
    Random(1).shuffle(listed)
    assert circles(listed) == found
    for circle in found:
        assert {(source, target) for source, target, _ in circle} <= edges
        assert [target for _, target, _ in circle] == [source for source, _, _ in circle[1:] + circle[:1]]


def test_the_shortest_circle_of_a_component_is_shown() -> None:
    long_way = [(node, node + 1, node) for node in range(5)] + [(5, 0, 5)]
    assert circles(long_way) == [long_way]
    assert circles([*long_way, (3, 2, 7)]) == [[(2, 3, 2), (3, 2, 7)]]


def test_a_long_chain_needs_no_recursion() -> None:
    chain = [(node, node + 1, 0) for node in range(5_000)]
    assert circles(chain) == []
    assert len(circles([*chain, (5_000, 0, 0)])[0]) == 5_001
