"""The documents in which Parlant's store keeps a journey, to and from the graph."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Mapping, Sequence

from parlant.core.journeys import Journey, JourneyEdge, JourneyNode
from parlant.core.tools import ToolId

from . import limits
from .graph import END, ENGINES, OURS, Edge, Graph, Node, derived_id, digest, without


@dataclass(frozen=True)
class Attributes:
    """What a journey has beside its graph. `metadata` and `extra` have no place in Parlant and are kept with the root."""

    title: str
    description: str
    condition_texts: tuple[str, ...]
    labels: tuple[str, ...]
    tags: tuple[str, ...]
    priority: int
    composition_mode: str | None
    metadata: Mapping[str, Any]
    extra: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        return {
            **self.extra,
            "title": self.title,
            "description": self.description,
            "condition_texts": list(self.condition_texts),
            "labels": list(self.labels),
            "tags": list(self.tags),
            "priority": self.priority,
            "composition_mode": self.composition_mode,
            "metadata": dict(self.metadata),
        }


@dataclass(frozen=True)
class StoredJourney:
    """A journey as it is now: what it is, how often this module has changed it, and the guidelines behind its conditions."""

    id: str
    attributes: Attributes
    graph: Graph
    revision: int
    condition_ids: tuple[str, ...]

    @property
    def version(self) -> str:
        """Changes with every change made through this module, and with every other change of what the journey is."""
        return f"{self.revision}.{content_digest(self.attributes, self.graph)}"

    def to_json(self) -> dict[str, Any]:
        graph = self.graph.to_json()
        return {
            "version": self.version,
            "journey": {
                **self.attributes.to_json(),
                "id": self.id,
                "conditions": list(self.condition_ids),
                "root_id": graph["root_id"],
            },
            "nodes": graph["nodes"],
            "edges": graph["edges"],
            "indexes": {index: node for node, index in self.graph.indexes().items()},
        }


def content_digest(attributes: Attributes, graph: Graph) -> str:
    return digest([attributes.to_json(), graph.to_json()])


def read_stored(
    journey: Journey, nodes: Sequence[JourneyNode], edges: Sequence[JourneyEdge], condition_texts: Sequence[str]
) -> StoredJourney:
    """The journey behind the store's objects, whoever made them."""
    root = next((node for node in nodes if node.id == journey.root_id), None)
    ours: Mapping[str, Any] = _ours(root.metadata) if root else {}
    about_journey = ours.get("journey") or {}
    return StoredJourney(
        id=journey.id,
        attributes=Attributes(
            title=journey.title,
            description=journey.description,
            condition_texts=tuple(condition_texts),
            labels=tuple(sorted(journey.labels)),
            tags=tuple(sorted(journey.tags)),
            priority=journey.priority,
            composition_mode=journey.composition_mode.value if journey.composition_mode else None,
            metadata=about_journey.get("metadata") or {},
            extra=about_journey.get("extra") or {},
        ),
        graph=Graph(
            root_id=journey.root_id,
            nodes=tuple(_node(node) for node in nodes if node.id != END),
            edges=tuple(_edge(edge) for edge in edges),
        ),
        revision=int(ours.get("revision") or 0),
        condition_ids=tuple(journey.conditions),
    )


def _ours(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    value = metadata.get(OURS)
    return value if isinstance(value, dict) else {}


def _node(node: JourneyNode) -> Node:
    engines = node.metadata.get(ENGINES)
    return Node(
        id=node.id,
        kind=engines.get("kind") if isinstance(engines, dict) else None,  # type: ignore[arg-type]
        action=node.action,
        description=node.description,
        tools=tuple(":".join(tool) for tool in node.tools),
        labels=tuple(sorted(node.labels)),
        composition_mode=node.composition_mode.value if node.composition_mode else None,
        metadata=without(node.metadata, (OURS, ENGINES)),
        extra=_ours(node.metadata).get("extra") or {},
    )


def _edge(edge: JourneyEdge) -> Edge:
    ours = _ours(edge.metadata)
    return Edge(
        id=ours.get("id") or edge.id,
        source=edge.source,
        target=edge.target,
        condition=edge.condition,
        metadata=without(edge.metadata, (OURS, ENGINES)),
        extra=ours.get("extra") or {},
    )


def node_documents(
    journey_id: str, attributes: Attributes, graph: Graph, revision: int, before: Sequence[Mapping[str, Any]], version: str
) -> list[dict[str, Any]]:
    """The documents of the nodes. `before` are the present ones, from which the engine's notes on unchanged nodes are kept."""
    times, follow_ups = _moments(), graph.follow_ups(limits.FOLLOW_UPS_PER_NODE)
    notes = {document["node_id"]: document for document in before}
    documents = []
    for node in graph.nodes:
        ours: dict[str, Any] = {"extra": dict(node.extra)} if node.extra else {}
        if node.id == graph.root_id:
            ours |= {
                "revision": revision,
                "journey": {"metadata": dict(attributes.metadata), "extra": dict(attributes.extra)},
            }
        engines = _engines_notes(node, notes.get(node.id))
        if node.kind:
            engines["kind"] = node.kind
        engines["reachable_follow_ups"] = follow_ups.get(node.id, [])
        documents.append(
            {
                "id": derived_id("node", journey_id, node.id),
                "node_id": node.id,
                "version": version,
                "creation_utc": next(times),
                "journey_id": journey_id,
                "action": node.action,
                "tools": [ToolId.from_string(tool) for tool in node.tools],
                "metadata": {**node.metadata, ENGINES: engines, **({OURS: ours} if ours else {})},
                "description": node.description,
                "composition_mode": node.composition_mode,
                "labels": list(node.labels),
            }
        )
    return documents


def _engines_notes(node: Node, before: Mapping[str, Any] | None) -> dict[str, Any]:
    if before is None or before["action"] != node.action or [":".join(tool) for tool in before["tools"]] != list(node.tools):
        return {}
    notes = before["metadata"].get(ENGINES)
    return without(notes, ("kind", "reachable_follow_ups")) if isinstance(notes, dict) else {}


def edge_documents(journey_id: str, graph: Graph, version: str) -> list[dict[str, Any]]:
    """The documents of the edges. Their ids in Parlant follow from ours, so that they survive an edit elsewhere in the graph."""
    times = _moments()
    return [
        {
            "id": derived_id("edge", journey_id, edge.id),
            "version": version,
            "creation_utc": next(times),
            "journey_id": journey_id,
            "condition": edge.condition,
            "source": edge.source,
            "target": edge.target,
            "metadata": {**edge.metadata, OURS: {"id": edge.id, **({"extra": dict(edge.extra)} if edge.extra else {})}},
        }
        for edge in graph.edges
    ]


def association_documents(journey_id: str, key: str, values: Sequence[str], version: str) -> list[dict[str, Any]]:
    """The documents that tie a journey to its conditions or tags, in order."""
    times = _moments()
    return [
        {
            "id": derived_id(key, journey_id, value),
            "version": version,
            "creation_utc": next(times),
            "journey_id": journey_id,
            key: value,
        }
        for value in values
    ]


def _moments() -> Any:
    """Moments that grow by a microsecond, spelled alike: the store orders its documents by this text."""
    now = datetime.now(timezone.utc)
    while True:
        yield now.isoformat(timespec="microseconds")
        now += timedelta(microseconds=1)
