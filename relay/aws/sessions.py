"""Sessions of the SDK: whose credentials sign calls, and how answers are read.

Credentials (environment, profile, instance, assumed role) renew themselves.
"""

from collections.abc import Awaitable, Callable
from functools import partial

from aiobotocore.credentials import AioDeferredRefreshableCredentials
from aiobotocore.session import AioSession

from relay.aws.credentials import Credentials, RenewableCredentials
from relay.aws.redirects import tell_region
from relay.aws.sdk_config import sdk_config
from relay.aws.timestamps import parse
from relay.clock import Clock
from relay.config.aws_section import AssumeRole


class Sessions:
    """The open sessions, one for each profile and role.

    ``endpoint_url`` is where roles are assumed, None for AWS itself.
    """

    def __init__(self, *, endpoint_url: str | None, clock: Clock) -> None:
        self._endpoint_url = endpoint_url
        self._clock = clock
        self._sessions: dict[tuple[str | None, AssumeRole | None], AioSession] = {}

    def get(
        self,
        profile: str | None,
        role: AssumeRole | None = None,
        region: str | None = None,
    ) -> AioSession:
        """Return the session; ``region`` is where a new one assumes its role."""
        session = self._sessions.get((profile, role))
        if session is None:
            load: Callable[[], Awaitable[Credentials | None]]
            if role is None:
                load = partial(_chain, profile)
            else:
                source = self.get(profile)
                load = _AssumedRole(source, role, region, self._endpoint_url).load
            session = self._sessions[profile, role] = self._new(profile, load)
        return session

    def _new(
        self,
        profile: str | None,
        load: Callable[[], Awaitable[Credentials | None]],
    ) -> AioSession:
        session = AioSession(profile=profile)
        credentials = RenewableCredentials(load, clock=self._clock)
        session.register_component("credential_provider", credentials)
        session.register("needs-retry", credentials.judge)
        emitter = session.get_component("event_emitter")
        emitter.register_first("needs-retry.s3", tell_region)
        parsers = session.get_component("response_parser_factory")
        parsers.set_parser_defaults(timestamp_parser=parse)
        return session


async def _chain(profile: str | None) -> Credentials | None:
    """Look through the usual chain with nothing remembered: by a session of its own."""
    found: Credentials | None = await AioSession(profile=profile).get_credentials()
    return found


class _AssumedRole:
    """A role to assume, again 15 minutes before its credentials expire.

    Each time the session beneath is asked for its own credentials, so those may change
    as well.
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

    async def load(self) -> Credentials:
        found: Credentials = AioDeferredRefreshableCredentials(
            self._assume, "assume-role"
        )
        return found

    async def _assume(self) -> dict[str, str]:
        async with self._source.create_client(
            "sts",
            region_name=self._region,
            endpoint_url=self._endpoint_url,
            config=sdk_config("sts", has_endpoint=self._endpoint_url is not None),
        ) as sts:
            response = await sts.assume_role(**self._request)
        credentials = response["Credentials"]
        return {
            "access_key": credentials["AccessKeyId"],
            "secret_key": credentials["SecretAccessKey"],
            "token": credentials["SessionToken"],
            "expiry_time": credentials["Expiration"].isoformat(),
        }
