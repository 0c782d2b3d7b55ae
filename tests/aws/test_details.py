"""relay.aws.details: what an error means is added where AWS's text does not say it."""

from typing import Any

import pytest

from relay.aws.details import detail
from relay.errors import Reason


def response(headers: dict[str, str] | None = None, **error: str) -> dict[str, Any]:
    """Return an answer as botocore has parsed it."""
    return {"Error": error, "ResponseMetadata": {"HTTPHeaders": headers or {}}}


DELETED = response({"x-amz-delete-marker": "true"})
TIERED = response(StorageClass="INTELLIGENT_TIERING", AccessTier="ARCHIVE_ACCESS")


@pytest.mark.parametrize(
    ("code", "reason", "answer", "text"),
    [
        ("NoSuchKey", Reason.NO_SUCH_KEY, DELETED, "delete marker"),
        ("NoSuchKey", Reason.NO_SUCH_KEY, response(), None),
        ("X", Reason.ARCHIVED, response(StorageClass="GLACIER"), "class GLACIER;"),
        ("X", Reason.ARCHIVED, TIERED, "class INTELLIGENT_TIERING, access tier ARCH"),
        ("X", Reason.ARCHIVED, response(), None),
        ("X", Reason.KMS, response(Message="perform: kms:Decrypt on"), "kms:Decrypt"),
        ("X", Reason.KMS, response(Message="disabled"), None),
        ("X", Reason.WRONG_REGION, response(Region="eu-west-1"), "is in eu-west-1"),
        ("X", Reason.WRONG_REGION, response(), None),
        ("X", Reason.THROTTLED, response(), None),
        (
            "RequestTimeTooSkewed",
            Reason.CREDENTIALS,
            response(ServerTime="T"),
            "says T",
        ),
        ("RequestExpired", Reason.CREDENTIALS, response({"date": "D"}), "says D"),
        ("RequestExpired", Reason.CREDENTIALS, response(), "says another time"),
        ("ExpiredToken", Reason.CREDENTIALS, response(), None),
    ],
)
def test_detail(
    code: str, reason: Reason, answer: dict[str, Any], text: str | None
) -> None:
    """Only what the answer itself holds, in our words."""
    found = detail(code, reason, answer)

    assert (found is None) is (text is None)
    assert text is None or text in (found or "")
