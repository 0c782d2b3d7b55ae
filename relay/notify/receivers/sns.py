"""Publishes notifications to an SNS topic, in the form of a CloudWatch alarm's."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from relay.aws.errors import translated
from relay.config.notify_section import SnsTarget
from relay.model import Bundle
from relay.notify.cloudwatch_message import render_json, subject
from relay.notify.receivers.attributes import fifo_arguments, message_attributes


class SnsClient(Protocol):
    """The one call of aiobotocore's SNS client that is made here."""

    async def publish(self, **arguments: object) -> Mapping[str, object]:
        """Publish one message."""
        ...


class SnsSender:
    """Sends to one topic; ``client_for`` gives the client of a region.

    A topic takes messages only in its own region, which its ARN names.
    """

    def __init__(
        self, target: SnsTarget, client_for: Callable[[str], Awaitable[SnsClient]]
    ) -> None:
        self._topic_arn = target.topic_arn
        self._region = target.topic_arn.split(":")[3]
        self._client_for = client_for

    async def send(self, bundle: Bundle) -> str:
        """Publish the newest notification; return the message's id.

        Raises TransientError or RejectedError.
        """
        notification = bundle.newest
        message = render_json(notification, action_arn=self._topic_arn)
        client = await self._client_for(self._region)
        with translated(f"publish to {self._topic_arn}"):
            answer = await client.publish(
                TopicArn=self._topic_arn,
                Subject=subject(notification),
                Message=message,
                MessageAttributes=message_attributes(notification),
                **fifo_arguments(self._topic_arn, notification),
            )
        return str(answer["MessageId"])
