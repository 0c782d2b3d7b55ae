"""Foreign errors of AWS calls become relay's own, here and nowhere else.

The class answers "may the same call succeed later?":

* TransientError: throttling, 5xx, time-outs, lost connections, damaged bodies - and all
  that an operator repairs beside the call: permissions, KMS keys, credentials. These
  must not be hammered: only the reasons in ``PASSING`` are worth an immediate retry.
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

from relay.errors import Reason, RejectedError, TransientError

PASSING = frozenset(
    {Reason.THROTTLED, Reason.UNAVAILABLE, Reason.TIMEOUT, Reason.NETWORK}
)
"""Reasons that pass by themselves, soon: the only ones to retry in place."""

_MAX_TEXT = 400  # AWS's own texts are shorter; a proxy's error page is not

# Codes of S3 ("Error responses"), SQS, CloudWatch Logs, SNS, KMS and STS as their API
# references and "Common Errors" list them. One table: no code means two things.
_TRANSIENT: Mapping[Reason, tuple[str, ...]] = {
    Reason.THROTTLED: (
        "SlowDown", "Throttling", "ThrottlingException", "ThrottledException",
        "Throttled", "RequestThrottled", "RequestThrottledException",
        "RequestLimitExceeded", "TooManyRequestsException", "BandwidthLimitExceeded",
        "OverLimit", "AWS.SimpleQueueService.OverLimit", "KmsThrottled",
        "KMSThrottling", "KMSThrottlingException",
    ),
    Reason.UNAVAILABLE: (
        "InternalError", "InternalErrorException", "InternalFailure",
        "InternalServerError", "ServiceUnavailable", "ServiceUnavailableException",
        "ServiceFailure", "OperationAborted", "OperationAbortedException",
        "QueueDeletedRecently", "AWS.SimpleQueueService.QueueDeletedRecently",
    ),
    Reason.TIMEOUT: ("RequestTimeout", "RequestTimeoutException"),
    Reason.CREDENTIALS: (
        "ExpiredToken", "ExpiredTokenException", "InvalidToken",
        "TokenRefreshRequired", "InvalidAccessKeyId", "SignatureDoesNotMatch",
        "InvalidSignatureException", "IncompleteSignature", "InvalidClientTokenId",
        "UnrecognizedClientException", "MissingAuthenticationToken",
        "MissingAuthenticationTokenException", "AuthFailure", "RequestTimeTooSkewed",
        "RequestExpired", "InvalidSecurity", "NotSignedUp", "OptInRequired",
    ),
    Reason.ACCESS_DENIED: (
        "AccessDenied", "AccessDeniedException", "AllAccessDisabled",
        "AuthorizationError", "AuthorizationErrorException", "InvalidPayer",
        "UnauthorizedOperation", "UnauthorizedAccess",
    ),
    Reason.KMS: (
        "KMSDisabled", "KMSInvalidState", "KMSNotFound", "KMSOptInRequired",
        "KMSAccessDenied", "KMSDisabledException", "KMSInvalidStateException",
        "KMSNotFoundException", "KMSAccessDeniedException", "KmsDisabled",
        "KmsInvalidState", "KmsNotFound", "KmsOptInRequired", "KmsAccessDenied",
        "KmsInvalidKeyUsage",
    ),
}  # fmt: skip
_REJECTED: Mapping[Reason, tuple[str, ...]] = {
    # A 405 of GetObject: the version asked for is a delete marker.
    Reason.NO_SUCH_KEY: ("NoSuchKey", "NoSuchVersion", "MethodNotAllowed"),
    Reason.NO_SUCH_BUCKET: ("NoSuchBucket", "NoSuchAccessPoint"),
    Reason.ARCHIVED: ("InvalidObjectState",),
    Reason.NOT_FOUND: (
        "ResourceNotFoundException", "NotFound", "NotFoundException",
        "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue",
    ),
    Reason.RECEIPT_INVALID: (
        "ReceiptHandleIsInvalid", "MessageNotInflight",
        "AWS.SimpleQueueService.MessageNotInflight",
    ),
    Reason.REFUSED: ("EndpointDisabled", "EndpointDisabledException",
                     "LimitExceededException"),
}  # fmt: skip
_TRANSIENT_CODES = {code: why for why, codes in _TRANSIENT.items() for code in codes}
_REJECTED_CODES = {code: why for why, codes in _REJECTED.items() for code in codes}

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


class NotModifiedError(Exception):
    """A conditional read was answered 304: the caller has this very version already."""


class AlreadyExistsError(RejectedError):
    """What was to be created is there already (ResourceAlreadyExistsException)."""


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Turn errors of AWS calls inside into relay's own, named ``what: CODE: text``.

    Raises TransientError, RejectedError (AlreadyExistsError where that is the fault),
    or NotModifiedError for HTTP 304. All else passes: it is a fault of our own.
    """
    try:
        yield
    except boto.ClientError as error:
        raise _of_response(what, error) from error
    except (boto.BotoCoreError, ResponseParserError, *_NETWORK) as error:
        raise _of_call(what, error) from error


def entry_error(
    what: str, *, code: str, text: str, is_sender_fault: bool
) -> TransientError | RejectedError:
    """Return the error of one entry of a batch call that succeeded as a whole.

    An unknown code is transient unless the service says that the sender is at fault.
    """
    status = HTTPStatus.BAD_REQUEST if is_sender_fault else HTTPStatus.BAD_GATEWAY
    return _of_code(what, code, text, status)


def _of_response(what: str, error: boto.ClientError) -> Exception:
    fault: Mapping[str, Any] = error.response.get("Error", {})
    metadata: Mapping[str, Any] = error.response.get("ResponseMetadata", {})
    status = metadata.get("HTTPStatusCode", HTTPStatus.BAD_REQUEST)
    code, text = str(fault.get("Code", status)), str(fault.get("Message", ""))
    if status == HTTPStatus.NOT_MODIFIED:
        return NotModifiedError(what)
    if error.operation_name.startswith("AssumeRole"):
        # The call failed before it was made: its credentials could not be had.
        return TransientError(_message(what, code, text), reason=Reason.CREDENTIALS)
    wish = metadata.get("HTTPHeaders", {}).get("retry-after", "")
    return _of_code(what, code, text, status, float(wish) if wish.isdecimal() else None)


def _of_code(
    what: str, code: str, text: str, status: int, retry_after_secs: float | None = None
) -> TransientError | RejectedError:
    message = _message(what, code, text)
    if code == "ResourceAlreadyExistsException":
        return AlreadyExistsError(message, reason=Reason.REFUSED)
    if code in _REJECTED_CODES:
        return RejectedError(message, reason=_REJECTED_CODES[code])
    reason = _transient_reason(code, text, status)
    if reason is not None:
        return TransientError(message, reason=reason, retry_after_secs=retry_after_secs)
    reason = Reason.NOT_FOUND if status == HTTPStatus.NOT_FOUND else Reason.INVALID
    return RejectedError(message, reason=reason)


def _transient_reason(code: str, text: str, status: int) -> Reason | None:
    reason = _TRANSIENT_CODES.get(code)
    if reason is None and code.startswith("KMS."):
        return Reason.KMS
    if reason is None and status == HTTPStatus.FORBIDDEN:
        reason = Reason.ACCESS_DENIED
    if reason is None and status == HTTPStatus.TOO_MANY_REQUESTS:
        return Reason.THROTTLED
    if reason is None and status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Reason.UNAVAILABLE
    if reason is Reason.ACCESS_DENIED and "kms:" in text.lower():
        return Reason.KMS  # AWS names the action that the key's policy lacks
    return reason


def _of_call(what: str, error: Exception) -> Exception:
    message = _message(what, type(error).__name__, str(error))
    if isinstance(error, _CREDENTIALS):
        return TransientError(message, reason=Reason.CREDENTIALS)
    if isinstance(error, _TIMEOUTS):
        return TransientError(message, reason=Reason.TIMEOUT)
    if isinstance(error, _NETWORK):
        return TransientError(message, reason=Reason.NETWORK)
    if isinstance(error, ResponseParserError):
        # Not AWS's format: a proxy or a load balancer answered in its place.
        return TransientError(message, reason=Reason.UNAVAILABLE)
    return RejectedError(message, reason=Reason.INVALID)


def _message(what: str, code: str, text: str) -> str:
    line = re.sub(r"\s+", " ", text).strip()[:_MAX_TEXT]
    return f"{what}: {code}: {line}" if line else f"{what}: {code}"
