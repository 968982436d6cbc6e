"""What Parlant's REST interface lacks, as a module that the Parlant server loads.

Journeys with their nodes and edges, read and written as a whole under a version; the place of a session in its journeys, read and
set; the execution that a session belongs to. README.md says how to load it, what it answers and what it guarantees.
"""

import sys
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from lagom import Container

# The server imports this file by its name; the rest lies beside it.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from lockstep_parlant.consistent_reading import install_consistent_reading  # noqa: E402
from lockstep_parlant.routes import install_routes  # noqa: E402

_container: Container | None = None
_mode = "sdk"


async def initialize_container(container: Container) -> None:
    """SDK mode, called by the server when its stores exist: `p.Server(initialize_container=…)` or PARLANT_SDK_MODULE."""
    global _container
    _container = container
    install_consistent_reading(container)


async def configure_api(app: FastAPI) -> None:
    """SDK mode, called by the server when its own routes exist: `p.Server(configure_api=…)` or PARLANT_SDK_MODULE."""
    if _container is None:
        raise RuntimeError("lockstep_module.initialize_container must be given to the server together with configure_api")
    install_routes(app, _container, mode=_mode)


async def initialize_module(container: Container) -> None:
    """CLI mode, called by `parlant-server run --module lockstep_module`.

    Modules of the command line may not add routes, so the one function that builds the application is wrapped.
    """
    global _mode
    _mode = "cli"
    await initialize_container(container)
    for name in ("parlant.bin.server", "__main__"):
        module: Any = sys.modules.get(name)
        build = getattr(module, "create_api_app", None)
        if build is not None:
            module.create_api_app = _with_our_routes(build)


async def shutdown_module() -> None:
    """CLI mode, called when the server ends."""
    global _container
    _container = None


def _with_our_routes(build: Any) -> Any:
    async def build_with_our_routes(container: Container, configure: Any = None, *rest: Any, **named: Any) -> Any:
        async def configure_both(app: FastAPI) -> FastAPI:
            other = await configure(app) if configure else None
            await configure_api(other or app)
            return other or app

        return await build(container, configure_both, *rest, **named)

    return build_with_our_routes
