"""A real HTTP server on loopback that keeps what is posted and answers as it is told.

async with running_webhook() as hook:
    hook.answers.append(Answer(status=503, headers={"Retry-After": "7"}))
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
from aiohttp import web

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the server says to one request; ``hangs``: nothing at all."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    hangs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True, kw_only=True)
class Webhook:
    """What was posted, and the answers still to be given; 200 when there are none."""

    origin: str = ""
    posted: list[Posted] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)


@asynccontextmanager
async def running_webhook() -> AsyncIterator[Webhook]:
    """Serve every path on a free port."""
    hook = Webhook()

    async def handle(request: web.Request) -> web.Response:
        hook.posted.append(
            Posted(
                path=request.path_qs,
                headers=dict(request.headers),
                body=await request.read(),
            )
        )
        answer = hook.answers.pop(0) if hook.answers else Answer()
        if answer.hangs:
            await anyio.sleep_forever()
        return web.Response(
            status=answer.status, headers=answer.headers, text=answer.text
        )

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, HOST, 0)
        await site.start()
        _, port = runner.addresses[0][:2]
        hook.origin = f"http://{HOST}:{port}"
        yield hook
    finally:
        await runner.cleanup()
