"""What tests tell the server: what the model says, which write is to fail, and to start again.

Never load this in a server that others can reach.
"""

import asyncio
import os
import sys
from typing import Any

import lockstep_module
from fastapi import Body, FastAPI
from lockstep_parlant.documents import Replacement
from parlant.core.journey_guideline_projection import JourneyGuidelineProjection
from scripted_model import Script


def install_controls(app: FastAPI, script: Script) -> None:
    """Adds the routes below /lockstep-testing."""

    @app.post("/lockstep-testing/script")
    async def set_script(body: dict[str, Any] = Body(...)) -> dict[str, Any]:
        script.set(body)
        return {"answers": script.answers, "fails": script.fails}

    @app.post("/lockstep-testing/fault")
    async def fail_once(body: dict[str, Any] = Body(...)) -> dict[str, Any]:
        """The next replacement fails when it has exchanged `after` collections, in the middle of its work."""
        remaining, exchange = int(body["after"]), Replacement.exchange

        def exchange_until_it_fails(self: Replacement, collection: Any, documents: Any) -> None:
            nonlocal remaining
            if remaining == 0:
                Replacement.exchange = exchange  # type: ignore[method-assign]
                raise OSError("the test says that this write fails")
            remaining -= 1
            exchange(self, collection, documents)

        Replacement.exchange = exchange_until_it_fails  # type: ignore[method-assign]
        return {"after": remaining}

    @app.get("/lockstep-testing/journeys/{journey_id}/indexes")
    async def engines_indexes(journey_id: Any) -> dict[str, str]:
        """The numbers that the engine itself gives to the states."""
        assert lockstep_module._container is not None
        projection = lockstep_module._container[JourneyGuidelineProjection]
        guidelines: Any = await projection.project_journey_to_guidelines(journey_id)
        return {g.metadata["journey_node"]["index"]: g.id.split(":")[1] for g in guidelines}

    @app.post("/lockstep-testing/restart")
    async def restart() -> dict[str, Any]:
        """The process begins anew, with everything that it only remembered gone."""
        asyncio.get_running_loop().call_later(0.2, os.execv, sys.executable, [sys.executable, *sys.argv])
        return {}
