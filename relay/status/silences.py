"""Asks a running daemon for its silences, and makes and ends them, over HTTP."""

from collections.abc import Sequence
from http.client import HTTPException
from typing import TypeVar
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

import msgspec

from relay.status.client import MOST_BYTES, TIMEOUT_SECS, NoAnswerError
from relay.web.silences import NewSilence, ShownSilence

T = TypeVar("T")


def list_silences(url: str) -> Sequence[ShownSilence]:
    """Return all silences of the daemon at ``url``.

    Raises NoAnswerError. ValueError when ``url`` is no address on the web.
    """
    body = _ask(_request(url, "", method="GET"))
    return _decoded(body, list[ShownSilence])


def add_silence(url: str, new: NewSilence, *, token: str) -> ShownSilence:
    """Make a silence and return it. Raises NoAnswerError, ValueError."""
    request = _request(url, "", method="POST", token=token)
    request.data = msgspec.json.encode(new)
    request.add_header("Content-Type", "application/json")
    return _decoded(_ask(request), ShownSilence)


def expire_silence(url: str, silence_id: str, *, token: str) -> ShownSilence:
    """End a silence and return it. Raises NoAnswerError, ValueError."""
    path = f"/{quote(silence_id, safe='')}"
    return _decoded(
        _ask(_request(url, path, method="DELETE", token=token)), ShownSilence
    )


def _request(url: str, path: str, *, method: str, token: str | None = None) -> Request:
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"{url!r} is no address; write http://host:port")
    address = f"{url.rstrip('/')}/api/silences{path}"
    request = Request(address, method=method)  # noqa: S310 - the scheme is checked
    if token is not None:
        # Not sent along should the answer lead elsewhere.
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    return request


def _ask(request: Request) -> bytes:
    # Whatever proxy this machine uses, it is not the way to the machine itself.
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(request, timeout=TIMEOUT_SECS) as response:
            body: bytes = response.read(MOST_BYTES)
            return body
    except HTTPError as error:
        with error:
            text = error.read(2_000).decode(errors="replace").strip()
        raise NoAnswerError(
            f"{request.full_url}: {error.code}: {text or 'no reason'}"
        ) from error
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)  # of a URLError, what it wraps
        raise NoAnswerError(f"{request.full_url}: no answer: {reason}") from error


def _decoded(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        raise NoAnswerError(f"no silences of a relay: {error}") from error
