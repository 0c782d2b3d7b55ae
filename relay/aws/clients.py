"""The clients of the four AWS services, opened as the ``aws`` section says.

The SDK retries nothing: every retry of relay goes through relay/backoff.py, where it is
counted and logged. Credentials (environment, profile, instance, assumed role) renew
themselves.
"""

import socket
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Literal

import anyio
from aiobotocore.config import AioConfig
from aiobotocore.credentials import AioDeferredRefreshableCredentials
from aiobotocore.session import AioSession
from botocore.exceptions import BotoCoreError

from relay import __version__
from relay.aws.queue_url import queue_account, queue_region
from relay.config.aws_section import AssumeRole, Aws, ServiceAws
from relay.errors import ConfigError

Service = Literal["s3", "sqs", "logs", "sns"]

UNKNOWN_ACCOUNT = "000000000000"
CONNECT_TIMEOUT_SECS = 5
READ_TIMEOUT_SECS = 30
"""Silence that ends a call; longer than SQS's longest long poll of 20 s."""
MAX_CONNECTIONS = 64
"""Per client; the most pollers (32) and as many calls beside them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsClients:
    """One aiobotocore client a service, and whose account and region relay works in.

    ``account`` is the queue's, 000000000000 when its URL names none.
    """

    s3: Any
    sqs: Any
    logs: Any
    sns: Any
    region: str
    account: str
    _regional: "_RegionalClients" = field(repr=False)

    async def sns_for(self, region: str) -> Any:  # noqa: ANN401 - aiobotocore is untyped
        """Return the SNS client of ``region``: a topic is published to in its own."""
        return await self._regional.get("sns", region)

    async def sqs_for(self, region: str) -> Any:  # noqa: ANN401 - aiobotocore is untyped
        """Return the SQS client of ``region``, opened when first asked for."""
        return await self._regional.get("sqs", region)


async def open_clients(
    stack: AsyncExitStack, aws: Aws, *, queue_url: str
) -> AwsClients:
    """Open all clients; ``stack`` closes them, the ones opened later included.

    Makes no call to AWS. Raises ConfigError when no region is to be found or a profile
    does not exist.
    """
    opener = _Opener(aws)
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
    """Knows how each service is called: endpoint, profile, role. Shares sessions."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._sessions: dict[tuple[str | None, AssumeRole | None], AioSession] = {}

    def environment_region(self) -> str | None:
        region: str | None = self._session(self._aws.profile, None).get_config_variable(
            "region"
        )
        return region

    def client(self, service: Service, region: str) -> Any:  # noqa: ANN401 - untyped
        own: ServiceAws = getattr(self._aws, service)
        endpoint_url = own.endpoint_url or self._aws.endpoint_url
        session = self._session(
            own.profile or self._aws.profile,
            _role(own.assume_role or self._aws.assume_role),
            region,
        )
        return session.create_client(
            service,
            region_name=region,
            endpoint_url=endpoint_url,
            config=_config(service, has_endpoint=endpoint_url is not None),
        )

    def _session(
        self, profile: str | None, role: AssumeRole | None, region: str | None = None
    ) -> AioSession:
        session = self._sessions.get((profile, role))
        if session is None:
            session = AioSession(profile=profile)
            if role is not None:
                source = self._session(profile, None)
                session.register_component(
                    "credential_provider",
                    _AssumedRole(source, role, region, self._aws.endpoint_url),
                )
            self._sessions[profile, role] = session
        return session


class _AssumedRole:
    """A credential provider as botocore's sessions want it: assumes a role, renews it.

    botocore asks anew 15 minutes before the credentials expire. Each time the session
    beneath is asked for its own credentials, so those may change as well.
    """

    def __init__(
        self,
        source: AioSession,
        role: AssumeRole,
        region: str | None,
        endpoint_url: str | None,
    ) -> None:
        self._source = source
        self._region = region
        self._endpoint_url = endpoint_url
        self._request = {"RoleArn": role.role_arn, "RoleSessionName": role.session_name}
        if role.external_id is not None:
            self._request["ExternalId"] = role.external_id.reveal()

    async def load_credentials(self) -> AioDeferredRefreshableCredentials:
        return AioDeferredRefreshableCredentials(self._assume, "assume-role")

    async def _assume(self) -> dict[str, str]:
        async with self._source.create_client(
            "sts",
            region_name=self._region,
            endpoint_url=self._endpoint_url,
            config=_config("sts", has_endpoint=self._endpoint_url is not None),
        ) as sts:
            response = await sts.assume_role(**self._request)
        credentials = response["Credentials"]
        return {
            "access_key": credentials["AccessKeyId"],
            "secret_key": credentials["SecretAccessKey"],
            "token": credentials["SessionToken"],
            "expiry_time": credentials["Expiration"].isoformat(),
        }


def _role(role: AssumeRole | str | None) -> AssumeRole | None:
    return AssumeRole(role_arn=role) if isinstance(role, str) else role


def _config(service: str, *, has_endpoint: bool) -> AioConfig:
    options: dict[str, object] = {
        "connect_timeout": CONNECT_TIMEOUT_SECS,
        "read_timeout": READ_TIMEOUT_SECS,
        "max_pool_connections": MAX_CONNECTIONS,
        # `max_attempts: 1` would still retry once; see the SDK's "Retry behavior".
        "retries": {"mode": "standard", "total_max_attempts": 1},
        "user_agent_extra": f"cloudtrail-relay/{__version__}",
        "connector_args": {"socket_factory": _keepalive_socket},
        "warm_up_loader_caches": True,  # reads the service models in a thread
    }
    if service == "s3" and has_endpoint:
        # Emulators and interface endpoints know no bucket names in the host.
        options["s3"] = {"addressing_style": "path"}
    if service == "logs":
        # A batch of thousands of log events is valid by construction, and checking it
        # costs more than encoding it.
        options["parameter_validation"] = False
    return AioConfig(**options)


def _keepalive_socket(address: tuple[Any, ...]) -> socket.socket:
    """Open a socket whose peer is probed: NAT gateways forget idle ones silently.

    aiobotocore ignores botocore's own ``tcp_keepalive``.
    """
    family, kind, protocol = address[:3]
    opened = socket.socket(family, kind, protocol)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return opened
