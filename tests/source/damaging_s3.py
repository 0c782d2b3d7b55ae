"""A real HTTP server that answers GetObject with bodies damaged on their way."""

import base64
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer

from relay.aws.clients import open_clients
from relay.config.aws_section import Aws
from relay.source.objects import S3Client

BODY = b"0123456789" * 100
QUEUE_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/relay"

Damage = Callable[[web.Request, web.StreamResponse], Awaitable[None]]
"""Sends BODY in its own way."""


@asynccontextmanager
async def damaging(
    *damages: Damage,
) -> AsyncIterator[S3Client]:
    """Give a client whose n-th answer is sent by ``damages[n]``; the last repeats."""
    left = list(damages)

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={
                "ETag": '"e1"',
                "Last-Modified": "Mon, 14 Sep 2026 05:42:40 GMT",
                "x-amz-checksum-crc32": base64.b64encode(
                    zlib.crc32(BODY).to_bytes(4, "big")
                ).decode(),
            }
        )
        response.content_length = len(BODY)
        damage = left.pop(0) if len(left) > 1 else left[0]
        await damage(request, response)
        return response

    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    server = TestServer(application)
    await server.start_server()
    try:
        async with AsyncExitStack() as stack:
            aws = Aws(region="us-east-1", endpoint_url=str(server.make_url("/")))
            yield (await open_clients(stack, aws, queue_url=QUEUE_URL)).s3
    finally:
        await server.close()


async def whole(request: web.Request, response: web.StreamResponse) -> None:
    """Send the body as it is."""
    await response.prepare(request)
    await response.write(BODY)


async def broken_off(request: web.Request, response: web.StreamResponse) -> None:
    """Send half of the body and close the connection."""
    await response.prepare(request)
    await response.write(BODY[: len(BODY) // 2])
    assert request.transport is not None
    request.transport.close()


async def corrupted(request: web.Request, response: web.StreamResponse) -> None:
    """Send a body of the right length that does not fit its checksum."""
    await response.prepare(request)
    await response.write(bytes(len(BODY)))
