"""The proxy: each fault as a client of AWS sees it, counted; all else passed on."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import anyio
import anyio.lowlevel
import pytest
from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession
from aiohttp import web
from botocore.exceptions import ClientError
from yarl import URL

from tests.chaos.faults import Fault
from tests.chaos.listener import listening
from tests.chaos.logs_service import ANSWER_LOST
from tests.chaos.proxy import LONGEST_RETURN_SECS, Proxy, Rule
from tests.chaos.wire import Service

BODY = bytes(range(256)) * 40
EVENT = {"timestamp": 0, "message": "m"}


@dataclass
class Upstream:
    """What stands behind the proxy: it answers with what it is told to."""

    url: str = ""
    body: bytes = BODY
    requests: list[tuple[web.Request, bytes]] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        """Note the request and answer."""
        self.requests.append((request, await request.read()))
        return web.Response(
            body=self.body, headers={"Content-Encoding": "gzip", "ETag": '"e"'}
        )

    async def show(self, receipts: Sequence[str]) -> None:
        """Take the receipts of messages that are made visible."""
        self.shown += receipts


@dataclass
class Scene:
    """A proxy in front of an upstream, and a client."""

    upstream: Upstream
    proxy: Proxy
    url: str
    http: aiohttp.ClientSession
    listener: Any

    async def get(self) -> bytes:
        """Read an object."""
        async with self.http.get(f"{self.url}/bucket/key") as answer:
            return await answer.read()

    async def sqs(self, operation: str, **members: object) -> dict[str, Any]:
        """Call SQS."""
        async with self.http.post(
            f"{self.url}/",
            headers={"X-Amz-Target": f"AmazonSQS.{operation}"},
            data=json.dumps(members),
        ) as answer:
            found: dict[str, Any] = json.loads(await answer.read())
            return found

    async def receive(self) -> list[str]:
        """Receive messages; return their ids."""
        answer = await self.sqs("ReceiveMessage", WaitTimeSeconds=20)
        return [message["MessageId"] for message in answer["Messages"]]


@asynccontextmanager
async def scene(*rules: Rule) -> AsyncIterator[Scene]:
    """Set it up with ``rules`` in force."""
    upstream = Upstream()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", upstream.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    upstream.url = "http://{}:{}".format(*runner.addresses[0])
    try:
        async with (
            aiohttp.ClientSession(auto_decompress=False) as http,
            aiohttp.ClientSession(auto_decompress=False) as forward,
        ):
            proxy = Proxy(
                upstreams=dict.fromkeys(Service, upstream.url),
                http=forward,
                show=upstream.show,
                seed="proxy",
                slow_secs=0.0,
            )
            proxy.inject(rules)
            async with listening(proxy) as listener:
                yield Scene(upstream, proxy, listener.url, http, listener)
    finally:
        await runner.cleanup()


def always(fault: Fault, service: Service | None = None) -> Rule:
    """Return the rule that every call meets ``fault``."""
    return Rule(fault=fault, probability=1.0, service=service)


def messages(*ids: str) -> bytes:
    """Return an answer of ReceiveMessage."""
    found = [{"MessageId": each, "ReceiptHandle": f"r-{each}"} for each in ids]
    return json.dumps({"Messages": found}).encode()


async def test_without_rules_bytes_and_headers_go_through() -> None:
    """A stored gzip body is not undone, nor its headers lost, nor the query."""
    async with scene() as at:
        url = URL(f"{at.url}/bucket/a%2Bb?x=%2F", encoded=True)
        async with at.http.get(url, headers={"X-Amz-Date": "d"}) as answer:
            body = await answer.read()
            etag = answer.headers["ETag"]

    ((request, _),) = at.upstream.requests
    assert body == BODY
    assert etag == '"e"'
    assert request.raw_path == "/bucket/a%2Bb?x=%2F"
    assert request.headers["X-Amz-Date"] == "d"
    assert not at.proxy.fired


CALLS: dict[Service, tuple[str, dict[str, object]]] = {
    Service.S3: ("get_object", {"Bucket": "b", "Key": "k"}),
    Service.SQS: ("receive_message", {"QueueUrl": "http://127.0.0.1/1/q"}),
    Service.LOGS: (
        "put_log_events",
        {"logGroupName": "g", "logStreamName": "s", "logEvents": [EVENT]},
    ),
    Service.SNS: ("publish", {"TopicArn": "arn:aws:sns:eu-west-1:1:t", "Message": "m"}),
}


@pytest.mark.parametrize(
    ("service", "fault", "code", "status"),
    [
        (Service.S3, Fault.THROTTLING, "SlowDown", 503),
        (Service.SQS, Fault.THROTTLING, "RequestThrottled", 400),
        (Service.LOGS, Fault.THROTTLING, "ThrottlingException", 400),
        (Service.SNS, Fault.THROTTLING, "Throttling", 400),
        (Service.S3, Fault.SERVER_ERROR, "InternalError", 500),
        (Service.SQS, Fault.SERVER_ERROR, "InternalError", 500),
        (Service.LOGS, Fault.SERVER_ERROR, "ServiceUnavailableException", 503),
        (Service.SNS, Fault.SERVER_ERROR, "InternalFailure", 500),
        (Service.S3, Fault.KMS_DENIED, "AccessDenied", 403),
    ],
)
async def test_errors_have_the_format_of_their_service(
    service: Service, fault: Fault, code: str, status: int
) -> None:
    """The SDK reads the code, and nothing is passed on."""
    operation, arguments = CALLS[service]
    config = AioConfig(
        retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}
    )
    async with (
        scene(always(fault)) as at,
        AioSession().create_client(
            str(service), "eu-west-1", endpoint_url=at.url, config=config
        ) as client,
    ):
        with pytest.raises(ClientError) as raised:
            await getattr(client, operation)(**arguments)

    assert raised.value.response["Error"]["Code"] == code
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert at.proxy.fired == {fault: 1}
    assert at.upstream.requests == []


async def test_a_wrong_region_names_the_right_one() -> None:
    """S3's redirect says in a header where the bucket is; other services have none."""
    async with scene(always(Fault.WRONG_REGION)) as at:
        async with at.http.get(f"{at.url}/b/k", allow_redirects=False) as answer:
            region = answer.headers["x-amz-bucket-region"]
        at.upstream.body = messages()
        others = await at.receive()

    assert answer.status == 301
    assert region == "eu-central-1"
    assert others == []
    assert at.proxy.fired == {Fault.WRONG_REGION: 1}


async def test_a_truncated_body_breaks_off() -> None:
    """The length promises more; the service is told that its answer is lost."""
    async with scene(always(Fault.TRUNCATED_BODY)) as at:
        with pytest.raises(aiohttp.ClientPayloadError):
            await at.get()

    ((request, _),) = at.upstream.requests
    assert ANSWER_LOST in request.headers
    assert at.proxy.fired == {Fault.TRUNCATED_BODY: 1}


async def test_a_corrupt_body_has_its_length() -> None:
    """Some bytes in the middle are others."""
    async with scene(always(Fault.CORRUPT_BODY)) as at:
        body = await at.get()

    assert len(body) == len(BODY)
    assert body != BODY


async def test_a_slow_body_comes_whole() -> None:
    """In pieces, but all of it, and nobody has to send anything again."""
    async with scene(always(Fault.SLOW_BODY)) as at:
        body = await at.get()

    ((request, _),) = at.upstream.requests
    assert body == BODY
    assert ANSWER_LOST not in request.headers


async def test_resets_come_before_and_after_the_call() -> None:
    """Every other call was carried out, and only its answer is lost."""
    async with scene(always(Fault.RESET)) as at:
        for _ in range(4):
            with pytest.raises(aiohttp.ClientError):
                await at.sqs("DeleteMessageBatch", Entries=[])

    assert len(at.upstream.requests) == 2
    assert at.proxy.fired == {Fault.RESET: 4}


async def test_a_time_out_holds_the_caller() -> None:
    """No answer comes, until the caller gives up or the proxy heals."""
    async with scene(always(Fault.TIMEOUT)) as at, anyio.create_task_group() as tg:
        failed = anyio.Event()
        at.upstream.body = messages()

        async def call() -> None:
            with pytest.raises(aiohttp.ClientError):
                await at.receive()  # a GET would be made a second time
            failed.set()

        tg.start_soon(call)
        while not at.proxy.fired:
            await anyio.lowlevel.checkpoint()
        assert not failed.is_set()
        at.proxy.heal()

    assert failed.is_set()


async def test_duplicates_and_expired_receipts() -> None:
    """A message is given twice; one whose receipt expires is visible at once."""
    async with scene(always(Fault.DUPLICATE)) as at:
        at.upstream.body = messages("a")
        first = await at.receive()
        at.upstream.body = messages("b")
        second = await at.receive()
        at.proxy.inject([always(Fault.EXPIRED_RECEIPT)])
        third = await at.receive()

    assert (first, second, third) == (["a"], ["b", "a"], ["b"])
    assert at.upstream.shown == ["r-b"]
    assert at.proxy.fired == {Fault.DUPLICATE: 1, Fault.EXPIRED_RECEIPT: 1}


async def test_an_empty_receive_is_no_fault() -> None:
    """Nothing was given twice, out of order or too late when nothing was given."""
    rules = map(always, (Fault.DUPLICATE, Fault.OUT_OF_ORDER, Fault.EXPIRED_RECEIPT))
    async with scene(*rules) as at:
        at.upstream.body = b"{}"
        received = await at.receive()

    assert received == []
    assert not at.proxy.fired


async def test_messages_of_a_dead_daemon_can_be_shown() -> None:
    """What was received, even with an answer that broke off, and not deleted."""
    async with scene() as at:
        at.upstream.body = messages("a", "b")
        await at.receive()
        at.upstream.body = b"{}"
        await at.sqs("DeleteMessageBatch", Entries=[{"ReceiptHandle": "r-a"}])
        at.proxy.inject([always(Fault.TRUNCATED_BODY)])
        at.upstream.body = messages("c")
        with pytest.raises(aiohttp.ClientPayloadError):
            await at.receive()
        await at.proxy.show_all()

    assert at.upstream.shown == ["r-b", "r-c"]


async def test_waiting_is_cut_short() -> None:
    """Polls are short, and what is returned for minutes comes again soon."""
    async with scene() as at:
        at.upstream.body = messages()
        await at.receive()
        entries = [{"VisibilityTimeout": secs} for secs in (0, 10, 600)]
        await at.sqs("ChangeMessageVisibilityBatch", Entries=entries)

    polled, returned = (json.loads(body) for _, body in at.upstream.requests)
    assert polled["WaitTimeSeconds"] == 1
    assert [entry["VisibilityTimeout"] for entry in returned["Entries"]] == [
        0,
        10,
        LONGEST_RETURN_SECS,
    ]


async def test_a_rule_of_one_service_leaves_the_others_alone() -> None:
    """S3 fails, SQS does not."""
    async with scene(always(Fault.SERVER_ERROR, Service.S3)) as at:
        status = (await at.http.get(f"{at.url}/b/k")).status
        at.upstream.body = messages("a")
        received = await at.receive()

    assert status == 500
    assert received == ["a"]


async def test_a_seed_breaks_the_same_calls() -> None:
    """The same calls meet the same faults, and not all of them do."""
    patterns = []
    for _ in range(2):
        async with scene(Rule(fault=Fault.CORRUPT_BODY, probability=0.5)) as at:
            patterns.append([await at.get() == BODY for _ in range(12)])

    assert patterns[0] == patterns[1]
    assert set(patterns[0]) == {True, False}


async def test_the_address_can_go_away_and_come_back() -> None:
    """Open connections break; afterwards the same address answers again."""
    async with scene() as at:
        await at.get()
        (connection,) = at.listener._runner.server.connections
        await at.listener.interrupt(0.0)
        assert connection.transport is None or connection.transport.is_closing()
        body = await at.get()

    assert body == BODY
