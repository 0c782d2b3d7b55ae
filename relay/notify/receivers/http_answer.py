"""What a target answered by HTTP, and what that means for the notification."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import msgspec

from relay.errors import Reason
from relay.notify.plain import one_line

_MAX_SHOWN_CHARS = 200

_PASSING: dict[int, Reason] = {
    HTTPStatus.REQUEST_TIMEOUT: Reason.TIMEOUT,
    HTTPStatus.TOO_EARLY: Reason.UNAVAILABLE,
    HTTPStatus.TOO_MANY_REQUESTS: Reason.THROTTLED,
}
_FINAL: dict[int, Reason] = {
    HTTPStatus.UNAUTHORIZED: Reason.ACCESS_DENIED,
    HTTPStatus.FORBIDDEN: Reason.ACCESS_DENIED,
    HTTPStatus.NOT_FOUND: Reason.NOT_FOUND,
    HTTPStatus.GONE: Reason.NOT_FOUND,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The status, the header ``Retry-After`` and the beginning of the body.

    ``about`` is what the call was about.
    """

    status: int
    retry_after: str = ""
    body: bytes = b""
    about: str = ""

    @property
    def is_success(self) -> bool:
        """Whether the status is a 2xx."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def text(self) -> str:
        """The body's beginning, on one line."""
        return one_line(self.body.decode("utf-8", "replace"), _MAX_SHOWN_CHARS)

    def members(self) -> Mapping[str, object]:
        """Return the members of the JSON object that the body is; none of another."""
        try:
            return msgspec.json.decode(self.body, type=dict[str, object])
        except (msgspec.DecodeError, UnicodeDecodeError):
            return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The target did not take it; ``is_final``: and never will."""

    reason: Reason
    text: str
    is_final: bool
    retry_after_secs: float | None = None


def by_status(answer: Answer) -> str | Refusal:
    """Return the status of a success, or what HTTP says that another one means.

    408, 425, 429 and 5xx may pass; all others are final, redirects among them.
    """
    status = answer.status
    if answer.is_success:
        return str(status)
    text = f"status {status}" + (f": {answer.text}" if answer.text else "")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _PASSING:
        reason = _PASSING.get(status, Reason.UNAVAILABLE)
        return Refusal(reason=reason, text=text, is_final=False)
    return Refusal(reason=_FINAL.get(status, Reason.REFUSED), text=text, is_final=True)


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
