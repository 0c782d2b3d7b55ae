"""The clients of AWS services, opened as the ``aws`` section says."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Literal

import anyio
from botocore.exceptions import BotoCoreError

from relay.aws.queue_url import queue_account, queue_region
from relay.aws.sdk_config import sdk_config
from relay.aws.sessions import Sessions
from relay.clock import Clock, SystemClock
from relay.config.aws_section import AssumeRole, Aws, ServiceAws
from relay.errors import ConfigError

Service = Literal[
    "s3",
    "sqs",
    "logs",
    "sns",
    "events",
    "lambda",
    "cloudwatch",
    "sesv2",
    "secretsmanager",
    "ssm",
]

UNKNOWN_ACCOUNT = "000000000000"

_AS_ALL = ServiceAws()


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsClients:
    """The aiobotocore clients, and whose account and region relay works in.

    One is open from the start for each service that every relay needs; any other is
    opened when it is first asked for.

    ``account`` is the queue's, 000000000000 when its URL names none.
    """

    s3: Any
    sqs: Any
    logs: Any
    sns: Any
    region: str
    account: str
    _regional: "_RegionalClients" = field(repr=False)

    async def client_for(self, service: Service, region: str) -> Any:  # noqa: ANN401 - aiobotocore is untyped
        """Return the client of ``service`` in ``region``.

        Only services that the section ``aws`` names may be set apart in it; all others
        are called as the section itself says.
        """
        return await self._regional.get(service, region)

    async def sns_for(self, region: str) -> Any:  # noqa: ANN401 - aiobotocore is untyped
        """Return the SNS client of ``region``: a topic is published to in its own."""
        return await self._regional.get("sns", region)

    async def sqs_for(self, region: str) -> Any:  # noqa: ANN401 - aiobotocore is untyped
        """Return the SQS client of ``region``, opened when first asked for."""
        return await self._regional.get("sqs", region)


async def open_clients(
    stack: AsyncExitStack, aws: Aws, *, queue_url: str, clock: Clock | None = None
) -> AwsClients:
    """Open all clients; ``stack`` closes them, the ones opened later included.

    Makes no call to AWS. Raises ConfigError when no region is to be found or a profile
    does not exist.
    """
    opener = _Opener(aws, clock or SystemClock())
    try:
        region = aws.region or queue_region(queue_url) or opener.environment_region()
        if region is None:
            raise ConfigError(["aws.region: not set, and source.queue_url names none"])
        clients = await stack.enter_async_context(AsyncExitStack())
        regional = _RegionalClients(clients, opener)
        return AwsClients(
            s3=await regional.get("s3", aws.s3.region or region),
            sqs=await regional.get(
                "sqs", aws.sqs.region or queue_region(queue_url) or region
            ),
            logs=await regional.get("logs", aws.logs.region or region),
            sns=await regional.get("sns", aws.sns.region or region),
            region=region,
            account=queue_account(queue_url) or UNKNOWN_ACCOUNT,
            _regional=regional,
        )
    except (BotoCoreError, ValueError) as error:
        raise ConfigError([f"aws: {error}"]) from error


class _RegionalClients:
    """The open clients by service and region; opens one when it is first asked for."""

    def __init__(self, stack: AsyncExitStack, opener: "_Opener") -> None:
        self._stack = stack
        self._opener = opener
        self._clients: dict[tuple[Service, str], Any] = {}
        self._lock = anyio.Lock()

    async def get(self, service: Service, region: str) -> Any:  # noqa: ANN401 - untyped
        async with self._lock:
            client = self._clients.get((service, region))
            if client is None:
                client = await self._stack.enter_async_context(
                    self._opener.client(service, region)
                )
                self._clients[service, region] = client
            return client


class _Opener:
    """Knows how each service is called: endpoint, profile, role."""

    def __init__(self, aws: Aws, clock: Clock) -> None:
        self._aws = aws
        self._sessions = Sessions(endpoint_url=aws.endpoint_url, clock=clock)

    def environment_region(self) -> str | None:
        session = self._sessions.get(self._aws.profile)
        region: str | None = session.get_config_variable("region")
        return region

    def client(self, service: Service, region: str) -> Any:  # noqa: ANN401 - untyped
        own: ServiceAws = getattr(self._aws, service, _AS_ALL)
        endpoint_url = own.endpoint_url or self._aws.endpoint_url
        session = self._sessions.get(
            own.profile or self._aws.profile,
            _role(own.assume_role or self._aws.assume_role),
            region,
        )
        return session.create_client(
            service,
            region_name=region,
            endpoint_url=endpoint_url,
            config=sdk_config(service, has_endpoint=endpoint_url is not None),
        )


def _role(role: AssumeRole | str | None) -> AssumeRole | None:
    return AssumeRole(role_arn=role) if isinstance(role, str) else role
