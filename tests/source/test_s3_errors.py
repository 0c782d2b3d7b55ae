"""relay.source.objects: S3's refusals over HTTP, each with the right consequence."""

import re
from dataclasses import replace
from typing import Any

import pytest

from relay.config.source_section import Source
from relay.errors import Reason, RejectedError, TransientError
from relay.model import Delivery, DeliveryKind, LogObject
from relay.source.objects import MAX_ATTEMPTS, ObjectReader
from relay.telemetry import Telemetry
from tests.aws.s3_server import BODY, QUEUE_URL, Fault, s3_server
from tests.support.clock import EagerClock

DELIVERY = Delivery(bucket="logs", key="k", kind=DeliveryKind.CLOUDTRAIL)
SKEW = {"ServerTime": "2026-11-24T12:00:00Z"}
DENIED_KEY = "User: arn:aws:sts::1:x is not authorized to perform: kms:Decrypt on key"
ARCHIVE = {"StorageClass": "INTELLIGENT_TIERING", "AccessTier": "DEEP_ARCHIVE_ACCESS"}

# Of "Error responses" in the S3 API reference.
REJECTED = [
    (Fault(status=404, code="NoSuchKey"), Reason.NO_SUCH_KEY, "NoSuchKey"),
    (
        Fault(status=404, code="NoSuchKey", headers={"x-amz-delete-marker": "true"}),
        Reason.NO_SUCH_KEY,
        "newest version is a delete marker",
    ),
    (Fault(status=405, code="MethodNotAllowed"), Reason.NO_SUCH_KEY, "Method"),
    (Fault(status=404, code="NoSuchVersion"), Reason.NO_SUCH_KEY, "NoSuchVersion"),
    (Fault(status=404, code="NoSuchBucket"), Reason.NO_SUCH_BUCKET, "NoSuchBucket"),
    (Fault(status=404, code="NoSuchAccessPoint"), Reason.NO_SUCH_BUCKET, "Access"),
    (
        Fault(
            status=403, code="InvalidObjectState", members={"StorageClass": "GLACIER"}
        ),
        Reason.ARCHIVED,
        r"\(storage class GLACIER; restore it",
    ),
    (
        Fault(status=403, code="InvalidObjectState", members=ARCHIVE),
        Reason.ARCHIVED,
        r"storage class INTELLIGENT_TIERING, access tier DEEP_ARCHIVE_ACCESS",
    ),
    (Fault(status=403, code="InvalidObjectState"), Reason.ARCHIVED, "made up$"),
    (Fault(status=412, code="PreconditionFailed"), Reason.INVALID, "Precondition"),
]
DEFERRED = [
    (Fault(status=403, code="AccessDenied"), Reason.ACCESS_DENIED, "s3:ListBucket"),
    (Fault(status=403, code="AllAccessDisabled"), Reason.ACCESS_DENIED, "Disabled"),
    (Fault(status=403, code="InvalidPayer"), Reason.ACCESS_DENIED, "InvalidPayer"),
    (
        Fault(status=403, code="AccessDenied", text=DENIED_KEY),
        Reason.KMS,
        r"does not allow kms:Decrypt\)",
    ),
    (Fault(status=400, code="KMS.DisabledException"), Reason.KMS, "Disabled"),
    (Fault(status=400, code="KMS.KMSInvalidStateException"), Reason.KMS, "State"),
    (Fault(status=400, code="KMS.NotFoundException"), Reason.KMS, "NotFound"),
    (Fault(status=400, code="KMS.InvalidKeyUsageException"), Reason.KMS, "Usage"),
    (Fault(status=403, code="InvalidAccessKeyId"), Reason.CREDENTIALS, "KeyId"),
    (Fault(status=403, code="SignatureDoesNotMatch"), Reason.CREDENTIALS, "Signature"),
    (Fault(status=400, code="ExpiredToken"), Reason.CREDENTIALS, "ExpiredToken"),
    (
        Fault(status=403, code="RequestTimeTooSkewed", members=SKEW),
        Reason.CREDENTIALS,
        "clock of this machine is wrong, the service's says 2026-11-24T12:00:00Z",
    ),
    (
        Fault(status=403, code="RequestTimeTooSkewed"),
        Reason.CREDENTIALS,
        "the service's says [A-Z][a-z]{2}, .* GMT",
    ),
    (Fault(status=400, code="IncorrectEndpoint"), Reason.WRONG_REGION, "made up$"),
]
RENEWED = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"}
PASSING = [
    (Fault(status=503, code="SlowDown"), Reason.THROTTLED),
    (Fault(status=400, code="ThrottlingException"), Reason.THROTTLED),
    (Fault(status=400, code="KMS.ThrottlingException"), Reason.THROTTLED),
    (Fault(status=503, code="ServiceUnavailable"), Reason.UNAVAILABLE),
    (Fault(status=500, code="InternalError"), Reason.UNAVAILABLE),
    (Fault(status=307, code="TemporaryRedirect"), Reason.UNAVAILABLE),
    (Fault(status=400, code="RequestTimeout"), Reason.TIMEOUT),
]


def reader_of(s3: Any, **options: Any) -> ObjectReader:  # noqa: ANN401 - aiobotocore is untyped
    """Return a reader of the bucket ``logs`` that never really waits."""
    return ObjectReader(
        s3,
        Source(queue_url=QUEUE_URL, buckets=("logs",), **options),
        telemetry=Telemetry(),
        clock=EagerClock(),
    )


Found = tuple[str, type[Exception], Reason, str | None, int]
"""Code, class, reason, the text if it was found in the message, and the calls made."""


async def found_in(rows: list[tuple[Fault, Reason, str]]) -> list[Found]:
    """Return what became of one read for each row, all by one client.

    Opening a client costs a tenth of a second, so that the rows share one: the object's
    key is the number of its row.
    """
    found: list[Found] = []
    async with s3_server(lambda asked: rows[int(asked.path[-2:])][0]) as server:
        reader = reader_of(server.s3)
        for number, (fault, _, text) in enumerate(rows):
            server.asked.clear()
            delivery = replace(DELIVERY, key=f"{number:02}")
            try:
                await reader.read(delivery)
            except (TransientError, RejectedError) as error:
                told = text if re.search(text, str(error)) else str(error)
                calls = len(server.asked)
                found.append((fault.code, type(error), error.reason, told, calls))
    return found


async def test_what_is_not_to_be_had_is_rejected() -> None:
    """One call; the message is left to the queue's redrive policy."""
    expected = [
        (fault.code, RejectedError, reason, text, 1) for fault, reason, text in REJECTED
    ]

    assert expected == await found_in(REJECTED)


async def test_what_a_person_must_repair_is_deferred() -> None:
    """One call, or two where credentials are looked for anew: nobody is hammered."""
    expected = [
        (fault.code, TransientError, reason, text, 1 + (fault.code in RENEWED))
        for fault, reason, text in DEFERRED
    ]

    assert expected == await found_in(DEFERRED)


async def test_what_does_not_pass_is_tried_three_times() -> None:
    """With a back-off in place; then it is the queue's turn to wait."""
    rows = [(fault, reason, fault.code) for fault, reason in PASSING]
    expected = [
        (fault.code, TransientError, reason, text, MAX_ATTEMPTS)
        for fault, reason, text in rows
    ]

    assert expected == await found_in(rows)


async def test_what_passes_by_itself_is_read_at_last() -> None:
    """Each kind of fault twice, then the object."""
    answers = [
        answer
        for fault, _ in PASSING
        for answer in [*[fault] * (MAX_ATTEMPTS - 1), None]
    ]
    left = iter(answers)
    async with s3_server(lambda _: next(left)) as server:
        reader = reader_of(server.s3)
        read = [await reader.read(DELIVERY) for _ in PASSING]

    assert [each.body for each in read if isinstance(each, LogObject)] == [BODY] * len(
        PASSING
    )
    assert len(server.asked) == len(answers)


async def test_denied_owner_is_one_of_the_causes() -> None:
    """Only when one is expected: the text names what may be wrong, and no more."""
    fault = Fault(status=403, code="AccessDenied")
    async with s3_server(lambda _: fault) as server:
        with pytest.raises(TransientError, match=r"expected_bucket_owner"):
            await reader_of(server.s3, expected_bucket_owner="1" * 12).read(DELIVERY)
        with pytest.raises(TransientError) as caught:
            await reader_of(server.s3).read(DELIVERY)

    assert "owner" not in str(caught.value)


async def test_options_become_headers() -> None:
    """S3 is told whose bucket it must be, and who pays; by default nothing."""
    async with s3_server(lambda _: None) as server:
        await reader_of(server.s3).read(DELIVERY)
        await reader_of(
            server.s3, expected_bucket_owner="123456789012", request_payer=True
        ).read(DELIVERY)

    sent = [
        (
            each.headers.get("x-amz-expected-bucket-owner"),
            each.headers.get("x-amz-request-payer"),
        )
        for each in server.asked
    ]
    assert sent == [(None, None), ("123456789012", "requester")]


async def test_object_is_read_through_its_access_point() -> None:
    """The notice names the bucket, and so does the object; S3 hears the alias."""
    alias = "trail-hrzrlukc5m36ft7okagglf3gmwluquse1b-s3alias"
    async with s3_server(lambda _: None) as server:
        reader = reader_of(server.s3, access_points={"logs": alias})
        read = await reader.read(DELIVERY)

    assert isinstance(read, LogObject)
    assert read.bucket == "logs"
    assert [each.path for each in server.asked] == [f"/{alias}/k"]
