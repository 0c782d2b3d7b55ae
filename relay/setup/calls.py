"""Calls of setup: errors become relay's own, and "there is none" becomes None."""

from collections.abc import Awaitable
from typing import Any

from relay.aws.errors import translated
from relay.errors import Reason, RejectedError

_NOT_THERE = frozenset({Reason.NOT_FOUND, Reason.NO_SUCH_BUCKET})
_DENIED = {
    Reason.ACCESS_DENIED: "the identity that runs setup may not do this, or the thing"
    " belongs to another account"
}


async def done(what: str, call: Awaitable[Any]) -> Any:  # noqa: ANN401 - the SDK's
    """Return the answer of ``call``. Raises TransientError and RejectedError."""
    with translated(what, hints=_DENIED):
        return await call


async def found(what: str, call: Awaitable[Any]) -> Any | None:  # noqa: ANN401 - the SDK's
    """Return the answer of ``call``, None when what it asks for does not exist."""
    try:
        return await done(what, call)
    except RejectedError as error:
        if error.reason in _NOT_THERE:
            return None
        raise
