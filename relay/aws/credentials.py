"""Credentials that are looked for anew when a service refuses the ones in use.

The SDK renews credentials before they expire, as far as it knows when. Of others it
does not: a file that another program rewrites, keys that were rotated, a session that
was revoked. The refusal tells; then the call is made again at once, with what is found.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import anyio
from botocore.exceptions import NoCredentialsError

from relay.aws.codes import REFUSED_CREDENTIALS
from relay.clock import Clock
from relay.telemetry import get_log

MIN_RENEWAL_SECS = 10.0
"""Between two searches: a hundred calls refused together cause one, and credentials
that stay bad do not make relay hammer a metadata service."""

_log = get_log("aws")


class Credentials(Protocol):
    """What the SDK's own credentials are to relay, whichever provider they are of."""

    async def get_frozen_credentials(self) -> Any:  # noqa: ANN401 - the SDK is untyped
        """Return key, secret and token for one request; renewed when it is time."""
        ...


class RenewableCredentials:
    """Credentials of one session, and the provider that the session asks for them.

    ``load`` looks for them: None when there are none.
    """

    method = "relay"
    """The SDK wants to know where credentials are from."""

    def __init__(
        self, load: Callable[[], Awaitable[Credentials | None]], *, clock: Clock
    ) -> None:
        self._load = load
        self._clock = clock
        self._lock = anyio.Lock()
        self._current: Credentials | None = None
        self._loaded_at = 0.0

    async def load_credentials(self) -> "RenewableCredentials":
        """Return these; what a session's credential provider is asked for."""
        return self

    async def get_frozen_credentials(self) -> Any:  # noqa: ANN401 - the SDK is untyped
        """Return key, secret and token for one request.

        Raises NoCredentialsError, and what the providers of the SDK raise.
        """
        async with self._lock:
            if self._current is None:
                self._current = await self._load()
                self._loaded_at = self._clock.monotonic()
            current = self._current
        if current is None:
            raise NoCredentialsError
        return await current.get_frozen_credentials()

    def get_account_id(self) -> None:
        """Return nothing: no endpoint that relay calls depends on the account."""

    def get_deferred_property(self, _name: str) -> Callable[[], None]:
        """Return ``get_account_id``, the only one that is asked for like this."""
        return self.get_account_id

    def judge(
        self,
        response: tuple[Any, dict[str, Any]] | None,
        attempts: int,
        **_: object,
    ) -> int | None:
        """Look at an answer; have a refused call made again, once, at once.

        Registered for ``needs-retry``: a number is the seconds to wait.
        """
        code = None if response is None else response[1].get("Error", {}).get("Code")
        if attempts > 1 or code not in REFUSED_CREDENTIALS:
            return None
        if self._clock.monotonic() - self._loaded_at >= MIN_RENEWAL_SECS:
            self._current = None
            _log.warning("credentials refused, looking for others", code=code)
        return 0
