"""What the proxy knows of messages: who has them, and in which order they are given.

SQS delivers at least once and in no order. The emulator delivers once and in order; the
rest is made here.
"""

from collections import deque
from random import Random

import msgspec

from tests.chaos.faults import Fault

BATCH = 10
_REMEMBERED = 50

Message = dict[str, object]


class Receipts:
    """The messages that were received and not deleted, and those to be given again."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._outstanding: dict[str, str] = {}
        self._earlier: deque[Message] = deque(maxlen=_REMEMBERED)
        self._held: list[Message] = []

    @property
    def outstanding(self) -> list[str]:
        """The newest receipt handle of every message that is hidden from others."""
        return list(self._outstanding.values())

    def delivered(self, answer: bytes) -> list[Message]:
        """Note the messages of an answer to ReceiveMessage; return them."""
        messages: list[Message] = msgspec.json.decode(answer).get("Messages", [])
        for message in messages:
            self._outstanding[str(message["MessageId"])] = receipt_of(message)
        return messages

    def deleted(self, request: bytes) -> None:
        """Note what a DeleteMessageBatch has deleted."""
        gone = {
            each["ReceiptHandle"] for each in msgspec.json.decode(request)["Entries"]
        }
        self._outstanding = {
            name: receipt
            for name, receipt in self._outstanding.items()
            if receipt not in gone
        }

    def arrange(
        self, messages: list[Message], fault: Fault | None
    ) -> tuple[list[Message], bool]:
        """Return what the caller gets for ``messages``, and if ``fault`` did it."""
        if fault is Fault.DUPLICATE and self._earlier:
            again = self._random.sample(self._earlier, min(3, len(self._earlier)))
            fresh = {message["MessageId"] for message in messages}
            extra = [each for each in again if each["MessageId"] not in fresh]
            self._earlier += messages
            return (messages + extra)[:BATCH], bool(extra)
        if fault is Fault.OUT_OF_ORDER and len(messages) > 1:
            # The first ones come with a later answer, the others backwards.
            half = len(messages) // 2
            self._held += messages[:half]
            return messages[half:][::-1], True
        self._earlier += messages
        room = BATCH - len(messages)
        held, self._held = self._held[:room], self._held[room:]
        return messages + held, False


def receipt_of(message: Message) -> str:
    """Return the receipt handle of a message in an answer."""
    return str(message["ReceiptHandle"])
