"""The graph of a journey as a value: read from JSON, checked as a whole, and what the engine wants to know of it."""

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Iterable, Mapping

END = "end"
KINDS = ("chat", "tool", "fork")
# The key under which nodes and edges carry what is ours in Parlant's metadata, and the key of the engine.
OURS = "lockstep"
ENGINES = "journey_node"
DONE = "this step is done"
LEAVE = "None"


@dataclass(frozen=True)
class Node:
    """A state. `extra` holds members that are not ours to understand; they are kept."""

    id: str
    kind: str | None = None
    action: str | None = None
    description: str | None = None
    tools: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    composition_mode: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            **self.extra,
            "id": self.id,
            "kind": self.kind,
            "action": self.action,
            "description": self.description,
            "tools": list(self.tools),
            "labels": list(self.labels),
            "composition_mode": self.composition_mode,
            "metadata": dict(self.metadata),
        }


@dataclass(frozen=True)
class Edge:
    """A transition; its id is unique in its journey only."""

    id: str
    source: str
    target: str
    condition: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            **self.extra,
            "id": self.id,
            "source": self.source,
            "target": self.target,
            "condition": self.condition,
            "metadata": dict(self.metadata),
        }


@dataclass(frozen=True)
class Graph:
    """Nodes (the root is one of them, the end is not) and edges; the order of the edges is the order of the engine's walk."""

    root_id: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "root_id": self.root_id,
            "nodes": [node.to_json() for node in sorted(self.nodes, key=lambda node: node.id)],
            "edges": [edge.to_json() for edge in self.edges],
        }

    def outgoing(self) -> dict[str, list[Edge]]:
        outgoing: dict[str, list[Edge]] = defaultdict(list)
        for edge in self.edges:
            outgoing[edge.source].append(edge)
        return outgoing

    def indexes(self) -> dict[str, str]:
        """The numbers by which Parlant's engine calls the reachable states: breadth-first from the root, edges in order."""
        outgoing = self.outgoing()
        indexes: dict[str, str] = {}
        queue = [self.root_id]
        for node in queue:
            if node in indexes:
                continue
            indexes[node] = str(len(indexes) + 1)
            queue.extend(edge.target for edge in outgoing.get(node, []))
        return indexes

    def follow_ups(self, at_most: int) -> dict[str, list[dict[str, Any]]]:
        """What the engine may do next, for each reachable node: the condition and the indexes of the path.

        One edge is one follow-up, with one exception: the engine leaves a journey without a word when a follow-up ends on a
        node without an action, so a path runs through such a node to what comes behind it.

        Raises OverflowError with the id of a node that has more than `at_most`.
        """
        outgoing, indexes = self.outgoing(), self.indexes()
        silent = {node.id for node in self.nodes if not node.action}
        return {
            node: _follow_ups(node, outgoing, indexes, silent, at_most) for node in indexes if node != END
        }


def _follow_ups(
    start: str, outgoing: Mapping[str, list[Edge]], indexes: Mapping[str, str], silent: set[str], at_most: int
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    pending: list[tuple[Edge, tuple[str, ...], tuple[str, ...]]] = [
        (edge, (), (start,)) for edge in reversed(outgoing.get(start, []))
    ]
    while pending:
        edge, conditions, passed = pending.pop()
        conditions += (edge.condition,) if edge.condition else ()
        if edge.target in silent and edge.target in passed:
            continue  # a circle in which nothing is ever done
        onward = outgoing.get(edge.target, []) if edge.target in silent else []
        if onward:
            pending.extend((next_edge, conditions, passed + (edge.target,)) for next_edge in reversed(onward))
        else:
            path = [indexes[node] for node in passed[1:]]
            path.append(LEAVE if edge.target == END else indexes[edge.target])
            found.append({"condition": " and ".join(conditions) or DONE, "path": path})
        if len(found) + len(pending) > at_most:
            raise OverflowError(start)
    return found


def canonical(value: Any) -> bytes:
    """The same bytes for the same value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(value: Any) -> str:
    """The first 64 bits of the value's SHA-256."""
    return hashlib.sha256(canonical(value)).hexdigest()[:16]


def derived_id(*parts: str) -> str:
    """An id that is the same for the same parts, whatever the server counted before."""
    return hashlib.sha256(canonical(list(parts))).hexdigest()[:20]


def without(mapping: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """`mapping` less `keys`."""
    return {key: value for key, value in mapping.items() if key not in set(keys)}
