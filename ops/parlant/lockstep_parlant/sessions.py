"""Where a session stands in its journeys: read, set, and tied to an execution."""

import asyncio
import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import Any, Mapping, Sequence

from lagom import Container
from parlant.core.background_tasks import BackgroundTaskService
from parlant.core.common import ItemNotFoundError
from parlant.core.journeys import JourneyStore
from parlant.core.sessions import AgentState, Session, SessionStore

from . import limits
from .graph import END
from .graph_reading import Problems
from .journeys import Journeys, uninterrupted
from .refusals import Refusal, not_found

TRACE_PREFIX = "lockstep-"
# The member of a session's metadata that names its execution; Parlant's own routes show it too.
EXECUTION_KEY = "lockstep_execution_id"
UNCHECKED = object()


@dataclass(frozen=True)
class Expectation:
    """What the session was when somebody decided to set its place; a member that is UNCHECKED is not compared."""

    trace: Any = UNCHECKED
    offset: Any = UNCHECKED


class Sessions:
    """Changes hold the writer's side of the session store's lock, so no event and no state comes between check and write."""

    def __init__(self, container: Container, journeys: Journeys) -> None:
        self._store: Any = container[SessionStore]
        self._tasks = container[BackgroundTaskService]
        self._journey_store: Any = container[JourneyStore]
        self._journeys = journeys
        if not hasattr(self._store, "_lock"):
            raise RuntimeError(f"a {type(self._store).__name__} has no lock that this module could hold")

    async def state(self, session_id: str, shown: int, wait: float) -> dict[str, Any]:
        """The session's place. Waits up to `wait` seconds for a turn that is under way, whose state is written last."""
        await self._settle(session_id, wait)
        async with self._store._lock.reader_lock:
            return await self._describe(await self._read(session_id), shown)

    async def marks(self) -> dict[str, str]:
        """For each session a text that is another one whenever its events, its place or what it is have changed.

        One pass over all events, which is what the store takes to list the events of a single session. Metadata that are
        added to an event later are not looked at.
        """
        async with self._store._lock.reader_lock:
            sessions = (await self._store.list_sessions()).items
            documents = (await self._store._event_collection.find(filters={})).items
            ends: dict[Any, tuple[int, int]] = {}
            for document in documents:
                last, live = ends.get(document["session_id"], (-1, 0))
                offset, deleted = document["offset"], document["deleted"]
                ends[document["session_id"]] = (max(last, offset), live if deleted else live + 1)
            return {session.id: self._mark(session, ends.get(session.id, (-1, 0))) for session in sessions}

    async def force(
        self, session_id: str, paths: Any, expectation: Expectation, shown: int, wait: float
    ) -> dict[str, Any]:
        """Sets the paths of some journeys by node ids (None in the last place: the journey is left)."""
        return await uninterrupted(lambda: self._force(session_id, paths, expectation, shown, wait))

    async def bind(self, session_id: str, execution: str) -> tuple[dict[str, Any], bool]:
        """Ties the session to an execution, once and for all; answers whether it was not tied before."""
        return await uninterrupted(lambda: self._bind(session_id, execution))

    # MARK: under the lock

    async def _read(self, session_id: str) -> Session:
        try:
            return await self._store.read_session(session_id)
        except ItemNotFoundError:
            raise not_found("session", session_id) from None

    async def _force(
        self, session_id: str, paths: Any, expectation: Expectation, shown: int, wait: float
    ) -> dict[str, Any]:
        indexes = await self._indexes(paths)
        await self._settle(session_id, wait)
        async with self._store._lock.writer_lock:
            session = await self._read(session_id)
            if self._turn(session_id) is not None:
                raise Refusal(409, "turn_in_progress", "a turn is under way; its state is not written yet")
            last = session.agent_states[-1] if session.agent_states else None
            present = {id: list(path) for id, path in last.journey_paths.items()} if last else {}
            wanted = {**present, **indexes}
            if wanted != present:  # else it is there already, perhaps by a request whose answer was lost
                await self._check(session, expectation)
                state = AgentState(
                    trace_id=TRACE_PREFIX + uuid.uuid4().hex,
                    applied_guideline_ids=list(last.applied_guideline_ids) if last else [],
                    journey_paths=wanted,
                )
                session = await self._store.update_session(
                    session_id, {"agent_states": [*session.agent_states, state]}
                )
            return await self._describe(session, shown)

    async def _bind(self, session_id: str, execution: str) -> tuple[dict[str, Any], bool]:
        async with self._store._lock.writer_lock:
            session = await self._read(session_id)
            present = session.metadata.get(EXECUTION_KEY)
            if present is not None and present != execution:
                raise Refusal(409, "bound", "the session belongs to another execution", execution=present)
            if present is None:
                session = await self._store.set_metadata(session_id, EXECUTION_KEY, execution)
            return await self._describe(session, limits.STATES_SHOWN), present is None

    async def _check(self, session: Session, expectation: Expectation) -> None:
        last_trace = session.agent_states[-1].trace_id if session.agent_states else None
        next_offset = await self._next_offset(session.id)
        trace_moved = expectation.trace is not UNCHECKED and expectation.trace != last_trace
        offset_moved = expectation.offset is not UNCHECKED and expectation.offset != next_offset
        if trace_moved or offset_moved:
            raise Refusal(
                409,
                "moved_on",
                "the session is not where it was expected to be",
                last_trace_id=last_trace,
                next_offset=next_offset,
            )

    def _mark(self, session: Session, end: tuple[int, int]) -> str:
        parts = [
            *end,
            len(session.agent_states),
            session.agent_states[-1].trace_id if session.agent_states else None,
            self._turn(session.id) is not None,
            [session.agent_id, session.customer_id, session.mode, session.title],
            [session.metadata, sorted(session.labels)],
        ]
        text = json.dumps(parts, sort_keys=True, default=str)
        return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:24]

    async def _next_offset(self, session_id: Any) -> int:
        """The offset that the next event will have. Deleted events keep theirs."""
        events = await self._store.list_events(session_id, exclude_deleted=False)
        return max((event.offset for event in events), default=-1) + 1

    async def _describe(self, session: Session, shown: int) -> dict[str, Any]:
        states = list(session.agent_states)[-shown:]
        nodes = await self._nodes({id for state in states for id in state.journey_paths})
        return {
            "session_id": session.id,
            "agent_id": session.agent_id,
            "customer_id": session.customer_id,
            "mode": session.mode,
            "labels": sorted(session.labels),
            "execution": session.metadata.get(EXECUTION_KEY),
            "busy": self._turn(session.id) is not None,
            "next_offset": await self._next_offset(session.id),
            "last_trace_id": session.agent_states[-1].trace_id if session.agent_states else None,
            "agent_states_total": len(session.agent_states),
            "agent_states": [_state_json(state, nodes) for state in states],
        }

    async def _nodes(self, journey_ids: set[Any]) -> dict[str, dict[str, str]]:
        """For each journey that exists, the node ids by index."""
        nodes: dict[str, dict[str, str]] = {}
        for id in journey_ids:
            try:
                graph = (await self._journeys.read(id)).graph
            except Refusal:
                continue
            nodes[id] = {index: node for node, index in graph.indexes().items()}
        return nodes

    async def _indexes(self, paths: Any) -> dict[Any, list[str | None]]:
        """The paths in the engine's numbers; everything that is wrong with them at once."""
        problems = Problems()
        if not isinstance(paths, dict) or not paths:
            problems.add("type", "journey_paths", "journey_paths must be an object with at least one journey")
            paths = {}
        indexes: dict[Any, list[str | None]] = {}
        for journey_id, path in paths.items():
            place = f"journey_paths.{journey_id}"
            if not isinstance(path, list) or len(path) > limits.PATH_ENTRIES:
                problems.add("type", place, f"{place} must be a list of at most {limits.PATH_ENTRIES} node ids")
                continue
            known = (await self._journeys.read(journey_id)).graph.indexes()
            for at, node in enumerate(path):
                if node is None and at != len(path) - 1:
                    problems.add("early_leave", f"{place}[{at}]", "null, which leaves the journey, can only come last")
                elif node is not None and (not isinstance(node, str) or node not in known or node == END):
                    problems.add("unknown_node", f"{place}[{at}]", f"{node!r} is no node that the journey can reach")
            indexes[journey_id] = [known.get(node) if node is not None else None for node in path]
        problems.raise_if_any()
        return indexes

    # MARK: turns

    def _turn(self, session_id: str) -> Any:
        """The engine's task for this session, while it runs. The engine says `ready` before it writes where it is."""
        task = self._tasks._tasks.get(f"process-session({session_id})")
        return task if task is not None and not task.done() else None

    async def _settle(self, session_id: str, wait: float) -> None:
        task = self._turn(session_id)
        if task is not None and wait > 0:
            await asyncio.wait({task}, timeout=min(wait, limits.SETTLE_SECONDS))


def _state_json(state: AgentState, nodes: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    return {
        "trace_id": state.trace_id,
        "forced": state.trace_id.startswith(TRACE_PREFIX),
        "applied_guideline_ids": list(state.applied_guideline_ids),
        "journey_paths": {
            id: {"indexes": list(path), "node_ids": _names(path, nodes.get(id, {}))}
            for id, path in state.journey_paths.items()
        },
    }


def _names(path: Sequence[str | None], nodes: Mapping[str, str]) -> list[str | None]:
    return [nodes.get(index) if index is not None else None for index in path]
