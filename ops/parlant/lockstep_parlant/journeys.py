"""Journeys as wholes: read, created, changed, under one lock and a version."""

import asyncio
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any, Awaitable, Callable, Mapping, Sequence

from lagom import Container
from parlant.core.agents import CompositionMode
from parlant.core.common import ItemNotFoundError, md5_checksum
from parlant.core.guidelines import GuidelineStore
from parlant.core.journeys import Journey, JourneyId, JourneyNodeId, JourneyStore
from parlant.core.persistence.common import ObjectId
from parlant.core.tags import Tag

from . import limits
from .documents import Replacement, documents_of
from .graph import Graph, derived_id, without
from .graph_reading import Problems, read_graph
from .refusals import Refusal, conflict, invalid, not_found
from .stored_journeys import (
    Attributes,
    StoredJourney,
    association_documents,
    content_digest,
    edge_documents,
    node_documents,
    read_stored,
)

ANY_VERSION = "*"
_ATTRIBUTE_MEMBERS = (
    "id title description conditions condition_texts root_id labels tags priority composition_mode metadata".split()
)

_CHANGEABLE = "expected_version root_id nodes edges condition_texts labels tags metadata extra".split()


async def uninterrupted(work: Callable[[], Awaitable[Any]]) -> Any:
    """Runs `work` to its end although the client that asked for it may go away. Locks belong to tasks, so it is one of its own."""
    return await asyncio.shield(asyncio.ensure_future(work()))


class Journeys:
    """All reads hold the reader's side of the store's lock, all changes the writer's side, from the first look to the last write."""

    def __init__(self, container: Container) -> None:
        self._store: Any = container[JourneyStore]
        self._guidelines = container[GuidelineStore]

    async def versions(self) -> dict[str, str]:
        """The versions of all journeys, by id."""
        async with self._store._lock.reader_lock:
            ids = [journey.id for journey in await self._store.list_journeys()]
            return {id: (await self._read(id)).version for id in ids}

    async def read(self, journey_id: str) -> StoredJourney:
        async with self._store._lock.reader_lock:
            return await self._read(journey_id)

    async def create(self, journey_id: str, body: Mapping[str, Any]) -> tuple[StoredJourney, bool]:
        """Makes the journey with its graph; answers whether it is new. One that is there already must be equal."""
        problems = Problems()
        if not journey_id or len(journey_id) > limits.ID_CHARACTERS or journey_id != journey_id.strip() or "/" in journey_id:
            problems.add("bad_id", "id", f"{journey_id!r} cannot be the id of a journey")
        attributes = _read_attributes(body.get("journey"), problems)
        root = body["journey"].get("root_id") if isinstance(body.get("journey"), dict) else None
        graph = read_graph({**body, "root_id": root}, f"{journey_id}.root", problems)
        problems.raise_if_any()
        return await uninterrupted(lambda: self._create(journey_id, attributes, graph))

    async def change(self, journey_id: str, body: Mapping[str, Any], expected: str) -> tuple[StoredJourney, bool]:
        """Makes the journey what `body` says of it, if its version is `expected`; answers whether anything changed.

        What `body` does not name stays: the graph (`root_id`, `nodes`, `edges`, together), `condition_texts`, `labels`, `tags`,
        `metadata`, `extra`. All of it changes at once, or nothing.
        """
        return await uninterrupted(lambda: self._change(journey_id, body, expected))

    # MARK: under the lock

    async def _read(self, journey_id: str) -> StoredJourney:
        try:
            journey = await self._store.read_journey(journey_id)
        except ItemNotFoundError:
            raise not_found("journey", journey_id) from None
        nodes = await self._store.list_nodes(journey_id)
        edges = await self._store.list_edges(journey_id)
        return read_stored(journey, nodes, edges, [await self._condition_text(id) for id in journey.conditions])

    async def _condition_text(self, guideline_id: Any) -> str:
        try:
            return (await self._guidelines.read_guideline(guideline_id)).content.condition
        except ItemNotFoundError:
            return f"unknown guideline {guideline_id}"

    async def _create(self, journey_id: str, attributes: Attributes, graph: Graph) -> tuple[StoredJourney, bool]:
        async with self._store._lock.writer_lock:
            try:
                present = await self._read(journey_id)
            except Refusal:
                present = None
            if present is not None:
                if content_digest(present.attributes, present.graph) == content_digest(attributes, graph):
                    return present, False
                raise Refusal(
                    409, "exists", f"the journey {journey_id!r} exists and is another one", version=present.version
                )
            self._check_foreign_ids(journey_id, graph)
            guidelines = await self._make_guidelines(journey_id, attributes.condition_texts)
            try:
                await self._make_searchable(journey_id, attributes)
                document = self._journey_document(journey_id, attributes)
                await self._write(journey_id, attributes, graph, 1, guidelines, added=[document]).apply()
            except BaseException:
                await self._make_unsearchable(journey_id)
                await self._drop_guidelines(journey_id, guidelines)
                raise
            return await self._read(journey_id), True

    async def _change(self, journey_id: str, body: Mapping[str, Any], expected: str) -> tuple[StoredJourney, bool]:
        problems = Problems()
        async with self._store._lock.writer_lock:
            present = await self._read(journey_id)
            attributes = _changed(present.attributes, body, problems)
            graph = present.graph
            if "nodes" in body or "edges" in body:
                graph = read_graph(body, graph.root_id, problems)
            problems.raise_if_any()
            if content_digest(present.attributes, present.graph) == content_digest(attributes, graph):
                return present, False  # also the repetition of a request whose answer was lost
            if expected not in (ANY_VERSION, present.version):
                raise conflict(expected, present.version)
            self._check_foreign_ids(journey_id, graph)
            ids = dict(zip(present.attributes.condition_texts, present.condition_ids))
            fresh = [text for text in attributes.condition_texts if text not in ids]
            made = await self._make_guidelines(journey_id, fresh)
            ids |= dict(zip(fresh, made))
            conditions = [ids[text] for text in attributes.condition_texts]
            try:
                await self._write(journey_id, attributes, graph, present.revision + 1, conditions).apply()
            except BaseException:
                await self._drop_guidelines(journey_id, made)
                raise
            await self._drop_guidelines(journey_id, [id for id in present.condition_ids if id not in conditions])
            return await self._read(journey_id), True

    def _check_foreign_ids(self, journey_id: str, graph: Graph) -> None:
        """Node ids are global in Parlant, which does not check them."""
        ids = {node.id for node in graph.nodes}
        foreign = {
            document["node_id"]: document["journey_id"]
            for document in documents_of(self._store._node_association_collection)
            if document["node_id"] in ids and document["journey_id"] != journey_id
        }
        if foreign:
            raise invalid(
                [
                    {"code": "foreign_id", "place": "nodes", "detail": f"the node id {id!r} belongs to the journey {other!r}"}
                    for id, other in sorted(foreign.items())[: limits.PROBLEMS_REPORTED]
                ]
            )

    def _write(
        self,
        journey_id: str,
        attributes: Attributes,
        graph: Graph,
        revision: int,
        conditions: Sequence[str],
        added: Sequence[dict[str, Any]] = (),
    ) -> Replacement:
        """Everything that the store knows of the journey, to be exchanged at once."""
        store, version = self._store, self._store.VERSION.to_string()
        nodes, edges = store._node_association_collection, store._edge_association_collection
        before = [document for document in documents_of(nodes) if document["journey_id"] == journey_id]
        parts: list[tuple[Any, list[dict[str, Any]]]] = [
            (nodes, node_documents(journey_id, attributes, graph, revision, before, version)),
            (edges, edge_documents(journey_id, graph, version)),
            (
                store._condition_association_collection,
                association_documents(journey_id, "condition", conditions, version),
            ),
            (store._tag_association_collection, association_documents(journey_id, "tag_id", attributes.tags, version)),
        ]
        replacement = Replacement()
        for collection, documents in parts:
            others = [document for document in documents_of(collection) if document["journey_id"] != journey_id]
            replacement.put(collection, others + documents)
        replacement.put(
            store._collection,
            [
                {**document, "root_id": graph.root_id, "labels": list(attributes.labels)}
                if document["id"] == journey_id
                else document
                for document in [*documents_of(store._collection), *added]
            ],
        )
        return replacement

    def _journey_document(self, journey_id: str, attributes: Attributes) -> dict[str, Any]:
        """The document of a new journey; root and labels are filled in when it is written."""
        return self._store._serialize(
            Journey(
                id=JourneyId(journey_id),
                creation_utc=datetime.now(timezone.utc),
                description=attributes.description,
                conditions=[],
                title=attributes.title,
                root_id=JourneyNodeId(""),
                tags=[],
                composition_mode=CompositionMode(attributes.composition_mode) if attributes.composition_mode else None,
                priority=attributes.priority,
            )
        )

    async def _make_searchable(self, journey_id: str, attributes: Attributes) -> None:
        """The entry by which the engine finds journeys near to what is said. It lives in memory; Parlant leaves those of deleted ones."""
        store = self._store
        await self._make_unsearchable(journey_id)
        content = store.assemble_content(title=attributes.title, description=attributes.description, nodes=[], edges=[])
        await store._vector_collection.insert_one(
            document={
                "id": ObjectId(derived_id("vector", journey_id)),
                "version": store.VERSION.to_string(),
                "journey_id": journey_id,
                "content": content,
                "checksum": md5_checksum(content),
            }
        )

    async def _make_unsearchable(self, journey_id: str) -> None:
        vectors = self._store._vector_collection
        for document in list(getattr(vectors, "_documents", [])):
            if document.get("journey_id") == journey_id:
                await vectors.delete_one({"id": {"$eq": document["id"]}})

    async def _make_guidelines(self, journey_id: str, texts: Sequence[str]) -> list[Any]:
        """A guideline for each text, tagged from the start: one without a tag would be matched for every agent."""
        made: list[Any] = []
        try:
            for text in texts:
                tags = [Tag.for_journey_id(journey_id).id]  # type: ignore[arg-type]
                made.append((await self._guidelines.create_guideline(condition=text, action=None, tags=tags)).id)
        except BaseException:
            await self._drop_guidelines(journey_id, made)
            raise
        return made

    async def _drop_guidelines(self, journey_id: str, ids: Sequence[Any]) -> None:
        """Deletes guidelines that serve this journey alone; takes its tag from the others."""
        own = Tag.for_journey_id(journey_id).id  # type: ignore[arg-type]
        for id in ids:
            try:
                guideline = await self._guidelines.read_guideline(id)
                if list(guideline.tags) == [own]:
                    await self._guidelines.delete_guideline(id)
                else:
                    await self._guidelines.remove_tag(id, own)
            except ItemNotFoundError:
                continue


def _extra(value: dict[str, Any]) -> dict[str, Any]:
    return without(value, _ATTRIBUTE_MEMBERS)


def _read_attributes(body: Any, problems: Problems) -> Attributes:
    if not isinstance(body, dict):
        problems.add("type", "journey", "journey must be an object")
        body = {}
    title = problems.text(body.get("title"), "journey.title", at_most=limits.TITLE_CHARACTERS)
    if title is None:
        problems.add("missing_title", "journey.title", "a journey needs a title of 1 to 100 characters")
    priority = body.get("priority", 0)
    if not isinstance(priority, int) or isinstance(priority, bool):
        problems.add("type", "journey.priority", "journey.priority must be a whole number")
    return Attributes(
        title=title or "",
        description=problems.text(body.get("description"), "journey.description") or "",
        condition_texts=_conditions(body.get("condition_texts"), problems),
        labels=problems.labels(body.get("labels"), "journey.labels"),
        tags=problems.labels(body.get("tags"), "journey.tags"),
        priority=priority,
        composition_mode=problems.composition_mode(body.get("composition_mode"), "journey.composition_mode"),
        metadata=problems.object(body.get("metadata"), "journey.metadata"),
        extra=_extra(body),
    )


def _conditions(value: Any, problems: Problems) -> tuple[str, ...]:
    texts = problems.texts(
        value, "condition_texts", at_most=limits.CONDITIONS, characters=limits.TEXT_CHARACTERS
    )
    if len(set(texts)) != len(texts):
        problems.add("duplicate_condition", "condition_texts", "a condition is named twice")
    return texts


def _changed(present: Attributes, body: Mapping[str, Any], problems: Problems) -> Attributes:
    for name in without(body, _CHANGEABLE):
        problems.add("not_changeable", name, f"{name!r} of a journey that exists cannot be changed here")
    changes: dict[str, Any] = {}
    if "condition_texts" in body:
        changes["condition_texts"] = _conditions(body["condition_texts"], problems)
    for name in ("labels", "tags"):
        if name in body:
            changes[name] = problems.labels(body[name], name)
    if "metadata" in body:
        changes["metadata"] = problems.object(body["metadata"], "metadata")
    if "extra" in body:
        changes["extra"] = _extra(problems.object(body["extra"], "extra"))
    return replace(present, **changes)
