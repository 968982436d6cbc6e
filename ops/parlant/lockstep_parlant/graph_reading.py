"""Reads the graph of a request and says everything that is wrong with it at once."""

from collections import Counter
from typing import Any, Mapping

from parlant.core.agents import CompositionMode

from . import limits
from .graph import END, ENGINES, KINDS, OURS, Edge, Graph, Node, without
from .refusals import invalid

_COMPOSITION_MODES = {mode.value for mode in CompositionMode}
_NODE_MEMBERS = ("id", "kind", "action", "description", "tools", "labels", "composition_mode", "metadata")
_EDGE_MEMBERS = ("id", "source", "target", "condition", "metadata")


class Problems:
    """What is wrong with a request, each with a code, a place and a sentence."""

    def __init__(self) -> None:
        self.found: list[dict[str, str]] = []

    def add(self, code: str, place: str, detail: str) -> None:
        if len(self.found) < limits.PROBLEMS_REPORTED:
            self.found.append({"code": code, "place": place, "detail": detail})

    def raise_if_any(self) -> None:
        if self.found:
            raise invalid(self.found)

    def text(self, value: Any, place: str, *, at_most: int = limits.TEXT_CHARACTERS) -> str | None:
        """A text; None where there is none. An empty text is none: the engine treats it so."""
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            self.add("type", place, f"{place} must be a text")
            return None
        if len(value) > at_most:
            self.add("too_long", place, f"{place} has {len(value)} characters, {at_most} are allowed")
        return value

    def texts(self, value: Any, place: str, *, at_most: int, characters: int) -> tuple[str, ...]:
        if value is None:
            return ()
        if not isinstance(value, list) or any(not isinstance(item, str) or not item for item in value):
            self.add("type", place, f"{place} must be a list of texts that are not empty")
            return ()
        if len(value) > at_most:
            self.add("too_many", place, f"{place} has {len(value)} entries, {at_most} are allowed")
        if any(len(item) > characters for item in value):
            self.add("too_long", place, f"an entry of {place} has more than {characters} characters")
        return tuple(value)

    def labels(self, value: Any, place: str) -> tuple[str, ...]:
        return tuple(
            sorted(set(self.texts(value, place, at_most=limits.LABELS_AND_TAGS, characters=limits.LABEL_CHARACTERS)))
        )

    def object(self, value: Any, place: str) -> dict[str, Any]:
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.add("type", place, f"{place} must be an object")
            return {}
        for key in (OURS, ENGINES):
            if key in value:
                self.add("reserved_key", f"{place}.{key}", f"the key {key!r} of {place} is reserved")
        return value

    def composition_mode(self, value: Any, place: str) -> str | None:
        if value is not None and value not in _COMPOSITION_MODES:
            self.add("unknown_composition_mode", place, f"{place} must be one of {sorted(_COMPOSITION_MODES)}")
            return None
        return value

    def id(self, value: Any, place: str) -> str:
        text = self.text(value, place, at_most=limits.ID_CHARACTERS)
        if text is None:
            self.add("missing_id", place, f"{place} is missing")
        return text or ""


def read_graph(body: Mapping[str, Any], default_root: str, problems: Problems) -> Graph:
    """The graph of `body`: `{root_id?, nodes: […], edges: […]}`. A root that is not listed is a bare one."""
    root = problems.id(body.get("root_id") or default_root, "root_id")
    nodes = _list(body, "nodes", limits.NODES, problems)
    edges = _list(body, "edges", limits.EDGES, problems)
    read_nodes = [_node(node, f"nodes[{at}]", root, problems) for at, node in enumerate(nodes)]
    if root not in (node.id for node in read_nodes):
        read_nodes.insert(0, Node(id=root))
    graph = Graph(
        root_id=root,
        nodes=tuple(read_nodes),
        edges=tuple(_edge(edge, f"edges[{at}]", at, problems) for at, edge in enumerate(edges)),
    )
    _check(graph, problems)
    return graph


def _list(body: Mapping[str, Any], name: str, at_most: int, problems: Problems) -> list[Any]:
    value = body.get(name, [])
    if not isinstance(value, list) or any(not isinstance(item, dict) for item in value):
        problems.add("type", name, f"{name} must be a list of objects")
        return []
    if len(value) > at_most:
        problems.add("too_many", name, f"there are {len(value)} {name}, {at_most} are allowed")
        return []
    return value


def _node(body: Mapping[str, Any], place: str, root: str, problems: Problems) -> Node:
    id, kind = problems.id(body.get("id"), f"{place}.id"), body.get("kind")
    action = problems.text(body.get("action"), f"{place}.action")
    if id == END:
        problems.add("reserved_id", f"{place}.id", f"the id {END!r} is the end that all journeys share")
    if ":" in id:
        problems.add("bad_id", f"{place}.id", f"the node id {id!r} holds a colon, at which the engine would cut it")
    if kind is not None and kind not in KINDS:
        problems.add("unknown_kind", f"{place}.kind", f"the node {id!r} has the kind {kind!r}, not one of {list(KINDS)}")
    if action is None and kind in ("chat", "tool") and id != root:
        problems.add("missing_action", place, f"the {kind} node {id!r} has no action: the engine would leave the journey there")
    tools = problems.texts(
        body.get("tools"), f"{place}.tools", at_most=limits.TOOLS_PER_NODE, characters=limits.ID_CHARACTERS * 2
    )
    for tool in tools:
        if ":" not in tool:
            problems.add("bad_tool", f"{place}.tools", f"the tool {tool!r} is not spelled service:tool")
    return Node(
        id=id,
        kind=kind,
        action=action,
        description=problems.text(body.get("description"), f"{place}.description"),
        tools=tools,
        labels=problems.labels(body.get("labels"), f"{place}.labels"),
        composition_mode=problems.composition_mode(body.get("composition_mode"), f"{place}.composition_mode"),
        metadata=problems.object(body.get("metadata"), f"{place}.metadata"),
        extra=without(body, _NODE_MEMBERS),
    )


def _edge(body: Mapping[str, Any], place: str, at: int, problems: Problems) -> Edge:
    return Edge(
        id=problems.id(body.get("id") or f"edge-{at + 1}", f"{place}.id"),
        source=problems.id(body.get("source"), f"{place}.source"),
        target=problems.id(body.get("target"), f"{place}.target"),
        condition=problems.text(body.get("condition"), f"{place}.condition"),
        metadata=problems.object(body.get("metadata"), f"{place}.metadata"),
        extra=without(body, _EDGE_MEMBERS),
    )


def _check(graph: Graph, problems: Problems) -> None:
    for what, ids in (("node", [node.id for node in graph.nodes]), ("edge", [edge.id for edge in graph.edges])):
        for id, count in Counter(ids).items():
            if count > 1:
                problems.add("duplicate_id", f"{what}s", f"{count} {what}s have the id {id!r}")
    known = {node.id for node in graph.nodes}
    for at, edge in enumerate(graph.edges):
        if edge.source not in known:
            problems.add("unknown_source", f"edges[{at}].source", f"the edge {edge.id!r} leaves {edge.source!r}, which is no node")
        if edge.target not in known and edge.target != END:
            problems.add("unknown_target", f"edges[{at}].target", f"the edge {edge.id!r} enters {edge.target!r}, which is no node")
    for source, edges in graph.outgoing().items():
        if len(edges) > 1 and any(edge.condition is None for edge in edges):
            problems.add(
                "unconditioned_fan_out",
                source,
                f"the node {source!r} has {len(edges)} ways out, and not every one has a condition",
            )
    if not problems.found:
        _check_follow_ups(graph, problems)


def _check_follow_ups(graph: Graph, problems: Problems) -> None:
    try:
        graph.follow_ups(limits.FOLLOW_UPS_PER_NODE)
    except OverflowError as overflow:
        problems.add(
            "too_many_follow_ups",
            str(overflow),
            f"from the node {str(overflow)!r} more than {limits.FOLLOW_UPS_PER_NODE} ways lead on through nodes without an action",
        )
