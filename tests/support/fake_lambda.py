"""Lambda's Invoke over HTTP, with its documented limits: functions that do as told.

async with running_fake_lambda() as (url, functions):
    functions["enrich"] = FakeFunction()
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

MAX_EVENT_BYTES = 1024 * 1024
MAX_REQUEST_BYTES = 6 * 1024 * 1024


@dataclass(slots=True, kw_only=True)
class FakeFunction:
    """What it was invoked with, and how it ends."""

    payloads: list[dict[str, Any]] = field(default_factory=list)
    error: bytes | None = None
    """What a failing function returns; only who waits for it sees that."""
    faults: list[tuple[int, str, dict[str, str]]] = field(default_factory=list)
    """Status, code and headers of the service's own answers, used up in order."""


@asynccontextmanager
async def running_fake_lambda() -> AsyncIterator[tuple[str, dict[str, FakeFunction]]]:
    """Serve on a free port; give the address and the functions that there are."""
    functions: dict[str, FakeFunction] = {}

    async def invoke(request: web.Request) -> web.Response:
        name = request.match_info["name"].rpartition(":function:")[2]
        function = functions.get(name)
        if function is None:
            return _fault(404, "ResourceNotFoundException", {})
        if function.faults:
            return _fault(*function.faults.pop(0))
        is_event = request.headers["X-Amz-Invocation-Type"] == "Event"
        body = await request.read()
        if len(body) > (MAX_EVENT_BYTES if is_event else MAX_REQUEST_BYTES):
            return _fault(413, "RequestTooLargeException", {})
        function.payloads.append(json.loads(body))
        return web.Response(status=202) if is_event else _ended(function)

    application = web.Application(client_max_size=2 * MAX_REQUEST_BYTES)
    path = "/2015-03-31/functions/{name}/invocations"
    application.router.add_post(path, invoke)
    server = TestServer(application)
    await server.start_server()
    try:
        yield str(server.make_url("/")).rstrip("/"), functions
    finally:
        await server.close()


def _ended(function: FakeFunction) -> web.Response:
    if function.error is None:
        return web.Response(body=b"null")
    headers = {"X-Amz-Function-Error": "Unhandled"}
    return web.Response(body=function.error, headers=headers)


def _fault(status: int, code: str, headers: dict[str, str]) -> web.Response:
    return web.json_response(
        {"Message": code, "Type": "User"},
        status=status,
        headers={"X-Amzn-ErrorType": code, **headers},
    )
