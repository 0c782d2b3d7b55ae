"""What could not be processed: counted, and told once with its cause.

A message that is left in the queue comes back, and so does its fault; the second time
it is neither news nor another fault.
"""

from collections import OrderedDict
from collections.abc import Hashable

from relay.errors import RejectedError, TransientError
from relay.model import Delivery, Message
from relay.telemetry import Telemetry, get_log

_log = get_log("pipeline")


class Once:
    """Remembers names that were asked about; the oldest are forgotten at ``most``."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._seen: OrderedDict[Hashable, None] = OrderedDict()

    def first(self, name: Hashable) -> bool:
        """Return True the first time that ``name`` is asked about."""
        if name in self._seen:
            self._seen.move_to_end(name)
            return False
        self._seen[name] = None
        if len(self._seen) > self._most:
            self._seen.popitem(last=False)
        return True


class Faults:
    """Counts and tells the faults of messages and objects."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._errors = telemetry.object_errors
        self._once = Once()

    def unreadable(self, message: Message, error: RejectedError) -> None:
        """Tell of a message whose body says nothing that relay understands."""
        if self._once.first((message.id, error.reason)):
            _log.error(
                "message not understood, left to the dead-letter queue",
                message_id=message.id,
                reason=error.reason,
                error=str(error),
            )

    def transient(
        self, delivery: Delivery, error: TransientError, *, is_told: bool = True
    ) -> None:
        """Count every failed attempt at an object whose message will come again.

        ``is_told`` False counts without a word: of a message with thousands of bad
        keys a few examples will do.
        """
        self._errors.labels(error.reason).inc()
        is_new = self._once.first((delivery.bucket, delivery.key, error.reason))
        if is_new and is_told:
            _log.warning(
                "object not processed yet, its message comes again",
                reason=error.reason,
                error=str(error),
            )

    def rejected(
        self, delivery: Delivery, error: RejectedError, *, is_told: bool = True
    ) -> None:
        """Count, once, an object that cannot be processed; ``is_told`` as above."""
        if not self._once.first((delivery.bucket, delivery.key, error.reason)):
            return
        self._errors.labels(error.reason).inc()
        if is_told:
            _log.error(
                "object set aside, its message is left to the dead-letter queue",
                reason=error.reason,
                error=str(error),
            )

    def many(self, message: Message, failures: int) -> None:
        """Tell how many faults of one message there are, most of them not told."""
        if self._once.first((message.id, "many")):
            _log.error(
                "more objects of one message could not be processed",
                message_id=message.id,
                failures=failures,
            )
