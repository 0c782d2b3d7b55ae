"""An SQS queue in memory that behaves as the API reference says, at a fake clock.

What moto does not do and SQS does: a delete with an old receipt handle succeeds and
deletes nothing; a message may be delivered again while it is hidden; entries of a batch
fail one by one; a message cannot be hidden for more than 12 hours after its receive.
``meanwhile`` is what happens, by operation, between a call's start and its answer.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import anyio
from botocore.exceptions import ClientError

from tests.support.clock import FakeClock

QUEUE_URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/relay"
MAX_INVISIBLE_SECS = 43_200


@dataclass(slots=True, kw_only=True)
class Stored:
    """A message as the queue keeps it."""

    id: str
    body: str
    sent_at: float
    visible_at: float
    received_at: float = 0.0
    receive_count: int = 0
    receipt_handle: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request that was answered or failed."""

    operation: str
    request: Mapping[str, Any]


class FakeSqs:
    """Implements relay.source.queue.SqsClient."""

    def __init__(self, clock: FakeClock, *, has_attributes: bool = True) -> None:
        self.messages: dict[str, Stored] = {}
        self.calls: list[Call] = []
        self.meanwhile: dict[str, Callable[[], Awaitable[None]]] = {}
        self.failures: dict[str, list[Exception]] = defaultdict(list)
        self.entry_failures: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._clock = clock
        self._has_attributes = has_attributes
        self._changed = anyio.Event()
        self._receipts: dict[str, str] = {}

    def send(self, *bodies: str) -> list[str]:
        """Put messages into the queue; return their ids."""
        ids = []
        for body in bodies:
            id_ = f"message-{len(self._receipts)}-{len(self.messages)}"
            now = self._clock.now()
            self.messages[id_] = Stored(id=id_, body=body, sent_at=now, visible_at=now)
            ids.append(id_)
        self._wake()
        return ids

    def show(self, id_: str) -> None:
        """Deliver a hidden message again, as SQS may."""
        self.messages[id_].visible_at = self._clock.now()
        self._wake()

    def hidden_secs(self, id_: str) -> float:
        """Return for how long the message stays hidden."""
        return max(0.0, self.messages[id_].visible_at - self._clock.now())

    def count(self, operation: str) -> int:
        """Return how often ``operation`` was called."""
        return sum(call.operation == operation for call in self.calls)

    def entries(self, operation: str) -> list[int]:
        """Return the numbers of entries of all calls of ``operation``."""
        return [
            len(call.request["Entries"])
            for call in self.calls
            if call.operation == operation
        ]

    async def receive_message(self, **request: Any) -> Mapping[str, Any]:  # noqa: ANN401 - the SDK's form
        """Long-poll for visible messages."""
        await self._begin("receive_message", request)
        most, wait_secs = request["MaxNumberOfMessages"], request["WaitTimeSeconds"]
        if not (1 <= most <= 10 and 0 <= wait_secs <= 20):
            raise error("InvalidParameterValue")
        deadline = self._clock.now() + wait_secs
        while not (visible := self._visible()):
            if self._clock.now() >= deadline:
                return {}
            await self._change(deadline)
        return {"Messages": [self._handed_out(m, request) for m in visible[:most]]}

    async def delete_message_batch(self, **request: object) -> Mapping[str, Any]:
        """Delete messages whose newest receipt handle is given; accept old ones."""

        def delete(entry: Mapping[str, Any]) -> None:
            stored = self._by_receipt(entry)
            if stored is not None and stored.receipt_handle == entry["ReceiptHandle"]:
                del self.messages[stored.id]

        return await self._batch("delete_message_batch", request, delete)

    async def change_message_visibility_batch(
        self, **request: object
    ) -> Mapping[str, Any]:
        """Hide messages for another while, counted from now."""

        def change(entry: Mapping[str, Any]) -> None:
            stored, secs = self._by_receipt(entry), entry["VisibilityTimeout"]
            now = self._clock.now()
            if stored is None or stored.visible_at <= now:
                raise error("MessageNotInflight")
            if not 0 <= secs <= MAX_INVISIBLE_SECS - (now - stored.received_at):
                raise error("InvalidParameterValue")
            stored.visible_at = now + secs
            self._wake()

        return await self._batch("change_message_visibility_batch", request, change)

    async def get_queue_attributes(self, **request: object) -> Mapping[str, Any]:
        """Return the numbers of visible and hidden messages."""
        await self._begin("get_queue_attributes", request)
        visible = len(self._visible())
        return {
            "Attributes": {
                "ApproximateNumberOfMessages": str(visible),
                "ApproximateNumberOfMessagesNotVisible": str(
                    len(self.messages) - visible
                ),
                "ApproximateNumberOfMessagesDelayed": "0",
            }
        }

    async def _begin(self, operation: str, request: Mapping[str, Any]) -> None:
        self.calls.append(Call(operation=operation, request=request))
        if operation in self.meanwhile:
            await self.meanwhile[operation]()
        if self.failures[operation]:
            raise self.failures[operation].pop(0)

    async def _batch(
        self,
        operation: str,
        request: Mapping[str, Any],
        apply: Callable[[Mapping[str, Any]], None],
    ) -> Mapping[str, Any]:
        await self._begin(operation, request)
        entries = request["Entries"]
        if not 1 <= len(entries) <= 10:
            raise error("TooManyEntriesInBatchRequest")
        if len({entry["Id"] for entry in entries}) != len(entries):
            raise error("BatchEntryIdsNotDistinct")
        failed: list[dict[str, Any]] = []
        for entry in entries:
            if self.entry_failures[operation]:
                fault = self.entry_failures[operation].pop(0)
                failed.append({"Id": entry["Id"], **fault})
                continue
            try:
                apply(entry)
            except ClientError as fault_of_entry:
                code = fault_of_entry.response["Error"]["Code"]
                failed.append({"Id": entry["Id"], "Code": code, "SenderFault": True})
        done = {entry["Id"] for entry in entries} - {each["Id"] for each in failed}
        return {"Successful": [{"Id": id_} for id_ in done], "Failed": failed}

    def _visible(self) -> list[Stored]:
        now = self._clock.now()
        return [each for each in self.messages.values() if each.visible_at <= now]

    def _handed_out(
        self, stored: Stored, request: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        stored.receive_count += 1
        stored.received_at = self._clock.now()
        stored.visible_at = stored.received_at + request["VisibilityTimeout"]
        stored.receipt_handle = f"receipt-{len(self._receipts)}"
        self._receipts[stored.receipt_handle] = stored.id
        attributes = {
            "SentTimestamp": str(round(stored.sent_at * 1000)),
            "ApproximateReceiveCount": str(stored.receive_count),
        }
        return {
            "MessageId": stored.id,
            "ReceiptHandle": stored.receipt_handle,
            "Body": stored.body,
            **({"Attributes": attributes} if self._has_attributes else {}),
        }

    def _by_receipt(self, entry: Mapping[str, Any]) -> Stored | None:
        id_ = self._receipts.get(entry["ReceiptHandle"])
        if id_ is None:
            raise error("ReceiptHandleIsInvalid")
        return self.messages.get(id_)

    def _wake(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()

    async def _change(self, deadline: float) -> None:
        """Wait until a message comes, is shown again, or ``deadline`` has passed."""
        now = self._clock.now()
        hidden = [m.visible_at for m in self.messages.values() if m.visible_at > now]
        async with anyio.create_task_group() as tg:

            async def wait_for_time() -> None:
                await self._clock.sleep(min([deadline, *hidden]) - now)
                tg.cancel_scope.cancel()

            tg.start_soon(wait_for_time)
            await self._changed.wait()
            tg.cancel_scope.cancel()


def error(code: str, status: int = 400) -> Exception:
    """Return the SDK's error of that code."""
    fault: Exception = ClientError(
        {
            "Error": {"Code": code, "Message": "made up"},
            "ResponseMetadata": {"HTTPStatusCode": status},
        },
        "Any",
    )
    return fault
