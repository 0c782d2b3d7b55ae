"""One SQS queue: its calls with plain values, its answers checked entry by entry.

Numbers are of the SQS API reference and its "Amazon SQS message quotas".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from relay.aws.errors import entry_error, translated
from relay.clock import Clock
from relay.errors import RejectedError, TransientError
from relay.model import Message

BATCH_ENTRIES = 10
"""The most messages of one receive and the most entries of one batch call."""
LONG_POLL_SECS = 20
MAX_INVISIBLE_SECS = 12 * 3600
"""How long a message can be kept from others after one receive; more is an error."""

_DEPTH = {
    "visible": "ApproximateNumberOfMessages",
    "in_flight": "ApproximateNumberOfMessagesNotVisible",
    "delayed": "ApproximateNumberOfMessagesDelayed",
}


class SqsClient(Protocol):
    """What relay calls of aiobotocore's SQS client."""

    async def receive_message(self, **request: Any) -> Mapping[str, Any]:  # noqa: ANN401 - the SDK's form
        """Long-poll for messages."""
        ...

    async def delete_message_batch(self, **request: Any) -> Mapping[str, Any]:  # noqa: ANN401 - the SDK's form
        """Delete up to ten messages."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Visibility:
    """Hide the message of ``receipt_handle`` for ``secs`` from now on; 0 shows it."""

    receipt_handle: str
    secs: int


class Queue:
    """Calls one queue; raises TransientError and RejectedError that name it."""

    def __init__(self, sqs: SqsClient, url: str, *, clock: Clock) -> None:
        self._sqs = sqs
        self._url = url
        self._clock = clock

    async def receive(
        self, *, max_messages: int, visibility_timeout_secs: float
    ) -> list[Message]:
        """Return up to ``max_messages`` (1-10) messages; none after a long poll."""
        with translated(f"receive from {self._url}"):
            response = await self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=max_messages,
                WaitTimeSeconds=LONG_POLL_SECS,
                VisibilityTimeout=int(visibility_timeout_secs),
                MessageSystemAttributeNames=["All"],
            )
        now = self._clock.now()
        return [_message(each, now) for each in response.get("Messages", ())]

    async def delete(
        self, receipt_handles: Sequence[str]
    ) -> dict[int, TransientError | RejectedError]:
        """Delete up to ten messages; return the errors of the others, by index."""
        what = f"delete messages of {self._url}"
        with translated(what):
            response = await self._sqs.delete_message_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(index), "ReceiptHandle": handle}
                    for index, handle in enumerate(receipt_handles)
                ],
            )
        return _failures(what, response)

    async def change_visibility(
        self, changes: Sequence[Visibility]
    ) -> dict[int, TransientError | RejectedError]:
        """Apply up to ten changes; return the errors of those that failed, by index."""
        what = f"change visibility in {self._url}"
        with translated(what):
            response = await self._sqs.change_message_visibility_batch(
                QueueUrl=self._url,
                Entries=[
                    {
                        "Id": str(index),
                        "ReceiptHandle": change.receipt_handle,
                        "VisibilityTimeout": change.secs,
                    }
                    for index, change in enumerate(changes)
                ],
            )
        return _failures(what, response)

    async def depth(self) -> dict[str, int]:
        """Return the approximate numbers of ``visible``, ``in_flight``, ``delayed``."""
        with translated(f"read the depth of {self._url}"):
            response = await self._sqs.get_queue_attributes(
                QueueUrl=self._url, AttributeNames=list(_DEPTH.values())
            )
        attributes: Mapping[str, str] = response.get("Attributes", {})
        return {state: int(attributes.get(name, 0)) for state, name in _DEPTH.items()}


def _message(received: Mapping[str, Any], now: float) -> Message:
    attributes: Mapping[str, str] = received.get("Attributes", {})
    sent_ms = attributes.get("SentTimestamp")
    return Message(
        id=received["MessageId"],
        receipt_handle=received["ReceiptHandle"],
        body=received["Body"],
        sent_at=now if sent_ms is None else int(sent_ms) / 1000,
        received_at=now,
        receive_count=int(attributes.get("ApproximateReceiveCount", 1)),
    )


def _failures(
    what: str, response: Mapping[str, Any]
) -> dict[int, TransientError | RejectedError]:
    # A batch call is answered 200 whatever became of its entries.
    return {
        int(failed["Id"]): entry_error(
            what,
            code=failed.get("Code", "Unknown"),
            text=failed.get("Message", ""),
            is_sender_fault=failed.get("SenderFault", False),
        )
        for failed in response.get("Failed", ())
    }
