"""SNS, as subscribers see it: by moto over HTTP."""

import json
from contextlib import AsyncExitStack
from typing import Any

import msgspec
import pytest

from relay.aws.clients import AwsClients, open_clients
from relay.config.aws_section import Aws
from relay.config.aws_targets import SnsTarget
from relay.errors import Reason, RejectedError
from relay.notify.cloudwatch_message import render_json
from relay.notify.receivers.sns import SnsSender
from tests.notify.examples import EVIDENCE, bundle, notification

TOPIC = "arn:aws:sns:eu-west-1:123456789012:security"
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


class RecordingClient:
    """An SNS client that keeps what it was called with."""

    def __init__(self) -> None:
        self.arguments: dict[str, Any] = {}

    async def in_region(self, region: str) -> "RecordingClient":
        """Return itself."""
        return self

    async def publish(self, **arguments: object) -> dict[str, object]:
        """Keep ``arguments``."""
        self.arguments = arguments
        return {"MessageId": "one"}

    @property
    def texts(self) -> dict[str, str]:
        """What each kind of subscriber gets."""
        found: dict[str, str] = json.loads(self.arguments["Message"])
        return found


async def test_people_get_a_text_for_people() -> None:
    """Mail subscribers the whole of it, telephones one line."""
    client = RecordingClient()

    await SnsSender(SnsTarget(topic_arn=TOPIC), client.in_region).send(bundle())

    assert client.arguments["MessageStructure"] == "json"
    assert list(client.texts) == ["default", "email", "sms"]
    assert "203.0.113.7" in client.texts["email"]
    assert not client.texts["email"].startswith("{")
    assert "console-login-failures" in client.texts["sms"]
    assert len(client.texts["sms"]) <= 140


async def test_what_quoting_makes_longer_still_fits() -> None:
    """The JSON of the message is a text inside of JSON."""
    client = RecordingClient()
    quotes = msgspec.structs.replace(EVIDENCE, user_agent='"' * 60_000)

    sender = SnsSender(SnsTarget(topic_arn=TOPIC), client.in_region)
    await sender.send(bundle(evidence=(quotes,) * 4))

    assert len(client.arguments["Message"].encode()) <= 252 * 1024
    message = json.loads(client.texts["default"])
    assert len(message["Evidence"]["Events"]) == 1


async def test_a_topic_may_take_larger_messages() -> None:
    """When its own limit was raised."""
    client = RecordingClient()
    large = msgspec.structs.replace(EVIDENCE, user_agent="x" * 60_000)
    target = SnsTarget(topic_arn=TOPIC, max_size=1024 * 1024)

    sender = SnsSender(target, client.in_region)
    await sender.send(bundle(evidence=(large,) * 8))

    assert len(json.loads(client.texts["default"])["Evidence"]["Events"]) == 8
