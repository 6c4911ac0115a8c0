"""Facts as one directed graph with parallel edges. The only file that knows networkx."""

from __future__ import annotations

from collections.abc import Iterable

import networkx as nx

from backtrace_core.model import Fact, Node, Relation


class Graph:
    """A read-only view of facts, asked hop by hop. Answers keep the order in which the facts were stated."""

    def __init__(self, edges: nx.MultiDiGraph[Node]) -> None:
        self._edges = edges

    def out_of(self, node: Node, *relations: Relation) -> tuple[Fact, ...]:
        """The facts whose subject is ``node``; none when the node is unknown."""
        if node not in self._edges:
            return ()
        return _of(relations, self._edges.out_edges(node, data="fact"))

    def into(self, node: Node, *relations: Relation) -> tuple[Fact, ...]:
        """The facts whose object is ``node``; none when the node is unknown."""
        if node not in self._edges:
            return ()
        return _of(relations, self._edges.in_edges(node, data="fact"))


def graph_of(facts: Iterable[Fact]) -> Graph:
    """A fact that two sources state stands once, with the page of the first that stated it."""
    edges: nx.MultiDiGraph[Node] = nx.MultiDiGraph()
    for fact in facts:
        if not edges.has_edge(fact.subject, fact.object, key=fact.relation):
            edges.add_edge(fact.subject, fact.object, key=fact.relation, fact=fact)
    return Graph(edges)


def _of(relations: tuple[Relation, ...], edges: Iterable[tuple[Node, Node, Fact]]) -> tuple[Fact, ...]:
    return tuple(fact for _, _, fact in edges if fact.relation in relations)
