"""relay.source.access: requests for objects of allowed buckets, and no others."""

from typing import Any

import pytest

from relay.config.source_section import Source
from relay.errors import Reason, RejectedError
from relay.model import Delivery, DeliveryKind
from relay.source.access import BucketAccess

POINT = "arn:aws:s3:eu-west-1:123456789012:accesspoint/security"


def access(**options: Any) -> BucketAccess:  # noqa: ANN401 - a section's options
    """Return the access that the section ``source`` gives to the bucket ``logs``."""
    return BucketAccess(
        Source(queue_url="http://q/1/q", buckets=("logs",), **options),
    )


def delivery(*, bucket: str = "logs", version_id: str | None = None) -> Delivery:
    """Return the notice of the object ``k``."""
    return Delivery(bucket=bucket, key="k", kind=DeliveryKind.S3, version_id=version_id)


@pytest.mark.parametrize(
    ("options", "added"),
    [
        ({}, {}),
        ({"expected_bucket_owner": "1" * 12}, {"ExpectedBucketOwner": "1" * 12}),
        ({"request_payer": True}, {"RequestPayer": "requester"}),
        ({"access_points": {"logs": POINT}}, {"Bucket": POINT}),
    ],
    ids=["default", "owner", "payer", "access point"],
)
def test_options_change_the_request(
    options: dict[str, Any], added: dict[str, str]
) -> None:
    """Each by one parameter of GetObject."""
    request = access(**options).request(delivery(), [])

    assert request == {"Bucket": "logs", "Key": "k"} | added


@pytest.mark.parametrize(
    ("etags", "condition"),
    [([], {}), (["e1"], {"IfNoneMatch": '"e1"'}), (["e1", "e2"], {})],
)
def test_version_and_condition_are_asked_for(
    etags: list[str], condition: dict[str, str]
) -> None:
    """GetObject takes one etag; with several known versions the object is read."""
    request = access().request(delivery(version_id="v1"), etags)

    assert request == {"Bucket": "logs", "Key": "k", "VersionId": "v1"} | condition


def test_other_buckets_are_refused() -> None:
    """Whatever a message says, and even if it names an access point."""
    for bucket in ("attacker", POINT):
        with pytest.raises(RejectedError, match=r"source\.buckets") as caught:
            access(access_points={"logs": POINT}).request(delivery(bucket=bucket), [])

        assert caught.value.reason is Reason.FOREIGN_BUCKET


def test_hint_names_what_may_be_wrong() -> None:
    """An owner only when one is expected."""
    plain = access().hints[Reason.ACCESS_DENIED]
    owned = access(expected_bucket_owner="1" * 12).hints[Reason.ACCESS_DENIED]

    assert "s3:ListBucket" in plain
    assert "owner" not in plain
    assert "source.expected_bucket_owner" in owned
