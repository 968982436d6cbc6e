"""Lets Parlant's own readers of a journey see it whole.

The engine and the chart of a journey read its edges and its nodes one after the other, each under the store's lock but not both. In
between a writer could replace the graph. Here both reads are put under one reader's lock; the lock is re-entrant for its task.
"""

from typing import Any, Awaitable, Callable

from lagom import Container
from parlant.core.app_modules.journeys import JourneyModule
from parlant.core.journey_guideline_projection import JourneyGuidelineProjection
from parlant.core.journeys import JourneyStore

from .documents import write_files_whole

_MARK = "_lockstep_reads_whole"


def install_consistent_reading(container: Container) -> None:
    """Wraps the two readers, once per process, and sees to whole files."""
    store: Any = container[JourneyStore]
    write_files_whole(store._node_association_collection)
    _wrap(JourneyGuidelineProjection, "project_journey_to_guidelines")
    _wrap(JourneyModule, "read")


def _wrap(owner: type, name: str) -> None:
    original: Callable[..., Awaitable[Any]] = getattr(owner, name)
    if getattr(original, _MARK, False):
        return

    async def reads_whole(self: Any, *arguments: Any, **named: Any) -> Any:
        async with self._journey_store._lock.reader_lock:
            return await original(self, *arguments, **named)

    setattr(reads_whole, _MARK, True)
    setattr(owner, name, reads_whole)
