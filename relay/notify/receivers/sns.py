"""Publishes notifications to an SNS topic, as a CloudWatch alarm does.

CloudWatch publishes with a message structure: most subscribers get the JSON message,
subscribed mail addresses a text for people, telephones one line. So does this.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

import msgspec

from relay.aws.errors import translated
from relay.config.aws_targets import SnsTarget
from relay.model import Bundle
from relay.notify.bundle_message import render_bundle
from relay.notify.cloudwatch_message import ATTRIBUTES_BYTES, subject
from relay.notify.content.fit import fit
from relay.notify.content.render import Templates
from relay.notify.receivers.attributes import fifo_arguments, message_attributes

MAX_SMS_CHARS = 140
"""One SMS (SNS Developer Guide, "Publishing to a mobile phone")."""
MAX_MAIL_BYTES = 6 * 1024

_FRAME_BYTES = 64  # the names of the three members, quotes and braces


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
        self,
        target: SnsTarget,
        client_for: Callable[[str], Awaitable[SnsClient]],
        templates: Templates | None = None,
    ) -> None:
        self._topic_arn = target.topic_arn
        self._region = target.topic_arn.split(":")[3]
        self._max_bytes = target.max_size - ATTRIBUTES_BYTES
        self._client_for = client_for
        self._templates = templates or Templates()

    async def send(self, bundle: Bundle) -> str:
        """Publish one message, the newest notification's; return the message's id.

        Raises TransientError or RejectedError.
        """
        message = self._message(bundle)
        client = await self._client_for(self._region)
        with translated(f"publish to {self._topic_arn}"):
            answer = await client.publish(
                TopicArn=self._topic_arn,
                # Of 100 characters at most, as CloudWatch's own real messages have it.
                Subject=subject(bundle.newest),
                Message=message,
                MessageStructure="json",
                MessageAttributes=message_attributes(bundle),
                **fifo_arguments(self._topic_arn, bundle),
            )
        return str(answer["MessageId"])

    def _message(self, bundle: Bundle) -> str:
        view = self._templates.view(bundle)
        texts = {
            "email": fit(self._templates.text(view), max_bytes=MAX_MAIL_BYTES),
            "sms": fit(view.title, max_chars=MAX_SMS_CHARS),
        }
        room = self._max_bytes - len(msgspec.json.encode(texts)) - _FRAME_BYTES
        default = render_bundle(bundle, action_arn=self._topic_arn, max_bytes=room)
        if _quoted_bytes(default) > room:
            # Quoting at most doubles JSON: of what it escapes only " and \ are in it.
            default = render_bundle(
                bundle, action_arn=self._topic_arn, max_bytes=room // 2
            )
        return msgspec.json.encode({"default": default, **texts}).decode()


def _quoted_bytes(text: str) -> int:
    return len(msgspec.json.encode(text))
