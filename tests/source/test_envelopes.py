"""relay.source.delivery and .queue together: envelopes as SNS itself makes them."""

import json
from contextlib import AsyncExitStack

import pytest

from relay.aws.clients import open_clients
from relay.clock import SystemClock
from relay.config.aws_section import Aws
from relay.model import Delivery, DeliveryKind
from relay.source.delivery import VALIDATION_TEXT, Ignored, Notice, read_message
from relay.source.queue import Queue

BUCKET = "org-trail-logs"
KEYS = ["AWSLogs/1/CloudTrail/a b+c.json.gz", "AWSLogs/1/CloudTrail/grüße.json.gz"]


async def through_sns(endpoint_url: str, text: str, *, is_raw: bool) -> str:
    """Publish ``text`` to a topic and return what arrives in a subscribed queue."""
    async with AsyncExitStack() as stack:
        aws = Aws(region="eu-west-1", endpoint_url=endpoint_url)
        clients = await open_clients(stack, aws, queue_url="")
        url = (await clients.sqs.create_queue(QueueName="relay"))["QueueUrl"]
        topic_arn = (await clients.sns.create_topic(Name="trail"))["TopicArn"]
        await clients.sns.subscribe(
            TopicArn=topic_arn,
            Protocol="sqs",
            Endpoint="arn:aws:sqs:eu-west-1:123456789012:relay",
            Attributes={"RawMessageDelivery": str(is_raw).lower()},
        )
        await clients.sns.publish(TopicArn=topic_arn, Message=text)
        queue = Queue(clients.sqs, url, clock=SystemClock())
        (message,) = await queue.receive(max_messages=10, visibility_timeout_secs=30)
    return message.body


@pytest.mark.parametrize("is_raw", [False, True], ids=["wrapped", "raw"])
async def test_notice_of_cloudtrail_arrives_through_sns(
    moto: str, is_raw: bool
) -> None:
    """The subscription's RawMessageDelivery does not matter."""
    text = json.dumps({"s3Bucket": BUCKET, "s3ObjectKey": KEYS})
    notice = read_message(await through_sns(moto, text, is_raw=is_raw))

    assert notice.deliveries == tuple(
        Delivery(bucket=BUCKET, key=key, kind=DeliveryKind.CLOUDTRAIL) for key in KEYS
    )
    assert (notice.topic_arn is None) == is_raw


@pytest.mark.parametrize("is_raw", [False, True], ids=["wrapped", "raw"])
async def test_validation_of_a_trail_arrives_through_sns(
    moto: str, is_raw: bool
) -> None:
    """The text that is no JSON is understood either way."""
    body = await through_sns(moto, VALIDATION_TEXT, is_raw=is_raw)
    notice = read_message(body)

    assert notice.ignored is Ignored.CLOUDTRAIL_VALIDATION


async def test_event_of_s3_arrives_in_the_queue(moto: str) -> None:
    """An object put into a bucket with notifications is announced, key decoded."""
    async with AsyncExitStack() as stack:
        aws = Aws(region="us-east-1", endpoint_url=moto)
        clients = await open_clients(stack, aws, queue_url="")
        url = (await clients.sqs.create_queue(QueueName="relay"))["QueueUrl"]
        await clients.s3.create_bucket(Bucket=BUCKET)
        await clients.s3.put_bucket_notification_configuration(
            Bucket=BUCKET,
            NotificationConfiguration={
                "QueueConfigurations": [
                    {
                        "QueueArn": "arn:aws:sqs:us-east-1:123456789012:relay",
                        "Events": ["s3:ObjectCreated:*"],
                    }
                ]
            },
        )
        put = await clients.s3.put_object(Bucket=BUCKET, Key=KEYS[0], Body=b"12345")
        queue = Queue(clients.sqs, url, clock=SystemClock())
        messages = await queue.receive(max_messages=10, visibility_timeout_secs=30)
    notices = [read_message(each.body) for each in messages]

    assert Notice(ignored=Ignored.S3_TEST) in notices
    (announced,) = [each for notice in notices for each in notice.deliveries]
    assert announced == Delivery(
        bucket=BUCKET,
        key=KEYS[0],
        kind=DeliveryKind.S3,
        size_bytes=5,
        etag=put["ETag"].strip('"'),
        version_id=announced.version_id,
    )
