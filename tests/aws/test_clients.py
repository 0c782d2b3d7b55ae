"""relay.aws.clients: opened as configured, closed by the stack, against an emulator."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from botocore.awsrequest import AWSRequest

from relay import __version__
from relay.aws.clients import AwsClients, open_clients
from relay.aws.credentials import MIN_RENEWAL_SECS
from relay.aws.errors import translated
from relay.aws.sdk_config import READ_TIMEOUT_SECS
from relay.clock import Clock, SystemClock, isoformat
from relay.config.aws_section import AssumeRole, Aws, ServiceAws
from relay.config.secrets import Secret
from relay.errors import ConfigError, Reason, RejectedError, TransientError
from tests.aws.s3_server import Fault, without_network
from tests.support.clock import FakeClock

QUEUE_URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/relay"


@asynccontextmanager
async def opened(
    aws: Aws, queue_url: str = QUEUE_URL, clock: Clock | None = None
) -> AsyncIterator[AwsClients]:
    """Give the clients of ``aws``; close them afterwards."""
    async with AsyncExitStack() as stack:
        yield await open_clients(stack, aws, queue_url=queue_url, clock=clock)


def signing_keys(
    client: Any,  # noqa: ANN401 - aiobotocore is untyped
) -> list[str]:
    """Return a list that gets the access key of every request that ``client`` signs."""
    keys: list[str] = []

    def note(request: AWSRequest, **_: object) -> None:
        authorization = request.headers["Authorization"].decode()
        keys.append(authorization.partition("Credential=")[2].partition("/")[0])

    client.meta.events.register("before-send", note)
    return keys


@asynccontextmanager
async def security_token_service(
    *, lifetime_secs: float, revoked: str = "none"
) -> AsyncIterator[tuple[str, list[dict[str, str]]]]:
    """Run a server that lends ASIA1, ASIA2, ...; give its address and its requests.

    To every other request it answers like S3's ListBuckets, but to the ``revoked`` key.
    """
    requests: list[dict[str, str]] = []
    expiration = isoformat(SystemClock().now() + lifetime_secs)

    async def answer(request: web.Request) -> web.Response:
        if f"={revoked}/" in request.headers["Authorization"]:
            error = "<Error><Code>ExpiredToken</Code></Error>"
            return web.Response(status=400, text=error)
        if request.method == "GET":
            return web.Response(text="<ListAllMyBucketsResult/>")
        form = await request.post()
        requests.append({key: str(value) for key, value in form.items()})
        return web.Response(
            text="<AssumeRoleResponse><AssumeRoleResult><Credentials>"
            f"<AccessKeyId>ASIA{len(requests)}</AccessKeyId>"
            "<SecretAccessKey>secret</SecretAccessKey>"
            "<SessionToken>token</SessionToken>"
            f"<Expiration>{expiration}</Expiration>"
            "</Credentials></AssumeRoleResult></AssumeRoleResponse>"
        )

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    server = TestServer(application)
    await server.start_server()
    try:
        yield str(server.make_url("/")).rstrip("/"), requests
    finally:
        await server.close()


async def test_region_and_account_come_from_the_queue() -> None:
    """Without ``aws.region`` everything is where the queue is."""
    async with opened(Aws()) as clients:
        regions = {
            client.meta.region_name
            for client in (clients.s3, clients.sqs, clients.logs, clients.sns)
        }

    assert {"eu-west-1"} == regions
    assert (clients.region, clients.account) == ("eu-west-1", "123456789012")


async def test_region_of_a_service_wins() -> None:
    """A service's own region is for it alone; the queue stays in its URL's."""
    aws = Aws(region="us-east-2", logs=ServiceAws(region="us-west-2"))
    async with opened(aws) as clients:
        regions = [
            client.meta.region_name
            for client in (clients.s3, clients.sqs, clients.logs)
        ]

    assert regions == ["us-east-2", "eu-west-1", "us-west-2"]
    assert clients.region == "us-east-2"


async def test_region_of_the_environment_is_the_last_resort(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An emulator's queue URL names no region: the environment may."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    async with opened(Aws(), queue_url="http://localhost:4566/relay") as clients:
        pass

    assert (clients.region, clients.account) == ("eu-north-1", "000000000000")


async def test_missing_region_is_an_error_of_the_configuration() -> None:
    """Without any region nothing can be called: the operator is told what to set."""
    with pytest.raises(ConfigError, match=r"aws\.region"):
        async with opened(Aws(), queue_url="http://localhost:4566/relay"):
            pass


async def test_missing_profile_is_an_error_of_the_configuration() -> None:
    """A profile that does not exist is named."""
    with pytest.raises(ConfigError, match="nobody"):
        async with opened(Aws(profile="nobody")):
            pass


async def test_profile_gives_the_credentials(
    moto: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The keys of the configured profile are used, not the environment's."""
    shared = tmp_path / "credentials"
    shared.write_text(
        "[audit]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = secret\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(shared))
    async with opened(Aws(profile="audit", endpoint_url=moto)) as clients:
        keys = signing_keys(clients.s3)
        await clients.s3.list_buckets()

    assert keys == ["AKIAPROFILE"]


async def test_sdk_neither_retries_nor_gives_up_a_long_poll() -> None:
    """The SDK makes one attempt, waits longer than 20 s and tells who is calling."""
    async with opened(Aws()) as clients:
        config = clients.sqs.meta.config

    assert config.retries["total_max_attempts"] == 1
    assert 20 < config.read_timeout == READ_TIMEOUT_SECS
    assert f"cloudtrail-relay/{__version__}" in config.user_agent


async def test_failing_call_is_made_once() -> None:
    """A 5xx of the service comes through at once: relay's own back-off decides."""
    calls = 0

    def count(**_: object) -> None:
        nonlocal calls
        calls += 1

    aws = Aws(region="eu-west-1", endpoint_url="http://127.0.0.1:9")
    async with opened(aws) as clients:
        clients.sqs.meta.events.register("before-send.sqs.ListQueues", count)
        with pytest.raises(TransientError) as caught, translated("queues"):
            await clients.sqs.list_queues()

    assert calls == 1
    assert Reason.NETWORK is caught.value.reason


async def test_bucket_is_not_looked_for_in_the_host_of_an_endpoint(moto: str) -> None:
    """With an endpoint of its own S3 is called with the bucket in the path."""
    async with opened(Aws(region="us-east-1", endpoint_url=moto)) as clients:
        await clients.s3.create_bucket(Bucket="trail-logs")
        await clients.s3.put_object(Bucket="trail-logs", Key="k", Body=b"x")
        response = await clients.s3.list_objects_v2(Bucket="trail-logs")

    assert [each["Key"] for each in response["Contents"]] == ["k"]


async def test_access_point_is_called_in_its_own_region() -> None:
    """Its ARN says where it is, wherever the other buckets are."""
    arn = "arn:aws:s3:eu-central-1:123456789012:accesspoint/security"
    async with opened(Aws(region="eu-west-1")) as clients:
        urls = without_network(clients.s3, lambda _: Fault(status=404, code="No"))
        with pytest.raises(RejectedError), translated("s3://logs/k"):
            await clients.s3.get_object(Bucket=arn, Key="k")

    assert urls == [
        "https://security-123456789012.s3-accesspoint.eu-central-1.amazonaws.com/k"
    ]


async def test_own_endpoint_of_a_service_wins(moto: str) -> None:
    """One service may be elsewhere than the others."""
    aws = Aws(endpoint_url="http://127.0.0.1:9", sns=ServiceAws(endpoint_url=moto))
    async with opened(aws) as clients:
        response = await clients.sns.list_topics()

    assert response["Topics"] == []
    assert clients.s3.meta.endpoint_url == "http://127.0.0.1:9"


async def test_client_of_another_region_is_opened_once() -> None:
    """A topic or a queue elsewhere gets a client of its own, kept for the next time."""
    async with opened(Aws()) as clients:
        first = await clients.sns_for("us-east-1")
        second = await clients.sns_for("us-east-1")
        queue = await clients.sqs_for("us-east-1")
        own = await clients.sns_for("eu-west-1")

    assert first is second
    assert "us-east-1" == first.meta.region_name == queue.meta.region_name
    assert own is clients.sns


async def test_role_is_assumed_for_the_service_that_names_it(moto: str) -> None:
    """``assume_role: ARN`` is that role; the other services call as before."""
    arn = "arn:aws:iam::123456789012:role/reader"
    aws = Aws(region="eu-west-1", endpoint_url=moto, s3=ServiceAws(assume_role=arn))
    async with opened(aws) as clients:
        assumed, plain = signing_keys(clients.s3), signing_keys(clients.sqs)
        await clients.s3.list_buckets()
        await clients.sqs.list_queues()

    assert assumed[0].startswith("ASIA")
    assert plain == ["testing"]


async def test_role_is_assumed_with_its_external_id_and_renewed() -> None:
    """AssumeRole carries the section's members, again when its credentials run out."""
    role = AssumeRole(
        role_arn="arn:aws:iam::123456789012:role/reader",
        external_id=Secret("shared"),
        session_name="night-shift",
    )
    async with security_token_service(lifetime_secs=60) as (url, requests):
        aws = Aws(region="eu-west-1", endpoint_url=url, assume_role=role)
        async with opened(aws) as clients:
            keys = signing_keys(clients.s3)
            await clients.s3.list_buckets()
            await clients.s3.list_buckets()

    assert keys == ["ASIA1", "ASIA2"]
    assert {
        "RoleArn": role.role_arn,
        "ExternalId": "shared",
        "RoleSessionName": "night-shift",
    }.items() <= requests[0].items()


async def test_session_of_a_role_that_is_revoked_is_begun_anew() -> None:
    """Its time is not over, but it is refused: the role is assumed again."""
    clock = FakeClock()
    async with security_token_service(lifetime_secs=36_000, revoked="ASIA1") as served:
        url, requests = served
        aws = Aws(
            region="eu-west-1",
            endpoint_url=url,
            assume_role="arn:aws:iam::123456789012:role/reader",
        )
        async with opened(aws, clock=clock) as clients:
            keys = signing_keys(clients.s3)
            with pytest.raises(TransientError), translated("buckets"):
                await clients.s3.list_buckets()
            clock.advance(MIN_RENEWAL_SECS)
            await clients.s3.list_buckets()

    assert keys == ["ASIA1", "ASIA1", "ASIA1", "ASIA2"]
    assert len(requests) == 2


async def test_role_that_cannot_be_assumed_fails_the_call_not_the_start() -> None:
    """Opening calls nobody; the first call says that the credentials are missing."""
    aws = Aws(
        region="eu-west-1",
        endpoint_url="http://127.0.0.1:9",
        assume_role="arn:aws:iam::123456789012:role/reader",
    )
    async with opened(aws) as clients:
        with pytest.raises(TransientError), translated("buckets"):
            await clients.s3.list_buckets()
