"""SQS: by moto over HTTP."""

import json
from contextlib import AsyncExitStack

import pytest

from relay.aws.clients import AwsClients, open_clients
from relay.config.aws_section import Aws
from relay.config.aws_targets import SqsTarget
from relay.errors import Reason, RejectedError
from relay.notify.cloudwatch_message import render_json
from relay.notify.receivers.sqs import SqsSender
from tests.notify.examples import bundle, notification

QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/q"


async def opened(stack: AsyncExitStack, moto: str) -> AwsClients:
    """Return clients of the emulator."""
    return await open_clients(stack, Aws(endpoint_url=moto), queue_url=QUEUE)


def sender_to(queue_url: str, aws: AwsClients) -> SqsSender:
    """Return a sender to ``queue_url``."""
    target = SqsTarget(queue_url=queue_url)
    return SqsSender(target, aws.sqs_for, home_region=aws.region)


async def test_the_queue_gets_the_message_of_a_topic(moto: str) -> None:
    """The queue's ARN stands where a topic's would."""
    arn = "arn:aws:sqs:eu-west-1:123456789012:seen"
    async with AsyncExitStack() as stack:
        aws = await opened(stack, moto)
        queue = await aws.sqs.create_queue(QueueName="seen")

        await sender_to(queue["QueueUrl"], aws).send(bundle())

        received = await aws.sqs.receive_message(
            QueueUrl=queue["QueueUrl"], MessageAttributeNames=["All"]
        )
    (message,) = received["Messages"]
    assert message["Body"] == render_json(notification(), action_arn=arn)
    assert message["MessageAttributes"]["id"]["StringValue"] == "1f" * 32


async def test_a_fifo_queue_gets_a_message_once(moto: str) -> None:
    """A retry has the same de-duplication id."""
    async with AsyncExitStack() as stack:
        aws = await opened(stack, moto)
        queue = await aws.sqs.create_queue(
            QueueName="seen.fifo", Attributes={"FifoQueue": "true"}
        )
        sender = sender_to(queue["QueueUrl"], aws)

        await sender.send(bundle())
        await sender.send(bundle())

        received = await aws.sqs.receive_message(
            QueueUrl=queue["QueueUrl"], MaxNumberOfMessages=10
        )
    assert len(received["Messages"]) == 1


async def test_a_queue_that_is_not_there_is_rejected(moto: str) -> None:
    """The error names it."""
    queue_url = f"{moto}/123456789012/gone"
    async with AsyncExitStack() as stack:
        aws = await opened(stack, moto)
        with pytest.raises(RejectedError, match=queue_url) as caught:
            await sender_to(queue_url, aws).send(bundle())

    assert caught.value.reason is Reason.NOT_FOUND


class RecordingClient:
    """An SQS client that keeps what it was called with."""

    def __init__(self) -> None:
        self.region = ""
        self.arguments: dict[str, object] = {}

    async def in_region(self, region: str) -> "RecordingClient":
        """Return itself, and remember where."""
        self.region = region
        return self

    async def send_message(self, **arguments: object) -> dict[str, object]:
        """Keep ``arguments``."""
        self.arguments = arguments
        return {"MessageId": "one"}


@pytest.mark.parametrize(
    ("queue_url", "region", "actions"),
    [
        (
            "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q",
            "cn-north-1",
            ["arn:aws-cn:sqs:cn-north-1:123456789012:q"],
        ),
        (
            "http://localhost:5000/123456789012/q",
            "eu-west-1",
            ["arn:aws:sqs:eu-west-1:123456789012:q"],
        ),
        ("http://localhost:5000/queue/q", "eu-west-1", []),
    ],
    ids=["another region", "no region: the relay's own", "no account: no ARN"],
)
async def test_region_and_arn_are_read_from_the_url(
    queue_url: str, region: str, actions: list[str]
) -> None:
    """A message is sent in the queue's own region."""
    client = RecordingClient()
    target = SqsTarget(queue_url=queue_url)

    await SqsSender(target, client.in_region, home_region="eu-west-1").send(bundle())

    assert client.region == region
    body = json.loads(str(client.arguments["MessageBody"]))
    assert body["AlarmActions"] == actions
