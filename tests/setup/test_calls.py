"""Tests of calls: what is not there is None, every other refusal is an error."""

import pytest
from botocore.exceptions import ClientError

from relay.errors import Reason, RejectedError, TransientError
from relay.setup.calls import found


async def refused(code: str, status: int) -> None:
    """Be refused by AWS."""
    error = {"Code": code, "Message": "made up"}
    metadata = {"HTTPStatusCode": status}
    raise ClientError({"Error": error, "ResponseMetadata": metadata}, "Get")


@pytest.mark.parametrize(
    ("code", "status"),
    [("NoSuchBucket", 404), ("NoSuchTagSet", 404), ("QueueDoesNotExist", 400)],
)
async def test_missing_is_none(code: str, status: int) -> None:
    """Whatever the service calls it."""
    assert await found("look", refused(code, status)) is None


async def test_wrong_request_is_an_error() -> None:
    """It does not mean that there is nothing."""
    with pytest.raises(RejectedError) as raised:
        await found("look", refused("ValidationError", 400))

    assert raised.value.reason is Reason.INVALID


async def test_denial_is_explained() -> None:
    """S3 says no more than 403 of a bucket that another account was quicker to take."""
    with pytest.raises(TransientError, match="belongs to another account"):
        await found("look", refused("403", 403))
