"""Messages as CloudTrail, S3, EventBridge and SNS write them."""

import json
from collections.abc import Mapping

BUCKET = "org-trail-logs"
KEY = (
    "AWSLogs/123456789012/CloudTrail/eu-west-1/2026/09/14/"
    "123456789012_CloudTrail_eu-west-1_20260914T0540Z_kpaMYavMQA9Ahp7L.json.gz"
)
TOPIC_ARN = "arn:aws:sns:eu-west-1:123456789012:trail"


def cloudtrail(*keys: str, bucket: str = BUCKET) -> str:
    """Return CloudTrail's own notice of ``keys``."""
    return json.dumps({"s3Bucket": bucket, "s3ObjectKey": list(keys)})


def s3_record(
    key: str = KEY, *, event: str = "ObjectCreated:Put", **members: object
) -> dict[str, object]:
    """Return one record of an S3 event notification; ``key`` as S3 writes it."""
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": event,
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": {"name": BUCKET, "arn": f"arn:aws:s3:::{BUCKET}"},
            "object": {"key": key, "sequencer": "0055AED6DCD90281E5", **members},
        },
    }


def s3_event(*records: dict[str, object]) -> str:
    """Return an S3 event notification."""
    return json.dumps({"Records": list(records)})


def eventbridge(
    entity: Mapping[str, object] | None = None, *, kind: str = "Object Created"
) -> str:
    """Return EventBridge's event about an object."""
    return json.dumps(
        {
            "version": "0",
            "detail-type": kind,
            "source": "aws.s3",
            "detail": {
                "version": "0",
                "bucket": {"name": BUCKET},
                "object": entity or {"key": KEY},
                "reason": "PutObject",
            },
        }
    )


def sns(message: str, *, topic_arn: str = TOPIC_ARN, **members: str) -> str:
    """Return SNS's envelope around ``message``."""
    return json.dumps(
        {
            "Type": "Notification",
            "MessageId": "dc1e94d9-56c5-5e96-808d-cc7f68faa162",
            "TopicArn": topic_arn,
            "Message": message,
            "Timestamp": "2026-09-14T05:41:19.978Z",
            "SignatureVersion": "1",
            **members,
        }
    )


def confirmation(kind: str) -> str:
    """Return SNS's request to confirm that a subscription begins or ends."""
    return json.dumps(
        {
            "Type": kind,
            "TopicArn": TOPIC_ARN,
            "Token": "2336412f37",
            "Message": "You have chosen to subscribe ...",
            "SubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=Confirm",
        }
    )
