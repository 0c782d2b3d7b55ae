"""The one sender of all targets that are reached by HTTP.

A service is a ``Preset``: it says what to request for a bundle, and what the answers
mean. This module does the rest, the same for all: one time limit, no redirects (a body
must not be led to where it was not meant), no link-local addresses, bounded answers,
errors without secrets, and an ``Idempotency-Key`` that is equal at every attempt.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

import aiohttp

from relay import __version__
from relay.clock import Clock
from relay.config.http_targets import HttpTarget, OwnServer
from relay.errors import Reason, RejectedError, RelayError, TransientError
from relay.model import Bundle
from relay.notify.receivers.http_answer import Answer, Refusal, retry_after_secs
from relay.notify.receivers.http_guard import (
    ForbiddenAddressError,
    link_local_allowed,
)
from relay.notify.receivers.http_login import encoded
from relay.notify.targets import origin

MAX_ANSWER_BYTES = 1_024
"""How much of an answer is read, unless the preset needs more."""

_MAX_REMEMBERED = 1_000
_MIN_SECRET_CHARS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request. ``id`` is its idempotency key; ``url`` may hold secrets.

    ``about`` is the preset's own: its answer has the same.
    """

    id: str
    url: str
    body: bytes
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    about: str = ""


class Preset(Protocol):
    """How one service wants to be told."""

    @property
    def secrets(self) -> Sequence[str]:
        """What must not be shown, beside paths and queries of addresses."""
        ...

    @property
    def answer_bytes(self) -> int:
        """How much of a successful answer to read; 0 where the status is enough."""
        ...

    def calls(self, bundle: Bundle) -> Sequence[Call]:
        """Return the requests for ``bundle``; none when there is nothing to tell."""
        ...

    def judge(self, answer: Answer) -> str | Refusal:
        """Return what ``answer`` says, in a few words, or why it is a refusal."""
        ...


class HttpSender:
    """Sends to one target; the session is the caller's.

    Where a bundle takes several requests, those that were accepted are not made again
    when another has to be.
    """

    def __init__(
        self,
        preset: Preset,
        target: HttpTarget,
        session: aiohttp.ClientSession,
        clock: Clock,
    ) -> None:
        """Read the TLS files, if any. Raises OSError when they cannot be used."""
        self._preset = preset
        self._timeout_secs = target.timeout
        self._timeout = aiohttp.ClientTimeout(total=target.timeout)
        own = target if isinstance(target, OwnServer) else None
        self._allows_link_local = own is not None and own.allow_link_local
        tls = None if own is None else own.tls
        self._tls = True if tls is None else tls.context()
        self._session = session
        self._clock = clock
        self._accepted: dict[str, dict[str, str]] = {}

    async def send(self, bundle: Bundle) -> str:
        """Make the requests for ``bundle``, in order; return what was answered.

        Raises TransientError when one may pass later; RejectedError when one never
        will, after the others have been made.
        """
        accepted = self._accepted.pop(bundle.id, {})
        refused: list[RejectedError] = []
        try:
            for call in self._preset.calls(bundle):
                if call.id in accepted:
                    continue
                try:
                    accepted[call.id] = await self._make(call)
                except RejectedError as error:
                    refused.append(error)
        except TransientError:
            self._remember(bundle.id, accepted)
            raise
        if refused:
            raise refused[0]
        return ", ".join(dict.fromkeys(accepted.values())) or "nothing to tell"

    async def _make(self, call: Call) -> str:
        what = f"{call.method} {origin(call.url)}"
        try:
            answer = await self._request(call)
        except TimeoutError as error:
            message = f"{what}: no answer within {self._timeout_secs:g} s"
            raise TransientError(message, reason=Reason.TIMEOUT) from error
        except aiohttp.ClientConnectorError as error:
            raise _unreachable(what, error) from error
        except (aiohttp.InvalidURL, ValueError) as error:
            # Without its cause: the text of this error is the address.
            message = f"{what}: {type(error).__name__}"
            raise RejectedError(message, reason=Reason.INVALID) from None
        except (aiohttp.ClientError, OSError) as error:
            message = f"{what}: {type(error).__name__}"
            raise TransientError(message, reason=Reason.NETWORK) from error
        # Before anything is cut, so that no part of a secret is left.
        answer = replace(answer, body=self._masked(call, answer.body))
        verdict = self._preset.judge(answer)
        if isinstance(verdict, Refusal):
            raise self._refused(what, answer, verdict)
        return verdict

    async def _request(self, call: Call) -> Answer:
        headers = {
            **call.headers,
            "Content-Type": call.content_type,
            "User-Agent": f"cloudtrail-relay/{__version__}",
            "Idempotency-Key": call.id,
            # A small answer may otherwise unpack to a huge one.
            "Accept-Encoding": "identity",
        }
        with link_local_allowed(self._allows_link_local):
            async with self._session.request(
                call.method,
                call.url,
                data=call.body,
                headers=headers,
                allow_redirects=False,
                timeout=self._timeout,
                ssl=self._tls,
            ) as response:
                is_success = Answer(status=response.status).is_success
                room = self._preset.answer_bytes if is_success else MAX_ANSWER_BYTES
                return Answer(
                    status=response.status,
                    retry_after=response.headers.get("Retry-After", ""),
                    body=await _beginning(response, room),
                    about=call.about,
                )

    def _refused(self, what: str, answer: Answer, refusal: Refusal) -> RelayError:
        message = f"{what}: {refusal.text}"
        if refusal.is_final:
            return RejectedError(message, reason=refusal.reason)
        wish_secs = refusal.retry_after_secs
        if wish_secs is None:
            wish_secs = retry_after_secs(answer.retry_after, now=self._clock.now())
        return TransientError(
            message, reason=refusal.reason, retry_after_secs=wish_secs
        )

    def _masked(self, call: Call, body: bytes) -> bytes:
        """Return ``body`` without the secrets that a server may repeat."""
        parts = urlsplit(call.url)
        pieces = [value for _, value in parse_qsl(parts.query)]
        pieces += parts.path.split("/")
        whole = [parts.query, parts.path.strip("/"), unquote(parts.path).strip("/")]
        if parts.password:
            password = unquote(parts.password)
            whole += [password, encoded(unquote(parts.username or ""), password)]
        long = [piece for piece in pieces if len(piece) >= _MIN_SECRET_CHARS]
        secrets = {*whole, *long, *self._preset.secrets} - {""}
        for secret in sorted(secrets, key=len, reverse=True):
            body = body.replace(secret.encode(), b"***")
        return body

    def _remember(self, bundle_id: str, accepted: dict[str, str]) -> None:
        if accepted:
            self._accepted[bundle_id] = accepted
        if len(self._accepted) > _MAX_REMEMBERED:
            del self._accepted[next(iter(self._accepted))]


async def _beginning(response: aiohttp.ClientResponse, room: int) -> bytes:
    """Return up to ``room`` bytes of the body; what ails the rest is of no interest."""
    body = bytearray()
    try:
        while len(body) < room:
            piece = await response.content.read(room - len(body))
            if not piece:
                break
            body += piece
    except (aiohttp.ClientError, OSError):
        pass  # the status says what there is to know; TimeoutError is an OSError
    return bytes(body)


def _unreachable(what: str, error: aiohttp.ClientConnectorError) -> RelayError:
    if isinstance(error.os_error, ForbiddenAddressError):
        message = f"{what}: {error.os_error}; allow_link_local would allow it"
        return RejectedError(message, reason=Reason.REFUSED)
    return TransientError(f"{what}: {type(error).__name__}", reason=Reason.NETWORK)
