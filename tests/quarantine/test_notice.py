"""relay.quarantine.notice: what is sent again announces exactly what failed."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.model import Delivery, DeliveryKind
from relay.quarantine.notice import notice_of
from relay.source.delivery import read_message
from tests.quarantine.examples import BUCKET, delivery


def test_cloudtrails_objects_are_announced_as_cloudtrail_does() -> None:
    """One bucket, many keys."""
    notice = notice_of([delivery("a"), delivery("b")])

    assert json.loads(notice) == {"s3Bucket": BUCKET, "s3ObjectKey": ["a", "b"]}


@pytest.mark.parametrize(
    "deliveries",
    [
        [delivery("a b+c%/ö", kind=DeliveryKind.S3)],
        [delivery("a", kind=DeliveryKind.S3, version_id="v1")],
        [delivery("a", kind=DeliveryKind.EVENTBRIDGE, bucket="other")],
        [
            delivery("a", kind=DeliveryKind.S3, bucket="one"),
            delivery("a", kind=DeliveryKind.S3, bucket="two"),
        ],
        [delivery("a"), delivery("a", bucket="two")],
    ],
    ids=["odd key", "version", "eventbridge", "two buckets", "two of CloudTrail's"],
)
def test_all_others_are_announced_as_s3_does(deliveries: list[Delivery]) -> None:
    """Buckets, keys and versions come through as they were."""
    notice = notice_of(deliveries)
    read = read_message(notice).deliveries

    assert "Records" in json.loads(notice)
    assert [named(each) for each in read] == [named(each) for each in deliveries]


def test_hints_come_through() -> None:
    """Size and etag as S3 announced them."""
    announced = Delivery(
        bucket=BUCKET, key="a", kind=DeliveryKind.S3, size_bytes=7, etag="e"
    )

    assert read_message(notice_of([announced])).deliveries == (announced,)


deliveries_of_one_kind = st.sampled_from(DeliveryKind).flatmap(
    lambda kind: st.lists(
        st.builds(
            delivery,
            st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
            kind=st.just(kind),
        ),
        min_size=1,
        unique_by=lambda each: each.key,
    )
)


@given(deliveries_of_one_kind)
def test_any_key_comes_through(deliveries: list[Delivery]) -> None:
    """Whatever characters it has; what is sent has only those that SQS takes."""
    notice = notice_of(deliveries)

    assert "\ufffe" not in notice
    assert "\uffff" not in notice
    read = read_message(notice).deliveries
    assert [named(each) for each in read] == [named(each) for each in deliveries]


def named(each: Delivery) -> tuple[Any, ...]:
    """Return which object version a delivery names."""
    return each.bucket, each.key, each.version_id
