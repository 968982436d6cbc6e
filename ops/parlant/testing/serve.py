"""The real Parlant server in SDK mode, with our module, the scripted model, and controls for tests.

Environment: PORT, TOOL_PORT (loopback only), PARLANT_HOME (where sessions outlive a restart).
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

import lockstep_module  # noqa: E402
import parlant.sdk as p  # noqa: E402
from controls import install_controls  # noqa: E402
from scripted_model import Script, ScriptedModel  # noqa: E402


async def main() -> None:
    script = Script()

    async def configure_api(app: Any) -> None:
        await lockstep_module.configure_api(app)
        install_controls(app, script)

    async with p.Server(
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        tool_service_port=int(os.environ["TOOL_PORT"]),
        nlp_service=lambda container: ScriptedModel(script),
        session_store="local",
        log_level=p.LogLevel.WARNING,
        initialize_container=lockstep_module.initialize_container,
        configure_api=configure_api,
    ):
        pass


asyncio.run(main())
