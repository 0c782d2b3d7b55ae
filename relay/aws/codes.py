"""Which error code of AWS means what: one table, for no code means two things.

Codes of S3 ("Error responses"), SQS, CloudWatch, CloudWatch Logs, SNS, EventBridge,
Lambda, SES, Secrets Manager, SSM, KMS and STS as their API references and "Common
Errors" list them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from relay.errors import Reason

WRONG_REGION_CODES = frozenset(
    {"PermanentRedirect", "AuthorizationHeaderMalformed", "IncorrectEndpoint"}
    | {"IllegalLocationConstraintException"}
)
"""Codes of S3 about a bucket that is called in another region than its own."""

_TRANSIENT: Mapping[Reason, tuple[str, ...]] = {
    Reason.THROTTLED: (
        "SlowDown", "Throttling", "ThrottlingException", "ThrottledException",
        "Throttled", "RequestThrottled", "RequestThrottledException",
        "RequestLimitExceeded", "TooManyRequestsException", "BandwidthLimitExceeded",
        "OverLimit", "AWS.SimpleQueueService.OverLimit", "KmsThrottled",
        "KMSThrottling", "KMSThrottlingException", "EC2ThrottledException",
    ),
    Reason.UNAVAILABLE: (
        "InternalError", "InternalErrorException", "InternalFailure",
        "InternalServerError", "ServiceUnavailable", "ServiceUnavailableException",
        "ServiceFailure", "OperationAborted", "OperationAbortedException",
        "QueueDeletedRecently", "AWS.SimpleQueueService.QueueDeletedRecently",
        "InternalException", "InternalServiceError", "InternalServiceFault",
        # A Lambda function that is being made, changed or woken.
        "ResourceConflictException", "ResourceNotReadyException",
        "SnapStartNotReadyException", "SnapStartTimeoutException",
        "EFSMountTimeoutException",
        # A bucket is new, and DNS does not know yet where it is.
        "TemporaryRedirect", "Redirect",
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
        # SES will not send for this account or domain until its owner has acted.
        "AccountSuspendedException", "SendingPausedException",
        "MailFromDomainNotVerifiedException",
    ),
    Reason.KMS: (
        "KMSDisabled", "KMSInvalidState", "KMSNotFound", "KMSOptInRequired",
        "KMSAccessDenied", "KMSDisabledException", "KMSInvalidStateException",
        "KMSNotFoundException", "KMSAccessDeniedException", "KmsDisabled",
        "KmsInvalidState", "KmsNotFound", "KmsOptInRequired", "KmsAccessDenied",
        "KmsInvalidKeyUsage",
    ),
    Reason.WRONG_REGION: tuple(WRONG_REGION_CODES),
}  # fmt: skip
_REJECTED: Mapping[Reason, tuple[str, ...]] = {
    # A 405 of GetObject: the version asked for is a delete marker.
    Reason.NO_SUCH_KEY: ("NoSuchKey", "NoSuchVersion", "MethodNotAllowed"),
    Reason.NO_SUCH_BUCKET: ("NoSuchBucket", "NoSuchAccessPoint"),
    Reason.ARCHIVED: ("InvalidObjectState",),
    Reason.NOT_FOUND: (
        "ResourceNotFoundException", "NotFound", "NotFoundException",
        "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue",
        "ResourceNotFound", "ParameterNotFound", "ParameterVersionNotFound",
    ),
    Reason.RECEIPT_INVALID: (
        "ReceiptHandleIsInvalid", "MessageNotInflight",
        "AWS.SimpleQueueService.MessageNotInflight",
    ),
    Reason.REFUSED: ("EndpointDisabled", "EndpointDisabledException",
                     "LimitExceededException", "MessageRejected"),
}  # fmt: skip

_TRANSIENT_CODES = {code: why for why, codes in _TRANSIENT.items() for code in codes}
_REJECTED_CODES = {code: why for why, codes in _REJECTED.items() for code in codes}

REFUSED_CREDENTIALS = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "InvalidToken", "TokenRefreshRequired"}
    | {"InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidClientTokenId"}
    | {"UnrecognizedClientException"}
)
"""Codes of what other credentials would help against, if there are any by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Why a call failed, and whether the same call may succeed later."""

    reason: Reason
    may_pass: bool


def judge(code: str, text: str, status: int) -> Verdict:
    """Judge an error by its code, AWS's text about it, and the status of the answer."""
    if code in _REJECTED_CODES:
        return Verdict(reason=_REJECTED_CODES[code], may_pass=False)
    reason = _transient_reason(code, text.lower(), status)
    if reason is not None:
        return Verdict(reason=reason, may_pass=True)
    is_missing = status == HTTPStatus.NOT_FOUND
    reason = Reason.NOT_FOUND if is_missing else Reason.INVALID
    return Verdict(reason=reason, may_pass=False)


def _transient_reason(code: str, text: str, status: int) -> Reason | None:
    reason = _TRANSIENT_CODES.get(code)
    if reason is None and code.startswith("KMS."):
        # S3 passes KMS's own errors on; not all of them are listed.
        reason = Reason.THROTTLED if "thrott" in code.lower() else Reason.KMS
    reason = reason or _reason_of_status(status)
    if reason is Reason.ACCESS_DENIED and "kms:" in text:
        return Reason.KMS  # AWS names the action that the key's policy lacks
    if code == "AuthorizationHeaderMalformed" and "region" not in text:
        return Reason.CREDENTIALS  # the key id in it is empty, or is none
    return reason


def _reason_of_status(status: int) -> Reason | None:
    """Return the reason of a failed call whose code is not known, None: a final one."""
    if status == HTTPStatus.FORBIDDEN:
        return Reason.ACCESS_DENIED
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Reason.THROTTLED
    is_redirect = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST
    if is_redirect or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # No code of AWS's and a redirect: a proxy answered in its place.
        return Reason.UNAVAILABLE
    return None
