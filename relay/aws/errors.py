"""Foreign errors of AWS calls become relay's own, here and nowhere else.

The class answers "may the same call succeed later?":

* TransientError: throttling, 5xx, time-outs, lost connections, damaged bodies - and all
  that an operator repairs beside the call: permissions, KMS keys, credentials, the
  region. These must not be hammered: only the reasons in ``PASSING`` are worth an
  immediate retry.
* RejectedError: the thing asked for is not there, or the request itself is wrong.

Neither means "drop": a message whose object cannot be read stays in the queue, after a
TransientError for a backed-off retry, after a RejectedError for the visibility timeout;
the dead-letter queue ends both.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import aiohttp
from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from relay.aws.codes import Verdict, judge
from relay.aws.details import detail
from relay.errors import Reason, RejectedError, TransientError

PASSING = frozenset(
    {Reason.THROTTLED, Reason.UNAVAILABLE, Reason.TIMEOUT, Reason.NETWORK}
)
"""Reasons that pass by themselves, soon: the only ones to retry in place."""

_MAX_TEXT = 400  # AWS's own texts are shorter; a proxy's error page is not

_CREDENTIALS = (
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.TokenRetrievalError,
    boto.NoAuthTokenError,
    boto.MetadataRetrievalError,
    boto.RefreshWithMFAUnsupportedError,
    boto.SSOError,
    boto.LoginError,
)
_TIMEOUTS = (boto.ReadTimeoutError, boto.ConnectTimeoutError, TimeoutError)
# A body that breaks off or does not fit its checksum was damaged on its way.
_NETWORK = (
    boto.HTTPClientError,
    boto.ConnectionError,
    boto.IncompleteReadError,
    boto.FlexibleChecksumError,
    boto.ChecksumError,
    aiohttp.ClientError,
    OSError,
)
_UNREADABLE = (ResponseParserError, UnicodeDecodeError)


class NotModifiedError(Exception):
    """A conditional read was answered 304: the caller has this very version already."""


class AlreadyExistsError(RejectedError):
    """What was to be created is there already (ResourceAlreadyExistsException)."""


@contextmanager
def translated(
    what: str, *, hints: Mapping[Reason, str] | None = None
) -> Iterator[None]:
    """Turn errors of AWS calls inside into relay's own, named ``what: CODE: text``.

    ``hints`` says what a reason may also mean for this very call; it is added to it.
    Raises TransientError, RejectedError (AlreadyExistsError where that is the fault),
    or NotModifiedError for HTTP 304. All else passes: it is a fault of our own.
    """
    try:
        yield
    except boto.ClientError as error:
        raise _of_response(what, error, hints or {}) from error
    except (boto.BotoCoreError, *_UNREADABLE, *_NETWORK) as error:
        raise _of_call(what, error) from error


def entry_error(
    what: str, *, code: str, text: str, is_sender_fault: bool
) -> TransientError | RejectedError:
    """Return the error of one entry of a batch call that succeeded as a whole.

    An unknown code is transient unless the service says that the sender is at fault.
    """
    status = HTTPStatus.BAD_REQUEST if is_sender_fault else HTTPStatus.BAD_GATEWAY
    return _of_verdict(judge(code, text, status), _message(what, code, text))


def _of_response(
    what: str, error: boto.ClientError, hints: Mapping[Reason, str]
) -> Exception:
    fault: Mapping[str, Any] = error.response.get("Error", {})
    metadata: Mapping[str, Any] = error.response.get("ResponseMetadata", {})
    status = metadata.get("HTTPStatusCode", HTTPStatus.BAD_REQUEST)
    code, text = str(fault.get("Code", status)), str(fault.get("Message", ""))
    if status == HTTPStatus.NOT_MODIFIED:
        return NotModifiedError(what)
    message = _message(what, code, text)
    if code == "ResourceAlreadyExistsException":
        return AlreadyExistsError(message, reason=Reason.REFUSED)
    if error.operation_name.startswith("AssumeRole"):
        # The call failed before it was made: its credentials could not be had.
        return TransientError(message, reason=Reason.CREDENTIALS)
    verdict = judge(code, text, status)
    hint = detail(code, verdict.reason, error.response) or hints.get(verdict.reason)
    if hint is not None:
        message = f"{message} ({hint})"
    wish = metadata.get("HTTPHeaders", {}).get("retry-after", "")
    return _of_verdict(verdict, message, float(wish) if wish.isdecimal() else None)


def _of_verdict(
    verdict: Verdict, message: str, retry_after_secs: float | None = None
) -> TransientError | RejectedError:
    if not verdict.may_pass:
        return RejectedError(message, reason=verdict.reason)
    return TransientError(
        message, reason=verdict.reason, retry_after_secs=retry_after_secs
    )


def _of_call(what: str, error: Exception) -> Exception:
    message = _message(what, type(error).__name__, str(error))
    if isinstance(error, _CREDENTIALS):
        return TransientError(message, reason=Reason.CREDENTIALS)
    if isinstance(error, _TIMEOUTS):
        return TransientError(message, reason=Reason.TIMEOUT)
    if isinstance(error, _NETWORK):
        return TransientError(message, reason=Reason.NETWORK)
    if isinstance(error, _UNREADABLE):
        # Damaged, or not AWS's: a proxy or a load balancer answered in its place.
        return TransientError(message, reason=Reason.UNAVAILABLE)
    return RejectedError(message, reason=Reason.INVALID)


def _message(what: str, code: str, text: str) -> str:
    line = re.sub(r"\s+", " ", text).strip()[:_MAX_TEXT]
    return f"{what}: {code}: {line}" if line else f"{what}: {code}"
