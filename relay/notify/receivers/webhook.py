"""POSTs notifications as JSON to an HTTP address.

With a secret, two headers let the receiver verify who sent the body, and when::

    X-Relay-Timestamp: 1790000000
    X-Relay-Signature: sha256=<hex HMAC-SHA256 of timestamp + "." + body, by the secret>

To verify: refuse a timestamp that is more than 5 minutes away from your own time, so
that a recorded request cannot be replayed later; compute the HMAC over the header's
text, a full stop and the raw body; compare in constant time. Drop what carries an
``Idempotency-Key`` that was seen before: a retry has the key of its first attempt, but
a new timestamp and signature.
"""

import hashlib
import hmac
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp

from relay import __version__
from relay.clock import Clock
from relay.config.notify_section import WebhookTarget
from relay.config.secrets import Secret
from relay.errors import Reason, RejectedError, RelayError, TransientError
from relay.model import Bundle, Notification
from relay.notify.plain import one_line
from relay.notify.targets import origin
from relay.notify.webhook_body import render_body

_MAX_ANSWER_BYTES = 1_024
_MAX_ANSWER_CHARS = 200

_TRANSIENT: dict[int, Reason] = {
    HTTPStatus.REQUEST_TIMEOUT: Reason.TIMEOUT,
    HTTPStatus.TOO_EARLY: Reason.UNAVAILABLE,
    HTTPStatus.TOO_MANY_REQUESTS: Reason.THROTTLED,
}
_REJECTED: dict[int, Reason] = {
    HTTPStatus.UNAUTHORIZED: Reason.ACCESS_DENIED,
    HTTPStatus.FORBIDDEN: Reason.ACCESS_DENIED,
    HTTPStatus.NOT_FOUND: Reason.NOT_FOUND,
    HTTPStatus.GONE: Reason.NOT_FOUND,
}


class WebhookSender:
    """Sends to one address; the session is the caller's.

    The address may hold a secret, so errors name no more than scheme and host.
    """

    def __init__(
        self, target: WebhookTarget, session: aiohttp.ClientSession, clock: Clock
    ) -> None:
        self._target = target
        self._url = target.url.reveal()
        self._what = f"POST {origin(self._url)}"
        self._timeout = aiohttp.ClientTimeout(total=target.timeout)
        self._session = session
        self._clock = clock

    async def send(self, bundle: Bundle) -> str:
        """POST the newest notification once; return the status, which is a 2xx.

        Redirects are not followed.

        Raises TransientError for 408, 425, 429, 5xx and what ails the network;
        RejectedError for every other status.
        """
        notification = bundle.newest
        body = render_body(notification)
        try:
            async with self._session.post(
                self._url,
                data=body,
                headers=self._headers(notification, body),
                allow_redirects=False,
                timeout=self._timeout,
            ) as response:
                if response.status < HTTPStatus.MULTIPLE_CHOICES:
                    return str(response.status)
                answer = await response.content.read(_MAX_ANSWER_BYTES)
                raise self._refused(response, answer)
        except TimeoutError as error:
            message = f"{self._what}: no answer within {self._target.timeout:g} s"
            raise TransientError(message, reason=Reason.TIMEOUT) from error
        except (aiohttp.InvalidURL, ValueError) as error:
            # Without its cause: the text of this error is the address.
            message = f"{self._what}: {type(error).__name__}"
            raise RejectedError(message, reason=Reason.INVALID) from None
        except (aiohttp.ClientError, OSError) as error:
            message = f"{self._what}: {type(error).__name__}"
            raise TransientError(message, reason=Reason.NETWORK) from error

    def _headers(self, notification: Notification, body: bytes) -> dict[str, str]:
        headers = {
            name: value.reveal() for name, value in self._target.headers.items()
        } | {
            "Content-Type": "application/json",
            "User-Agent": f"cloudtrail-relay/{__version__}",
            "Idempotency-Key": notification.id,
        }
        if self._target.hmac_secret is not None:
            timestamp = str(int(self._clock.now()))
            headers["X-Relay-Timestamp"] = timestamp
            headers["X-Relay-Signature"] = sign(
                self._target.hmac_secret, timestamp, body
            )
        return headers

    def _refused(self, response: aiohttp.ClientResponse, answer: bytes) -> RelayError:
        status = response.status
        message = f"{self._what}: status {status}{self._shown(answer)}"
        reason = _TRANSIENT.get(status)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            reason = Reason.UNAVAILABLE
        if reason is None:
            return RejectedError(message, reason=_REJECTED.get(status, Reason.REFUSED))
        wish_secs = retry_after_secs(
            response.headers.get("Retry-After", ""), now=self._clock.now()
        )
        return TransientError(message, reason=reason, retry_after_secs=wish_secs)

    def _shown(self, answer: bytes) -> str:
        """Return the answer's beginning, without the address that it may repeat."""
        text = answer.decode("utf-8", "replace")
        parts = urlsplit(self._url)
        for secret in (parts.query, parts.path.strip("/")):
            if secret:
                text = text.replace(secret, "***")
        line = one_line(text, _MAX_ANSWER_CHARS)
        return f": {line}" if line else ""


def sign(secret: Secret, timestamp: str, body: bytes) -> str:
    """Return the value of ``X-Relay-Signature``; the module says how to verify it."""
    signed = timestamp.encode() + b"." + body
    digest = hmac.new(secret.reveal().encode(), signed, hashlib.sha256).hexdigest()
    return f"sha256={digest}"


def retry_after_secs(header: str, *, now: float) -> float | None:
    """Return how long a ``Retry-After`` header asks to wait, from ``now``.

    It holds seconds or an HTTP date (RFC 9110, section 10.2.3); None for neither.
    """
    text = header.strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.fromtimestamp(now, UTC)).total_seconds())
