"""What could not be processed: counted, and told once with its cause.

A message that is left in the queue comes back, and so does its fault; the second time
it is neither news nor another fault.
"""

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from relay.errors import Reason, RejectedError, TransientError
from relay.model import Delivery, Message
from relay.telemetry import Telemetry, get_log

_log = get_log("pipeline")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An object that could not be processed, and why.

    Without a ``delivery`` it is the message itself that was not understood.
    """

    delivery: Delivery | None
    error: TransientError | RejectedError


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
        self._telemetry = telemetry
        self._errors = telemetry.object_errors
        self._once = Once()
        self._quarantine_fails: Reason | None = None

    def unreadable(self, message: Message, error: RejectedError) -> None:
        """Tell of a message that is too old, or says nothing that relay understands."""
        if self._once.first((message.id, error.reason)):
            _log.error(
                "message not processed, it stays in the queue",
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
                "object set aside, its message stays in the queue",
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

    def quarantined(self, message: Message, failures: Sequence[Failure]) -> None:
        """Count and tell a message that the quarantine has taken over."""
        self._quarantine_fails = None
        telemetry, reason = self._telemetry, failures[0].error.reason
        telemetry.messages_quarantined.labels(reason).inc()
        objects = [failure for failure in failures if failure.delivery is not None]
        for failure in objects:
            telemetry.objects_quarantined.labels(failure.error.reason).inc()
        _log.error(
            "message quarantined",
            message_id=message.id,
            reason=reason,
            objects=len(objects),
            receive_count=message.receive_count,
        )

    def not_quarantined(
        self, message: Message, error: TransientError | RejectedError
    ) -> None:
        """Count a message that the quarantine did not take; told once a reason."""
        self._telemetry.quarantine_errors.labels(error.reason).inc()
        if self._quarantine_fails is error.reason:
            return
        self._quarantine_fails = error.reason
        _log.error(
            "message could not be quarantined, it stays in the queue",
            message_id=message.id,
            reason=error.reason,
            error=str(error),
        )
