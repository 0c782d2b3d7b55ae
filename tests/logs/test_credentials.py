"""Credentials that expire hold log events back only until new ones are there."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import anyio
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from relay.aws.clients import open_clients
from relay.clock import SystemClock, isoformat
from relay.config.aws_section import AssumeRole, Aws, ServiceAws
from relay.config.logs_section import Logs
from relay.logs.writer import LogWriter
from relay.model import WriteResult
from relay.telemetry import Telemetry
from tests.logs.support import GROUP, HERE, log_events
from tests.support.clock import EagerClock
from tests.support.fake_logs import Fault, running_fake_logs

ROLE = AssumeRole(role_arn="arn:aws:iam::123456789012:role/relay")
QUEUE_URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/relay"


@asynccontextmanager
async def _lender(*, lifetime_secs: float) -> AsyncIterator[str]:
    """Run an STS that lends ASIA1, ASIA2, ... for so long; give its address."""
    lent = 0

    async def lend(request: web.Request) -> web.Response:
        nonlocal lent
        lent += 1
        return web.Response(
            text="<AssumeRoleResponse><AssumeRoleResult><Credentials>"
            f"<AccessKeyId>ASIA{lent}</AccessKeyId>"
            "<SecretAccessKey>secret</SecretAccessKey>"
            "<SessionToken>token</SessionToken>"
            f"<Expiration>{isoformat(SystemClock().now() + lifetime_secs)}</Expiration>"
            "</Credentials></AssumeRoleResult></AssumeRoleResponse>"
        )

    application = web.Application()
    application.router.add_post("/", lend)
    server = TestServer(application)
    await server.start_server()
    try:
        yield str(server.make_url("")).rstrip("/")
    finally:
        await server.close()


async def test_an_expired_token_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the service says ExpiredTokenException, the same log events are sent again,
    signed with the credentials that the role was lent meanwhile."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIABASE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    clock = EagerClock()
    async with (
        running_fake_logs(clock) as fake,
        _lender(lifetime_secs=300) as sts_url,
        AsyncExitStack() as stack,
        anyio.create_task_group() as tasks,
    ):
        aws = Aws(
            endpoint_url=sts_url,
            assume_role=ROLE,
            logs=ServiceAws(endpoint_url=fake.url),
        )
        clients = await open_clients(stack, aws, queue_url=QUEUE_URL)
        writer = LogWriter(clients.logs, Logs(group=GROUP), Telemetry(), clock)
        await tasks.start(writer.run)
        await writer.write({HERE: log_events("before")})
        before = len(fake.access_keys)
        fake.fail("PutLogEvents", Fault.EXPIRED_TOKEN)

        with anyio.fail_after(10):
            result = await writer.write({HERE: log_events("m")})
        tasks.cancel_scope.cancel()

    refused, retried = fake.access_keys[before:]
    assert result == WriteResult(accepted=1)
    assert fake.messages(GROUP) == ["before", "m"]
    assert refused != retried
