"""The fast encoding sends the same request as botocore's own, correctly signed."""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest
from aiohttp import web
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from relay.logs.encode import Gzipped, encode_put_log_events, install_fast_encoding
from tests.logs.support import (
    ACCESS_KEY,
    GROUP,
    NOW_MS,
    REGION,
    SECRET_KEY,
    STREAM,
    log_events,
    logs_client,
)

AWKWARD = ['{"a":"é\\u00e9 \\" \\\\ \x7f"}', "\u2028 🎉 \t\n", "</script>"]


@asynccontextmanager
async def _recorder() -> AsyncIterator[tuple[str, list[AWSRequest]]]:
    """Serve anything, and keep every request as botocore would have built it."""
    requests: list[AWSRequest] = []

    async def answer(request: web.Request) -> web.Response:
        requests.append(
            AWSRequest(
                method=request.method,
                url=str(request.url),
                data=await request.read(),
                headers=dict(request.headers),
            )
        )
        return web.json_response({}, content_type="application/x-amz-json-1.1")

    app = web.Application(client_max_size=2**22)
    app.router.add_post("/", answer)
    runner = web.AppRunner(app, access_log=None, auto_decompress=False)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield "http://{}:{}".format(*runner.addresses[0]), requests
    finally:
        await runner.cleanup()


def _signature_for(request: AWSRequest) -> str:
    """Sign ``request`` again, from what arrived."""
    signed = request.headers["Authorization"].split("SignedHeaders=")[1].split(",")[0]
    again = AWSRequest(
        method=request.method,
        url=request.url,
        data=request.data,
        headers={
            name: value
            for name, value in request.headers.items()
            if name.lower() in signed.split(";")
        },
    )
    again.context["timestamp"] = request.headers["X-Amz-Date"]
    signer = SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "logs", REGION)
    text = signer.string_to_sign(again, signer.canonical_request(again))
    signature: str = signer.signature(text, again)
    return signature


def test_the_body_is_the_documented_json() -> None:
    """The body holds group, stream and events; nothing else, nothing lost."""
    body = encode_put_log_events(GROUP, STREAM, log_events(*AWKWARD))

    assert {
        "logGroupName": GROUP,
        "logStreamName": STREAM,
        "logEvents": [{"timestamp": NOW_MS, "message": text} for text in AWKWARD],
    } == msgspec.json.decode(body)


async def test_the_request_is_that_of_botocore() -> None:
    """With and without the fast encoding the service reads the same request."""
    events = log_events(*AWKWARD)
    plain = [{"timestamp": e.timestamp_ms, "message": e.message} for e in events]
    async with _recorder() as (url, requests), logs_client(url) as client:
        await client.put_log_events(
            logGroupName=GROUP, logStreamName=STREAM, logEvents=plain
        )
        install_fast_encoding(client.meta.events)
        await client.put_log_events(
            logGroupName=GROUP, logStreamName=STREAM, logEvents=events
        )
    slow, fast = requests

    assert msgspec.json.decode(slow.data) == msgspec.json.decode(fast.data)
    for name in ("X-Amz-Target", "Content-Type"):
        assert slow.headers[name] == fast.headers[name]
    assert str(len(fast.data)) == fast.headers["Content-Length"]


async def test_the_signature_covers_the_body_that_is_sent() -> None:
    """SigV4 is computed over the replaced body."""
    async with _recorder() as (url, requests), logs_client(url) as client:
        install_fast_encoding(client.meta.events)
        await client.put_log_events(
            logGroupName=GROUP, logStreamName=STREAM, logEvents=log_events(*AWKWARD)
        )
    (request,) = requests

    assert request.headers["Authorization"].endswith(_signature_for(request))


@pytest.mark.parametrize("is_validating", [False, True])
async def test_a_gzipped_body_is_signed_as_it_is_sent(is_validating: bool) -> None:
    """The service gets the documented JSON in gzip, says so, and the signature covers
    the compressed body and the header."""
    async with (
        _recorder() as (url, requests),
        logs_client(url, is_validating=is_validating) as client,
    ):
        install_fast_encoding(client.meta.events)
        await client.put_log_events(
            logGroupName=GROUP,
            logStreamName=STREAM,
            logEvents=Gzipped(log_events(*AWKWARD)),
        )
    (request,) = requests

    assert request.headers["Content-Encoding"] == "gzip"
    assert "content-encoding" in request.headers["Authorization"]
    assert request.headers["Authorization"].endswith(_signature_for(request))
    assert str(len(request.data)) == request.headers["Content-Length"]
    assert gzip.decompress(request.data) == encode_put_log_events(
        GROUP, STREAM, log_events(*AWKWARD)
    )


async def test_gzip_makes_records_much_smaller() -> None:
    """A full batch of records that resemble each other becomes a fraction."""
    record = '{"eventVersion":"1.11","eventName":"AssumeRole","eventID":"%d"}'
    events = log_events(*(record % number for number in range(9_000)))
    async with _recorder() as (url, requests), logs_client(url) as client:
        install_fast_encoding(client.meta.events)
        await client.put_log_events(
            logGroupName=GROUP, logStreamName=STREAM, logEvents=Gzipped(events)
        )

    assert len(requests[0].data) * 5 < len(encode_put_log_events(GROUP, STREAM, events))


async def test_plain_calls_and_validating_clients_still_work() -> None:
    """Plain dicts go the usual way; botocore's validation may stay on; installing the
    encoding twice changes nothing."""
    plain = [{"timestamp": NOW_MS, "message": "plain"}]
    async with (
        _recorder() as (url, requests),
        logs_client(url, is_validating=True) as client,
    ):
        install_fast_encoding(client.meta.events)
        install_fast_encoding(client.meta.events)
        for events in (plain, log_events("fast")):
            await client.put_log_events(
                logGroupName=GROUP, logStreamName=STREAM, logEvents=events
            )

    sent = [msgspec.json.decode(request.data)["logEvents"] for request in requests]
    assert [plain, [{"timestamp": NOW_MS, "message": "fast"}]] == sent
