"""For `parlant-server run --module scripted_cli_module --module lockstep_module`: the scripted model and the controls in CLI mode."""

from typing import Any

import lockstep_module
import parlant.bin.server as server
from controls import install_controls
from scripted_model import Script, ScriptedModel

_script = Script()
_configure_ours = lockstep_module.configure_api


async def _configure_with_controls(app: Any) -> None:
    await _configure_ours(app)
    install_controls(app, _script)


lockstep_module.configure_api = _configure_with_controls
for _name in list(server.NLP_SERVICE_INITIALIZERS):
    server.NLP_SERVICE_INITIALIZERS[_name] = lambda container: ScriptedModel(_script)
