"""The HTTP face of the module: everything below /lockstep."""

import json
import uuid
from importlib.metadata import version
from typing import Any, Awaitable, Callable

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from lagom import Container
from parlant.api.authorization import (
    AuthorizationException,
    AuthorizationPolicy,
    Operation,
    RateLimitExceededException,
)
from parlant.core.loggers import Logger
from starlette.routing import Route

from . import MODULE_VERSION, limits
from .journeys import Journeys
from .refusals import Refusal
from .sessions import UNCHECKED, Expectation, Sessions

Answer = tuple[int, Any]
_INSTANCE = uuid.uuid4().hex


def install_routes(app: FastAPI, container: Container, *, mode: str) -> None:
    """Adds the routes to the server's application, under the server's own rules of authorization."""
    journeys = Journeys(container)
    sessions = Sessions(container, journeys)

    async def module(request: Request) -> Answer:
        return 200, {
            "module": "lockstep",
            "module_version": MODULE_VERSION,
            "parlant": version("parlant"),
            "fastapi": version("fastapi"),
            "mode": mode,
            "instance": _INSTANCE,
        }

    async def list_journeys(request: Request) -> Answer:
        return 200, {"versions": await journeys.versions()}

    async def read_journey(request: Request) -> Answer:
        return _journey(200, await journeys.read(_id(request)))

    async def create_journey(request: Request) -> Answer:
        journey, is_new = await journeys.create(_id(request), await _body(request))
        return _journey(201 if is_new else 200, journey, changed=is_new)

    async def change_journey(request: Request) -> Answer:
        body = await _body(request)
        journey, changed = await journeys.change(_id(request), body, _expected(request, body))
        return _journey(200, journey, changed=changed)

    async def replace_graph(request: Request) -> Answer:
        body = await _body(request)
        expected = _expected(request, body)
        journey, changed = await journeys.change(_id(request), {"nodes": [], "edges": [], **body}, expected)
        return _journey(200, journey, changed=changed)

    async def survey_sessions(request: Request) -> Answer:
        return 200, {"instance": _INSTANCE, "marks": await sessions.marks()}

    async def read_state(request: Request) -> Answer:
        return 200, await sessions.state(_id(request), _shown(request), _wait(request))

    async def force_state(request: Request) -> Answer:
        body = await _body(request)
        expectation = Expectation(body.get("expected_trace", UNCHECKED), body.get("expected_offset", UNCHECKED))
        paths = body.get("journey_paths")
        return 200, await sessions.force(_id(request), paths, expectation, _shown(request), _wait(request))

    async def bind_execution(request: Request) -> Answer:
        body = await _body(request)
        execution = body.get("execution")
        if not isinstance(execution, str) or not execution or len(execution) > limits.ID_CHARACTERS:
            raise Refusal(422, "invalid", "execution must be a text that is not empty", problems=[])
        state, is_new = await sessions.bind(_id(request), execution)
        return 201 if is_new else 200, state

    for method, path, handler, operation in (
        ("GET", "/lockstep/module", module, None),
        ("GET", "/lockstep/journeys", list_journeys, Operation.LIST_JOURNEYS),
        ("GET", "/lockstep/journeys/{id}", read_journey, Operation.READ_JOURNEY),
        ("PUT", "/lockstep/journeys/{id}", create_journey, Operation.CREATE_JOURNEY),
        ("PATCH", "/lockstep/journeys/{id}", change_journey, Operation.UPDATE_JOURNEY),
        ("GET", "/lockstep/journeys/{id}/graph", read_journey, Operation.READ_JOURNEY),
        ("PUT", "/lockstep/journeys/{id}/graph", replace_graph, Operation.UPDATE_JOURNEY),
        ("GET", "/lockstep/sessions", survey_sessions, Operation.LIST_SESSIONS),
        ("GET", "/lockstep/sessions/{id}/state", read_state, Operation.READ_SESSION),
        ("POST", "/lockstep/sessions/{id}/state", force_state, Operation.UPDATE_SESSION),
        ("PUT", "/lockstep/sessions/{id}/execution", bind_execution, Operation.UPDATE_SESSION),
    ):
        endpoint = _guarded(handler, operation, container)
        # Before the server's own routes would be no different; it has none below /lockstep.
        app.router.routes.append(Route(path, endpoint, methods=[method]))


def _guarded(
    handler: Callable[[Request], Awaitable[Answer]], operation: Operation | None, container: Container
) -> Callable[[Request], Awaitable[JSONResponse]]:
    """Authorizes, and turns every refusal and every fault into JSON. A fault's text stays in the server's log."""

    async def endpoint(request: Request) -> JSONResponse:
        try:
            if operation is not None:
                await container[AuthorizationPolicy].authorize(request=request, operation=operation)
            status, body = await handler(request)
        except Refusal as refusal:
            status, body = refusal.status, refusal.body
        except AuthorizationException:
            status, body = 403, {"error": "forbidden", "detail": "the server's policy does not allow this"}
        except RateLimitExceededException:
            status, body = 429, {"error": "rate_limited", "detail": "too many requests for the server's policy"}
        except Exception as fault:
            container[Logger].error(f"lockstep module: {type(fault).__name__}: {fault}")
            detail = f"{type(fault).__name__}; nothing was changed. The server's log says more"
            status, body = 500, {"error": "failed", "detail": detail}
        headers = {"ETag": f'"{body["version"]}"'} if isinstance(body, dict) and "version" in body else None
        return JSONResponse(body, status_code=status, headers=headers)

    return endpoint


def _journey(status: int, journey: Any, **more: Any) -> Answer:
    return status, {**journey.to_json(), **more}


def _id(request: Request) -> str:
    return str(request.path_params["id"])


async def _body(request: Request) -> dict[str, Any]:
    """The JSON object of the request, within the limit, exact in what PostgreSQL and Parlant can hold."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > limits.BODY_BYTES:
            raise Refusal(413, "too_large", f"the body has more than {limits.BODY_BYTES} bytes", limit=limits.BODY_BYTES)
    try:
        body = json.loads(bytes(content), parse_constant=_refuse_constant)
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Refusal(400, "malformed", "the body is not JSON in UTF-8") from None
    if not isinstance(body, dict):
        raise Refusal(400, "malformed", "the body is not a JSON object")
    return body


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _expected(request: Request, body: dict[str, Any]) -> str:
    """The version that the caller has seen; `*` says that any will do. There is no default."""
    header = request.headers.get("if-match")
    expected = body.get("expected_version") if header is None else header.removeprefix("W/").strip('"')
    if not isinstance(expected, str) or not expected:
        raise Refusal(428, "no_expected_version", "say If-Match or expected_version: the version that you have seen, or *")
    return expected


def _shown(request: Request) -> int:
    return int(_number(request, "states", limits.STATES_SHOWN, 1, limits.STATES_SHOWN_AT_MOST))


def _wait(request: Request) -> float:
    return _number(request, "wait", 0, 0, limits.SETTLE_SECONDS)


def _number(request: Request, name: str, default: float, least: float, most: float) -> float:
    try:
        value = float(request.query_params.get(name, default))
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        raise Refusal(422, "invalid", f"{name} must be a number from {least:g} to {most:g}", problems=[])
    return value
