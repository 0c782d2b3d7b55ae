"""A queue as the quarantine: one of the user's, or the source's own dead-letter queue.

Messages of a dead-letter queue are no items, but what SQS moved there as it was; they
are read as items that have a body and no reason.

A queue cannot be listed. Its messages are received, hidden from others for a minute at
most, and given back.
"""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

from relay.aws.errors import translated
from relay.clock import Clock, isoformat
from relay.errors import RejectedError, TransientError
from relay.quarantine.item import Item, decode_item, sqs_json
from relay.quarantine.place import Held, patiently

BATCH_ENTRIES = 10
VISIBILITY_SECS = 60
"""How long a message that was listed stays hidden when the command is killed."""
WAIT_SECS = 1
"""A long poll asks all servers of the queue: one that is empty says that it is."""


class SqsClient(Protocol):
    """What is called of aiobotocore's SQS client."""

    async def send_message(self, **request: Any) -> Mapping[str, Any]:  # noqa: ANN401 - the SDK's form
        """Send one message."""
        ...

    async def receive_message(self, **request: Any) -> Mapping[str, Any]:  # noqa: ANN401 - the SDK's form
        """Receive up to ten messages."""
        ...

    async def delete_message(self, **request: Any) -> object:  # noqa: ANN401 - the SDK's form
        """Delete one message."""
        ...

    async def change_message_visibility_batch(
        self,
        **request: Any,  # noqa: ANN401 - the SDK's form
    ) -> Mapping[str, Any]:
        """Set the visibility timeout of up to ten messages."""
        ...

    async def get_queue_attributes(self, **request: Any) -> Mapping[str, Any]:  # noqa: ANN401 - the SDK's form
        """Read attributes of the queue."""
        ...


class QueuePlace:
    """Implements relay.quarantine.place.Place on an SQS queue.

    ``wait_secs`` is how long a receive waits before it takes the queue for empty.
    """

    def __init__(
        self, sqs: SqsClient, url: str, *, clock: Clock, wait_secs: int = WAIT_SECS
    ) -> None:
        self._sqs = sqs
        self._wait_secs = wait_secs
        self._url = url
        self._clock = clock
        self._max_bytes: int | None = None
        self._receipts: dict[str, str] = {}

    @property
    def name(self) -> str:
        """Return the queue's URL."""
        return self._url

    async def max_item_bytes(self) -> int:
        """Return the queue's own limit: 1 MiB, or what it was made with before 2025."""
        if self._max_bytes is None:
            with translated(f"read the message size of {self._url}"):
                response = await self._sqs.get_queue_attributes(
                    QueueUrl=self._url, AttributeNames=["MaximumMessageSize"]
                )
            self._max_bytes = int(response["Attributes"]["MaximumMessageSize"])
        return self._max_bytes

    async def put(self, item: Item) -> None:
        """Send ``item`` as a message."""
        await patiently(
            lambda: send(self._sqs, self._url, sqs_json(item), id=item.id), self._clock
        )

    async def items(self, wanted: Collection[str] | None) -> AsyncGenerator[Held, None]:
        """Receive until nothing new comes; yield what is wanted."""
        seen: set[str] = set()
        while True:
            messages = await patiently(self._receive, self._clock)
            fresh = [each for each in messages if each["MessageId"] not in seen]
            for message in messages:
                self._receipts[message["MessageId"]] = message["ReceiptHandle"]
            if not fresh:
                return
            for message in fresh:
                seen.add(message["MessageId"])
                item = decode_item(message["Body"]) or self._raw(message)
                if wanted is None or item.id in wanted:
                    yield Held(item=item, handle=message["MessageId"])

    async def remove(self, held: Held) -> None:
        """Delete the item's message."""
        receipt = self._receipts[held.handle]

        async def delete() -> None:
            with translated(f"delete message {held.handle} of {self._url}"):
                await self._sqs.delete_message(
                    QueueUrl=self._url, ReceiptHandle=receipt
                )

        await patiently(delete, self._clock)
        del self._receipts[held.handle]

    async def give_back(self) -> None:
        """Make visible again what was received; what fails comes back by itself."""
        receipts = list(self._receipts.values())
        self._receipts.clear()
        for start in range(0, len(receipts), BATCH_ENTRIES):
            with suppress(TransientError, RejectedError):
                await self._show(receipts[start : start + BATCH_ENTRIES])

    async def _show(self, receipts: Sequence[str]) -> None:
        with translated(f"give back messages of {self._url}"):
            await self._sqs.change_message_visibility_batch(
                QueueUrl=self._url,
                Entries=[
                    {
                        "Id": str(index),
                        "ReceiptHandle": receipt,
                        "VisibilityTimeout": 0,
                    }
                    for index, receipt in enumerate(receipts)
                ],
            )

    async def _receive(self) -> Sequence[Mapping[str, Any]]:
        with translated(f"receive from {self._url}"):
            response = await self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=BATCH_ENTRIES,
                WaitTimeSeconds=self._wait_secs,
                VisibilityTimeout=VISIBILITY_SECS,
                MessageSystemAttributeNames=["All"],
            )
        messages: Sequence[Mapping[str, Any]] = response.get("Messages", ())
        return messages

    def _raw(self, message: Mapping[str, Any]) -> Item:
        """Read a message as SQS's redrive moves it: whole, and without a reason."""
        attributes: Mapping[str, str] = message.get("Attributes", {})
        sent_ms = attributes.get("SentTimestamp")
        sent_at = self._clock.now() if sent_ms is None else int(sent_ms) / 1000
        return Item(
            id=message["MessageId"],
            message_id=message["MessageId"],
            queue_url=self._url,
            sent_at=isoformat(sent_at),
            receive_count=int(attributes.get("ApproximateReceiveCount", 0)),
            body=message["Body"],
        )


async def send(sqs: SqsClient, url: str, body: str, *, id: str) -> None:  # noqa: A002 - an item's
    """Send ``body`` to the queue; ``id`` tells a FIFO queue a repeat.

    There every item is a group of its own: none waits for another to be deleted.
    Raises TransientError and RejectedError.
    """
    fifo = {"MessageGroupId": id, "MessageDeduplicationId": id}
    with translated(f"send to {url}"):
        await sqs.send_message(
            QueueUrl=url, MessageBody=body, **(fifo if url.endswith(".fifo") else {})
        )
