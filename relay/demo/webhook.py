"""A webhook receiver that verifies the signature, as a real one must."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from aiohttp import web

from relay.clock import Clock, parse_isoformat
from relay.demo.inbox import Channel, Evidence, Inbox, Received
from relay.demo.process import LOOPBACK

_REPLAY_WINDOW_SECS = 300.0


class _Event(msgspec.Struct):
    event_name: str = "?"
    principal: str = "?"
    source_ip: str = "?"
    account: str = "?"
    region: str = "?"


class _Document(msgspec.Struct):
    """What is read of relay's webhook document."""

    id: str
    alarm: str
    state: str
    severity: str | None = None
    group: dict[str, str] = {}
    evidence: list[_Event] = []
    received_at: float | str | None = None


_DOCUMENT = msgspec.json.Decoder(_Document)


@asynccontextmanager
async def webhook_receiver(
    inbox: Inbox, *, secret: str, clock: Clock
) -> AsyncIterator[str]:
    """Serve for the length of the block; the value is the URL to POST to."""

    async def accept(request: web.Request) -> web.Response:
        accepted_at = clock.now()
        body = await request.read()
        if not _is_signed(request, body, secret=secret, now=accepted_at):
            inbox.refuse("webhook: the signature is wrong or missing")
            return web.Response(status=401)
        try:
            document = _DOCUMENT.decode(body)
        except msgspec.MsgspecError as error:
            inbox.refuse(f"webhook: {error}")
            return web.Response(status=400)
        inbox.add(_received(document, accepted_at))
        return web.Response(status=204)

    application = web.Application()
    application.router.add_post("/alarms", accept)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, LOOPBACK, 0)
        await site.start()
        port = runner.addresses[0][1]
        yield f"http://{LOOPBACK}:{port}/alarms"
    finally:
        await runner.cleanup()


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return the X-Relay-Signature of ``body``: HMAC-SHA256 over time, dot and body."""
    signed = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def _is_signed(request: web.Request, body: bytes, *, secret: str, now: float) -> bool:
    timestamp = request.headers.get("X-Relay-Timestamp", "")
    if not timestamp.isascii() or not timestamp.isdigit():
        return False
    given = request.headers.get("X-Relay-Signature", "")
    is_recent = abs(now - int(timestamp)) <= _REPLAY_WINDOW_SECS
    expected = signature(secret, timestamp, body)
    return is_recent and hmac.compare_digest(given.encode(), expected.encode())


def _received(document: _Document, accepted_at: float) -> Received:
    received_at = document.received_at
    return Received(
        channel=Channel.WEBHOOK,
        id=document.id,
        alarm=document.alarm,
        state=document.state,
        accepted_at=accepted_at,
        severity=document.severity or "",
        group=tuple(document.group.values()),
        evidence=_newest(document.evidence),
        relay_received_at=(
            parse_isoformat(received_at)
            if isinstance(received_at, str)
            else received_at
        ),
    )


def _newest(events: list[_Event]) -> Evidence | None:
    if not events:
        return None
    return Evidence(
        who=events[0].principal,
        what=events[0].event_name,
        source_ip=events[0].source_ip,
        account=events[0].account,
        region=events[0].region,
    )
