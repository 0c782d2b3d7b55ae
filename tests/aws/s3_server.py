"""A real HTTP server that answers S3's GetObject as a test wants it."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiobotocore.awsrequest import AioAWSResponse
from aiohttp import web
from aiohttp.test_utils import TestServer
from botocore.awsrequest import AWSPreparedRequest

from relay.aws.clients import open_clients
from relay.clock import Clock
from relay.config.aws_section import Aws

BODY = b"the object"
QUEUE_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/relay"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request: what it asked for, and with whose key for which region."""

    method: str
    path: str
    key_id: str
    region: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An error answer; ``members`` stand in its body beside the code and the text."""

    status: int
    code: str
    text: str = "made up"
    members: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> bytes:
        """Return the document that S3's "Error responses" describes."""
        members = {"Code": self.code, "Message": self.text, **self.members}
        inner = "".join(f"<{name}>{text}</{name}>" for name, text in members.items())
        return f'<?xml version="1.0"?><Error>{inner}</Error>'.encode()


Answer = Callable[[Asked], Fault | None]
"""Returns what is wrong with a request; None gives BODY."""


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Server:
    """A client of the server, and what the server was asked."""

    s3: Any
    asked: list[Asked]


@asynccontextmanager
async def s3_server(
    answer: Answer, *, aws: Mapping[str, Any] | None = None, clock: Clock | None = None
) -> AsyncIterator[S3Server]:
    """Run a server that answers with ``answer``; ``aws`` is of the section ``aws``."""
    asked: list[Asked] = []

    async def respond(request: web.Request) -> web.Response:
        asked.append(_asked(request))
        fault = answer(asked[-1])
        if fault is None:
            headers = {"ETag": '"e1"', "Last-Modified": "Mon, 14 Sep 2026 05:42:40 GMT"}
            return web.Response(body=BODY, headers=headers)
        return web.Response(
            status=fault.status,
            headers=dict(fault.headers),
            body=fault.body(),
            content_type="application/xml",
        )

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", respond)
    server = TestServer(application)
    await server.start_server()
    try:
        async with AsyncExitStack() as stack:
            options = {"region": "us-east-1", "endpoint_url": str(server.make_url("/"))}
            section = Aws.model_validate(options | dict(aws or {}))
            clients = await open_clients(
                stack, section, queue_url=QUEUE_URL, clock=clock
            )
            yield S3Server(s3=clients.s3, asked=asked)
    finally:
        await server.close()


def without_network(
    client: Any,  # noqa: ANN401 - aiobotocore is untyped
    answer: Callable[[str], Fault],
) -> list[str]:
    """Answer the client's calls in its place; return a list that gets their addresses.

    For AWS's own hosts, which no test may call.
    """
    urls: list[str] = []

    def send(request: AWSPreparedRequest, **_: object) -> AioAWSResponse:
        urls.append(request.url)
        fault = answer(request.url)
        return AioAWSResponse(
            request.url, fault.status, dict(fault.headers), _Raw(fault.body())
        )

    client.meta.events.register("before-send", send)
    return urls


class _Raw:
    """The body of an answer that came from no network."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def read(self) -> bytes:
        return self._body


def _asked(request: web.Request) -> Asked:
    credential = request.headers["Authorization"].partition("Credential=")[2]
    key_id, _date, region, *_ = credential.split("/")
    return Asked(
        method=request.method,
        path=request.path,
        key_id=key_id,
        region=region,
        headers=request.headers,
    )
