"""Notices for some objects of a message, in forms that AWS's services send as well."""

from collections.abc import Sequence
from urllib.parse import quote_plus

from relay.model import Delivery, DeliveryKind
from relay.quarantine.item import sqs_json


def notice_of(deliveries: Sequence[Delivery]) -> str:
    """Return the body of a message that announces these objects and no other.

    CloudTrail's own form for what CloudTrail announced (a notice names one bucket), the
    form of S3 for all else: that one has room for versions, and for several buckets.
    """
    first = deliveries[0]
    if all(_is_cloudtrail_of(delivery, first.bucket) for delivery in deliveries):
        keys = [delivery.key for delivery in deliveries]
        return sqs_json({"s3Bucket": first.bucket, "s3ObjectKey": keys})
    return sqs_json({"Records": [_s3_record(delivery) for delivery in deliveries]})


def _is_cloudtrail_of(delivery: Delivery, bucket: str) -> bool:
    return delivery.kind is DeliveryKind.CLOUDTRAIL and delivery.bucket == bucket


def _s3_record(delivery: Delivery) -> dict[str, object]:
    members = {
        # Encoded as forms are; see "Event message structure" of S3's notifications.
        "key": quote_plus(delivery.key, safe="/"),
        "size": delivery.size_bytes,
        "eTag": delivery.etag,
        "versionId": delivery.version_id,
    }
    return {
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "s3": {
            "bucket": {"name": delivery.bucket},
            "object": {
                name: value for name, value in members.items() if value is not None
            },
        },
    }
