"""Sends notifications to an SQS queue: the same message that a topic gets."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from relay.aws.errors import translated
from relay.aws.queue_url import queue_account, queue_region
from relay.config.aws_targets import SqsTarget
from relay.model import Bundle
from relay.notify.bundle_message import render_bundle
from relay.notify.cloudwatch_message import ATTRIBUTES_BYTES
from relay.notify.receivers.attributes import fifo_arguments, message_attributes
from relay.notify.regions import partition


class SqsClient(Protocol):
    """The one call of aiobotocore's SQS client that is made here."""

    async def send_message(self, **arguments: object) -> Mapping[str, object]:
        """Send one message."""
        ...


class SqsSender:
    """Sends to one queue; ``client_for`` gives the client of a region.

    ``home_region`` is used for a queue whose URL names no region, as an emulator's.
    """

    def __init__(
        self,
        target: SqsTarget,
        client_for: Callable[[str], Awaitable[SqsClient]],
        *,
        home_region: str,
    ) -> None:
        self._queue_url = target.queue_url
        self._region = queue_region(target.queue_url) or home_region
        self._queue_arn = _queue_arn(target.queue_url, self._region)
        self._max_bytes = target.max_size - ATTRIBUTES_BYTES
        self._client_for = client_for

    async def send(self, bundle: Bundle) -> str:
        """Send one message, the newest notification's; return the message's id.

        Raises TransientError or RejectedError.
        """
        body = render_bundle(
            bundle, action_arn=self._queue_arn, max_bytes=self._max_bytes
        )
        client = await self._client_for(self._region)
        with translated(f"send to {self._queue_url}"):
            answer = await client.send_message(
                QueueUrl=self._queue_url,
                MessageBody=body,
                MessageAttributes=message_attributes(bundle),
                **fifo_arguments(self._queue_url, bundle),
            )
        return str(answer["MessageId"])


def _queue_arn(queue_url: str, region: str) -> str | None:
    """Return the queue's ARN; None when its URL names no account."""
    account = queue_account(queue_url)
    if account is None:
        return None
    name = queue_url.rstrip("/").rpartition("/")[2]
    return f"arn:{partition(region)}:sqs:{region}:{account}:{name}"
