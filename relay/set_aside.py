"""What becomes of a message of which something could not be processed.

It comes again, as long as there is hope or patience. When it was received often enough
and what is wrong needs a person, it goes to the quarantine; only when that has it, and
the ledger says so durably, is it done. Without a quarantine of one's own the queue's
redrive policy and its dead-letter queue do the same, by SQS's rules.
"""

from collections.abc import Sequence
from typing import Protocol

from relay.aws.errors import PASSING
from relay.errors import Reason, RejectedError, TransientError
from relay.faults import Failure
from relay.model import Delivery, Message
from relay.process import Shared
from relay.source.outcome import Done, Leave, Outcome, Retry
from relay.state.store import Commit

WAITED_FOR = PASSING | {Reason.INTERNAL}
"""Transient reasons that no message is quarantined for, however long they last: the
outages, and our own log branch that was stopped while it waited for one."""


class Quarantine(Protocol):
    """Keeps what cannot be processed, for a person to look at and to replay."""

    @property
    def max_receives(self) -> int:
        """Return how often a message is received before it is put here."""
        ...

    async def put(
        self, message: Message, failures: Sequence[Failure], *, is_whole: bool
    ) -> None:
        """Keep what failed of ``message``; returns when that is acknowledged.

        ``is_whole`` says that nothing else of the message was done. Raises
        TransientError or RejectedError when it is not acknowledged; the same message
        may be put again.
        """
        ...


class SetAside:
    """Decides about messages with failures, and keeps the ledger right about them."""

    def __init__(self, quarantine: Quarantine | None, shared: Shared) -> None:
        self._quarantine = quarantine
        self._shared = shared

    async def outcome(
        self, message: Message, failures: Sequence[Failure], *, is_whole: bool
    ) -> Outcome:
        """Return what is to become of ``message``; Done when nothing failed.

        ``is_whole`` says that ``failures`` are all that the message holds.
        """
        quarantine = self._quarantine
        if quarantine is None or not _is_due(message, failures, quarantine):
            return _retained(failures)
        try:
            await quarantine.put(message, failures, is_whole=is_whole)
        except (TransientError, RejectedError) as error:
            self._shared.faults.not_quarantined(message, error)
            return Retry(reason=error.reason, after_secs=_wish_secs(error))
        self._shared.faults.quarantined(message, failures)
        await self._account(failures)
        return Done()

    async def _account(self, failures: Sequence[Failure]) -> None:
        """Settle the records that were counted but will not be relayed from here."""
        for failure in failures:
            delivery = failure.delivery
            if delivery is not None:
                # Another message may be about to relay the very same object.
                async with self._shared.locks.hold((delivery.bucket, delivery.key)):
                    await self._settle(delivery, failure.error.reason)

    async def _settle(self, delivery: Delivery, reason: Reason) -> None:
        shared = self._shared
        marks = await shared.accounting.marks(delivery.bucket, delivery.key)
        commit = Commit(at=shared.clock.now())
        for mark in marks:
            if not mark.relayed and mark.records:
                shared.ledger.quarantined(commit, mark, reason)
        if commit.objects:
            await shared.accounting.commit(commit)


def _is_due(
    message: Message, failures: Sequence[Failure], quarantine: Quarantine
) -> bool:
    return (
        bool(failures)
        and message.receive_count >= quarantine.max_receives
        and all(_needs_a_person(failure.error) for failure in failures)
    )


def _needs_a_person(error: TransientError | RejectedError) -> bool:
    return isinstance(error, RejectedError) or error.reason not in WAITED_FOR


def _retained(failures: Sequence[Failure]) -> Outcome:
    """Retry while anything can still succeed; what is done is not done again."""
    errors = [failure.error for failure in failures]
    transient = [error for error in errors if isinstance(error, TransientError)]
    if transient:
        return Retry(
            reason=transient[0].reason,
            after_secs=max(_wish_secs(error) for error in transient),
        )
    return Leave(reason=errors[0].reason) if errors else Done()


def _wish_secs(error: TransientError | RejectedError) -> float:
    wish = error.retry_after_secs if isinstance(error, TransientError) else None
    return wish or 0.0
