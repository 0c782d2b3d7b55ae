"""A real HTTP server on loopback that keeps what is posted and answers as it is told.

async with running_webhook() as hook:
    hook.answers.append(Answer(status=503, headers={"Retry-After": "7"}))
"""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
from aiohttp import web

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the server says to one request.

    ``hangs``: nothing at all; ``resets``: it cuts the connection; ``is_endless``: its
    body never ends; ``stalls``: it begins its body, and no more.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    hangs: bool = False
    resets: bool = False
    is_endless: bool = False
    stalls: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"


@dataclass(slots=True, kw_only=True)
class Webhook:
    """What was posted, and the answers still to be given; 200 when there are none."""

    origin: str = ""
    posted: list[Posted] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    was_stopped: bool = False
    """Whether the client hung up on an endless answer."""


@asynccontextmanager
async def running_webhook(
    tls: ssl.SSLContext | None = None, *, host: str = HOST
) -> AsyncIterator[Webhook]:
    """Serve every path on a free port; ``host`` is how the origin names it."""
    hook = Webhook()

    async def handle(request: web.Request) -> web.StreamResponse:
        hook.posted.append(
            Posted(
                path=request.path_qs,
                headers=dict(request.headers),
                body=await request.read(),
                method=request.method,
            )
        )
        answer = hook.answers.pop(0) if hook.answers else Answer()
        if answer.hangs:
            await anyio.sleep_forever()
        if answer.resets:
            assert request.transport is not None
            request.transport.abort()
        if answer.is_endless or answer.stalls:
            await pour(request, answer)
        return web.Response(
            status=answer.status, headers=answer.headers, text=answer.text
        )

    async def pour(request: web.Request, answer: Answer) -> None:
        response = web.StreamResponse(status=answer.status, headers=answer.headers)
        await response.prepare(request)
        try:
            await response.write(answer.text.encode())
            if answer.stalls:
                await anyio.sleep_forever()
            while True:
                await response.write(b"x" * 65_536)
        finally:
            hook.was_stopped = True

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, HOST, 0, ssl_context=tls)
        await site.start()
        _, port = runner.addresses[0][:2]
        scheme = "http" if tls is None else "https"
        hook.origin = f"{scheme}://{host}:{port}"
        yield hook
    finally:
        await runner.cleanup()
