"""relay.aws.errors: each foreign error gets the right class and the right reason."""

import aiohttp
import pytest
from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from relay.aws.errors import (
    PASSING,
    AlreadyExistsError,
    NotModifiedError,
    entry_error,
    translated,
)
from relay.errors import Reason, RejectedError, TransientError


def response_error(
    code: str,
    status: int = 400,
    *,
    text: str = "",
    operation: str = "GetObject",
    headers: dict[str, str] | None = None,
) -> Exception:
    """Return what botocore raises for an error response."""
    error: Exception = boto.ClientError(
        {
            "Error": {"Code": code, "Message": text},
            "ResponseMetadata": {
                "HTTPStatusCode": status,
                "HTTPHeaders": headers or {},
            },
        },
        operation,
    )
    return error


TRANSIENT = [
    ("SlowDown", 503, Reason.THROTTLED),
    ("ThrottlingException", 400, Reason.THROTTLED),
    ("RequestThrottled", 403, Reason.THROTTLED),
    ("OverLimit", 403, Reason.THROTTLED),
    ("Unheard", 429, Reason.THROTTLED),
    ("InternalError", 500, Reason.UNAVAILABLE),
    ("ServiceUnavailable", 503, Reason.UNAVAILABLE),
    ("ServiceUnavailableException", 500, Reason.UNAVAILABLE),
    ("Unheard", 502, Reason.UNAVAILABLE),
    ("OperationAbortedException", 400, Reason.UNAVAILABLE),
    ("RequestTimeout", 400, Reason.TIMEOUT),
    ("ExpiredToken", 400, Reason.CREDENTIALS),
    ("ExpiredTokenException", 400, Reason.CREDENTIALS),
    ("InvalidAccessKeyId", 403, Reason.CREDENTIALS),
    ("SignatureDoesNotMatch", 403, Reason.CREDENTIALS),
    ("RequestTimeTooSkewed", 403, Reason.CREDENTIALS),
    ("UnrecognizedClientException", 400, Reason.CREDENTIALS),
    ("AccessDenied", 403, Reason.ACCESS_DENIED),
    ("AccessDeniedException", 400, Reason.ACCESS_DENIED),
    ("AuthorizationError", 403, Reason.ACCESS_DENIED),
    ("403", 403, Reason.ACCESS_DENIED),
    ("KMS.DisabledException", 400, Reason.KMS),
    ("KmsAccessDenied", 400, Reason.KMS),
    ("KMSThrottling", 400, Reason.THROTTLED),
]
REJECTED = [
    ("NoSuchKey", 404, Reason.NO_SUCH_KEY),
    ("NoSuchVersion", 404, Reason.NO_SUCH_KEY),
    ("MethodNotAllowed", 405, Reason.NO_SUCH_KEY),
    ("NoSuchBucket", 404, Reason.NO_SUCH_BUCKET),
    ("InvalidObjectState", 403, Reason.ARCHIVED),
    ("AWS.SimpleQueueService.NonExistentQueue", 400, Reason.NOT_FOUND),
    ("ResourceNotFoundException", 400, Reason.NOT_FOUND),
    ("NotFound", 404, Reason.NOT_FOUND),
    ("404", 404, Reason.NOT_FOUND),
    ("ReceiptHandleIsInvalid", 404, Reason.RECEIPT_INVALID),
    ("EndpointDisabled", 400, Reason.REFUSED),
    ("InvalidParameterException", 400, Reason.INVALID),
    ("Unheard", 418, Reason.INVALID),
]
CALLS = [
    (boto.NoCredentialsError(), Reason.CREDENTIALS),
    (boto.PartialCredentialsError(provider="p", cred_var="v"), Reason.CREDENTIALS),
    (boto.CredentialRetrievalError(provider="p", error_msg="m"), Reason.CREDENTIALS),
    (boto.ReadTimeoutError(endpoint_url="u"), Reason.TIMEOUT),
    (boto.ConnectTimeoutError(endpoint_url="u"), Reason.TIMEOUT),
    (TimeoutError(), Reason.TIMEOUT),
    (boto.EndpointConnectionError(endpoint_url="u"), Reason.NETWORK),
    (boto.ConnectionClosedError(endpoint_url="u"), Reason.NETWORK),
    (boto.ResponseStreamingError(error="e"), Reason.NETWORK),
    (boto.SSLError(endpoint_url="u", error="e"), Reason.NETWORK),
    (boto.IncompleteReadError(actual_bytes=1, expected_bytes=2), Reason.NETWORK),
    (boto.FlexibleChecksumError(error_msg="m"), Reason.NETWORK),
    (aiohttp.ClientPayloadError("broken off"), Reason.NETWORK),
    (ConnectionResetError(), Reason.NETWORK),
    (ResponseParserError("<html>"), Reason.UNAVAILABLE),
    (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), Reason.UNAVAILABLE),
]


@pytest.mark.parametrize(("code", "status", "reason"), TRANSIENT)
def test_what_may_pass_is_transient(code: str, status: int, reason: Reason) -> None:
    """Throttling, 5xx and all that an operator can repair may succeed later."""
    with pytest.raises(TransientError) as caught, translated("s3://b/k"):
        raise response_error(code, status)

    assert reason is caught.value.reason


@pytest.mark.parametrize(("code", "status", "reason"), REJECTED)
def test_what_cannot_pass_is_rejected(code: str, status: int, reason: Reason) -> None:
    """What is not there, or was asked wrongly, is not worth another try."""
    with pytest.raises(RejectedError) as caught, translated("s3://b/k"):
        raise response_error(code, status)

    assert reason is caught.value.reason


@pytest.mark.parametrize(
    ("error", "reason"), CALLS, ids=lambda value: type(value).__name__
)
def test_call_without_an_answer_is_transient(error: Exception, reason: Reason) -> None:
    """A call that got no answer, or half a one, may succeed later."""
    with pytest.raises(TransientError) as caught, translated("s3://b/k"):
        raise error

    assert reason is caught.value.reason
    assert str(caught.value).startswith(f"s3://b/k: {type(error).__name__}")


def test_other_fault_of_the_sdk_is_rejected() -> None:
    """A request that the SDK refuses to send is refused again."""
    with pytest.raises(RejectedError) as caught, translated("s3://b/k"):
        raise boto.ParamValidationError(report="bad")

    assert Reason.INVALID is caught.value.reason


def test_message_names_the_thing_code_and_text() -> None:
    """The message is ``what: CODE: text`` on one line, and not endless."""
    text = "The specified\n  key does not exist. " + "x" * 1000
    with pytest.raises(RejectedError) as caught, translated("s3://b/k"):
        raise response_error("NoSuchKey", 404, text=text)

    message = str(caught.value)
    assert message.startswith(
        "s3://b/k: NoSuchKey: The specified key does not exist. x"
    )
    assert len(message) < 500


def test_denied_key_is_told_from_denied_object() -> None:
    """An AccessDenied that names a KMS action is about the key's policy."""
    text = "User is not authorized to perform: kms:Decrypt on resource arn:aws:kms:x"
    with pytest.raises(TransientError) as caught, translated("s3://b/k"):
        raise response_error("AccessDenied", 403, text=text)

    assert Reason.KMS is caught.value.reason


def test_role_that_cannot_be_assumed_is_a_matter_of_credentials() -> None:
    """A denied AssumeRole beneath a call is not the call's own AccessDenied."""
    with pytest.raises(TransientError) as caught, translated("s3://b/k"):
        raise response_error("AccessDenied", 403, operation="AssumeRole")

    assert Reason.CREDENTIALS is caught.value.reason


@pytest.mark.parametrize(
    ("header", "expected"), [("7", 7.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None)]
)
def test_wish_of_the_service_is_kept(header: str, expected: float | None) -> None:
    """Retry-After in seconds becomes ``retry_after_secs``; its date form does not."""
    with pytest.raises(TransientError) as caught, translated("s3://b/k"):
        raise response_error("SlowDown", 503, headers={"retry-after": header})

    assert expected == caught.value.retry_after_secs


def test_not_modified_is_an_answer_of_its_own() -> None:
    """HTTP 304 is neither transient nor rejected."""
    with pytest.raises(NotModifiedError), translated("s3://b/k"):
        raise response_error("304", 304)


def test_already_there_is_told_apart() -> None:
    """Who creates what may exist can catch exactly that."""
    with pytest.raises(AlreadyExistsError), translated("log group /relay"):
        raise response_error("ResourceAlreadyExistsException")


def test_fault_of_our_own_passes_unchanged() -> None:
    """A bug inside the block is not disguised as AWS's fault."""
    with pytest.raises(KeyError), translated("s3://b/k"):
        raise KeyError("bug")


def test_denied_calls_are_not_retried_in_place() -> None:
    """Only what passes by itself is worth an immediate retry."""
    assert {Reason.ACCESS_DENIED, Reason.KMS, Reason.CREDENTIALS}.isdisjoint(PASSING)


@pytest.mark.parametrize(
    ("code", "is_sender_fault", "kind", "reason"),
    [
        ("ReceiptHandleIsInvalid", True, RejectedError, Reason.RECEIPT_INVALID),
        ("InternalError", False, TransientError, Reason.UNAVAILABLE),
        ("Unheard", False, TransientError, Reason.UNAVAILABLE),
        ("Unheard", True, RejectedError, Reason.INVALID),
    ],
)
def test_entry_of_a_batch_fails_by_code_and_fault(
    code: str, is_sender_fault: bool, kind: type[Exception], reason: Reason
) -> None:
    """Known codes decide; of unknown ones the service says whose fault it is."""
    error = entry_error("delete", code=code, text="t", is_sender_fault=is_sender_fault)

    assert isinstance(error, kind)
    assert reason is error.reason
