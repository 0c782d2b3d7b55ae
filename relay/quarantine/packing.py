"""From a message and its failures to items that fit their place; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from relay.errors import Reason, RejectedError
from relay.faults import Failure
from relay.model import Delivery, Message
from relay.quarantine.item import Item, gzipped, item_of, sqs_json
from relay.quarantine.notice import notice_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """How items of one source are made.

    ``queue_url`` is the queue that messages came from; ``max_bytes`` what one item may
    measure as JSON, None for any size.
    """

    queue_url: str
    max_bytes: int | None

    def items(
        self,
        message: Message,
        failures: Sequence[Failure],
        *,
        is_whole: bool,
        now: float,
    ) -> list[Item]:
        """Return the item of ``message``, or its parts when one would be too large.

        ``is_whole`` says that nothing of the message was done: then the original body
        is what is to be replayed, as long as it fits. Otherwise, and in parts, an item
        has a body of its own for its objects alone. Raises RejectedError when even so
        it does not fit: a body that was not understood and cannot be squeezed.
        """
        item = item_of(message, failures, queue_url=self.queue_url, now=now)
        deliveries = _deliveries(failures)
        if deliveries and not is_whole:
            item = replace(item, replay=notice_of(deliveries))
        for fitting in _with_body(item, message.body):
            if self._fits(fitting):
                return [fitting]
        if not deliveries:
            raise RejectedError(
                f"message {message.id}: {len(message.body)} characters do not fit into"
                f" a quarantine item of {self.max_bytes} bytes",
                reason=Reason.INVALID,
            )
        return list(self._parts(message, failures, now))

    def _parts(
        self, message: Message, failures: Sequence[Failure], now: float
    ) -> Iterator[Item]:
        """Yield items without the original, each with a body for its own objects."""
        waiting, number = [failures], 0
        while waiting:
            part = waiting.pop()
            item = replace(
                item_of(message, part, queue_url=self.queue_url, now=now),
                replay=notice_of(_deliveries(part)),
            )
            if self._fits(item):
                number += 1
                yield item if number == 1 else replace(item, id=f"{item.id}.{number}")
            elif len(part) == 1:
                raise RejectedError(
                    f"message {message.id}: an object's key does not fit into a"
                    f" quarantine item of {self.max_bytes} bytes",
                    reason=Reason.INVALID,
                )
            else:
                middle = len(part) // 2
                waiting += [part[middle:], part[:middle]]

    def _fits(self, item: Item) -> bool:
        return self.max_bytes is None or len(sqs_json(item).encode()) <= self.max_bytes


def _with_body(item: Item, body: str) -> Iterator[Item]:
    yield replace(item, body=body)
    yield replace(item, body_gzip=gzipped(body))
    if item.replay is not None:
        yield item


def _deliveries(failures: Sequence[Failure]) -> list[Delivery]:
    return [each.delivery for each in failures if each.delivery is not None]
