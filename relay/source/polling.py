"""Receiving: long polls that never ask for more than there is room for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from relay.backoff import Backoff, retry
from relay.clock import Clock
from relay.errors import RejectedError, TransientError
from relay.model import Message
from relay.source.flights import Flight, Flights
from relay.source.outage import Outage
from relay.source.queue import BATCH_ENTRIES, Queue
from relay.telemetry import Telemetry

BACKOFF = Backoff(base_secs=0.5, cap_secs=30.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What one receive brought: so many messages, and those of them to be handled."""

    brought: int
    flights: Sequence[Flight]


class Seen(Protocol):
    """Who wants to know of long polls, and what they brought, before it is handled."""

    def opened(self, at: float) -> None:
        """Note that a long poll was opened."""
        ...

    def closed(self, at: float) -> None:
        """Note that the long poll opened ``at`` has ended."""
        ...

    def received(
        self, messages: Iterable[Message], *, began_at: float, is_full: bool
    ) -> None:
        """Note the new messages of a receive, and whether there may be more."""
        ...


class Polling:
    """Asks the queue for messages, for ever: whatever fails may be repaired meanwhile.

    A missing queue or missing permissions are logged as errors and asked again after a
    back-off. Safe to be used by several pollers at once.
    """

    def __init__(
        self,
        queue: Queue,
        flights: Flights,
        *,
        visibility_timeout_secs: float,
        telemetry: Telemetry,
        clock: Clock,
        seen: Seen | None = None,
    ) -> None:
        self._queue = queue
        self._flights = flights
        self._visibility_timeout_secs = visibility_timeout_secs
        self._telemetry = telemetry
        self._clock = clock
        self._seen = seen
        self._outage = Outage("receive", telemetry=telemetry)

    async def next_flights(self) -> Polled:
        """Wait for room, then for one long poll; return what it brought, maybe nothing.

        Cancelled, it closes the connection: a message that SQS has just handed out on
        it comes again after the visibility timeout. SQS has no way to give it back.
        """
        slots = await self._flights.take_slots(BATCH_ENTRIES)
        began_at = 0.0

        async def receive() -> list[Message]:
            nonlocal began_at
            began_at = self._clock.now()
            if self._seen is not None:
                self._seen.opened(began_at)
            try:
                return await self._queue.receive(
                    max_messages=slots,
                    visibility_timeout_secs=self._visibility_timeout_secs,
                )
            except RejectedError as error:
                raise TransientError(str(error), reason=error.reason) from error
            finally:
                if self._seen is not None:
                    self._seen.closed(began_at)

        messages = await retry(
            receive,
            backoff=BACKOFF,
            clock=self._clock,
            on_failure=self._outage.retrying,
        )
        self._outage.over()
        self._count(messages)
        self._flights.give_back_slots(slots - len(messages))
        flights = self._flights.admit(messages)
        if self._seen is not None:
            self._seen.received(
                [flight.message for flight in flights],
                began_at=began_at,
                is_full=len(messages) == slots,
            )
        return Polled(brought=len(messages), flights=flights)

    def _count(self, messages: list[Message]) -> None:
        self._telemetry.messages_received.inc(len(messages))
        oldest = min((each.sent_at for each in messages), default=self._clock.now())
        self._telemetry.queue_age.set(max(0.0, self._clock.now() - oldest))
