"""Asks a running daemon how it is, over HTTP."""

from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

import msgspec

from relay.web.status import Status

TIMEOUT_SECS = 10.0
MOST_BYTES = 64 * 2**20


class NoAnswerError(Exception):
    """No daemon gives its status at this address; the message says why."""


def fetch(url: str) -> Status:
    """Return the status of the daemon at ``url``: ``http://host:port``.

    Raises NoAnswerError. ValueError when ``url`` is no address on the web.
    """
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"{url!r} is no address; write http://host:port")
    address = f"{url.rstrip('/')}/api/status"
    # Whatever proxy this machine uses, it is not the way to the machine itself.
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(address, timeout=TIMEOUT_SECS) as response:
            body: bytes = response.read(MOST_BYTES)
        return msgspec.json.decode(body, type=Status)
    except HTTPError as error:
        with error:
            text = error.read(1_000).decode(errors="replace").strip()
        raise NoAnswerError(
            f"{address}: {error.code}: {text or 'no reason'}"
        ) from error
    except msgspec.MsgspecError as error:
        raise NoAnswerError(f"{address}: no status of a relay: {error}") from error
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)  # of a URLError, what it wraps
        raise NoAnswerError(f"{address}: no answer: {reason}") from error
