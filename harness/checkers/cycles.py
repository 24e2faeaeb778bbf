"""Circles in a graph of transactions: strongly connected components, and in each of them a short circle."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

Edge = tuple[int, int, int]
"""From, to, and what to show of it."""

STARTS = 64
"""From how many nodes of a component, the lowest, a circle is looked for: from all of a large one takes too long."""


def circles(edges: Iterable[Edge]) -> list[list[Edge]]:
    """For each component the shortest circle through one of its lowest nodes, whatever the order of the edges."""
    graph: dict[int, dict[int, int]] = {}
    for writer, reader, shown in sorted(edges):
        graph.setdefault(writer, {}).setdefault(reader, shown)
    found = [_shortest(graph, set(component)) for component in components(graph)]
    return sorted(found)


def components(graph: dict[int, dict[int, int]]) -> Iterator[list[int]]:
    """The strongly connected components of more than one node. Tarjan's algorithm, without recursion."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    on_stack: set[int] = set()
    stack: list[int] = []
    for root in graph:
        if root in index:
            continue
        work: list[tuple[int, Iterator[int]]] = [(root, iter(graph[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, targets = work[-1]
            for target in targets:
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(graph.get(target, ()))))
                    break
                if target in on_stack:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    component = _pop_component(stack, on_stack, node)
                    if len(component) > 1:
                        yield component


def _pop_component(stack: list[int], on_stack: set[int], root: int) -> list[int]:
    start = len(stack) - 1
    while stack[start] != root:
        start -= 1
    component = stack[start:]
    del stack[start:]
    on_stack.difference_update(component)
    return component


def _shortest(graph: dict[int, dict[int, int]], component: set[int]) -> list[Edge]:
    best: list[int] | None = None
    for start in sorted(component)[:STARTS]:
        found = _circle_through(graph, component, start, len(best) if best else len(component) + 1)
        if found is not None:
            best = found
    assert best is not None, "a component without a circle"
    lowest = best.index(min(best))
    nodes = best[lowest:] + best[:lowest]
    return [(node, after, graph[node][after]) for node, after in zip(nodes, [*nodes[1:], nodes[0]], strict=True)]


def _circle_through(
    graph: dict[int, dict[int, int]], component: set[int], start: int, shorter_than: int
) -> list[int] | None:
    before: dict[int, int] = {start: start}
    depth = {start: 1}
    waiting = deque([start])
    while waiting:
        node = waiting.popleft()
        if depth[node] >= shorter_than:
            return None
        for target in graph.get(node, ()):
            if target == start:
                return _path(before, node)
            if target in component and target not in before:
                before[target], depth[target] = node, depth[node] + 1
                waiting.append(target)
    return None


def _path(before: dict[int, int], last: int) -> list[int]:
    path = [last]
    while before[path[-1]] != path[-1]:
        path.append(before[path[-1]])
    return path[::-1]
