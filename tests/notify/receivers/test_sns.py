"""SNS, as subscribers see it: by moto over HTTP."""

import json
from contextlib import AsyncExitStack
from typing import Any

import pytest

from relay.aws.clients import AwsClients, open_clients
from relay.config.aws_section import Aws
from relay.config.notify_section import SnsTarget
from relay.errors import Reason, RejectedError
from relay.notify.cloudwatch_message import render_json
from relay.notify.receivers.sns import SnsSender
from tests.notify.examples import bundle, notification

QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/q"


async def opened(stack: AsyncExitStack, moto: str) -> AwsClients:
    """Return clients of the emulator, at home in another region than the topic."""
    return await open_clients(stack, Aws(endpoint_url=moto), queue_url=QUEUE)


async def topic_with_queue(
    aws: AwsClients, *, fifo: bool = False
) -> tuple[str, str, Any]:
    """Create a topic and a queue that is subscribed; return ARN, URL and SQS client."""
    sns, sqs = await aws.sns_for("eu-west-1"), await aws.sqs_for("eu-west-1")
    suffix = ".fifo" if fifo else ""
    attributes = {"FifoTopic": "true"} if fifo else {}
    topic = await sns.create_topic(Name=f"security{suffix}", Attributes=attributes)
    queue = await sqs.create_queue(
        QueueName=f"seen{suffix}", Attributes={"FifoQueue": "true"} if fifo else {}
    )
    await sns.subscribe(
        TopicArn=topic["TopicArn"],
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:eu-west-1:123456789012:seen{suffix}",
    )
    return topic["TopicArn"], queue["QueueUrl"], sqs


async def test_a_subscriber_sees_what_a_cloudwatch_alarm_publishes(moto: str) -> None:
    """Subject, message and attributes, in the topic's own region."""
    async with AsyncExitStack() as stack:
        aws = await opened(stack, moto)
        topic_arn, queue_url, sqs = await topic_with_queue(aws)
        sender = SnsSender(SnsTarget(topic_arn=topic_arn), aws.sns_for)

        await sender.send(bundle())

        received = await sqs.receive_message(QueueUrl=queue_url)
    envelope = json.loads(received["Messages"][0]["Body"])
    assert envelope["TopicArn"] == topic_arn
    assert envelope["Subject"] == 'ALARM: "console-login-failures" in EU (Ireland)'
    assert envelope["Message"] == render_json(notification(), action_arn=topic_arn)
    assert envelope["MessageAttributes"]["severity"]["Value"] == "high"


async def test_a_fifo_topic_gets_a_message_once(moto: str) -> None:
    """A retry has the same de-duplication id."""
    async with AsyncExitStack() as stack:
        aws = await opened(stack, moto)
        topic_arn, queue_url, sqs = await topic_with_queue(aws, fifo=True)
        sender = SnsSender(SnsTarget(topic_arn=topic_arn), aws.sns_for)

        await sender.send(bundle())
        await sender.send(bundle())

        received = await sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)
    assert len(received["Messages"]) == 1


async def test_a_topic_that_is_not_there_is_rejected(moto: str) -> None:
    """The error names it."""
    topic_arn = "arn:aws:sns:eu-west-1:123456789012:gone"
    async with AsyncExitStack() as stack:
        aws = await opened(stack, moto)
        sender = SnsSender(SnsTarget(topic_arn=topic_arn), aws.sns_for)
        with pytest.raises(RejectedError, match=topic_arn) as caught:
            await sender.send(bundle())

    assert caught.value.reason is Reason.NOT_FOUND
