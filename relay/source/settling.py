"""Settling messages: deletes and returns to the queue, in batches.

One call of each kind is under way at a time, and what is settled meanwhile is the next
batch. A batch that is not full lingers for an instant: nobody waits for a delete, and
ten messages a call cost a tenth of ten calls.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import assert_never

import anyio

from relay.backoff import Backoff, retry
from relay.clock import Clock
from relay.errors import Reason, RejectedError, TransientError
from relay.failpoints import Failpoint, failpoint
from relay.source.flights import Flight, Flights
from relay.source.outage import Outage
from relay.source.outcome import Done, Leave, Outcome, Retry
from relay.source.queue import BATCH_ENTRIES, Queue, Visibility
from relay.telemetry import Telemetry, get_log

MIN_RETURN_SECS = 30.0
RETURN_BACKOFF = Backoff(base_secs=60.0, cap_secs=900.0)
"""When a message comes again: 30 s to 15 min, by how often it was received."""
MAX_RETURN_SECS = 12 * 3600 - 60
"""Of what a peer may wish for; SQS hides a message for 12 h in all."""

LINGER_SECS = 0.02

CALL_BACKOFF = Backoff(base_secs=0.2, cap_secs=5.0)
MAX_ATTEMPTS = 6
"""Tries of one batch. Then its messages are let go, to come again and be recognised as
done: slots that wait for a DeleteMessage that fails would hold all alarms back."""

log = get_log("source")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Settlement:
    """Delete a message, or let it come again after ``hide_secs`` when that is given."""

    flight: Flight
    hide_secs: int | None = None


class Lane:
    """Sends settlements of one kind, ten a call, in the order they came.

    ``send`` returns the failures by index. ``on_settled`` is told of each settlement
    once: with None, or with the error after which it is given up.
    """

    def __init__(
        self,
        call: str,
        send: Callable[
            [Sequence[Settlement]],
            Awaitable[dict[int, TransientError | RejectedError]],
        ],
        on_settled: Callable[[Settlement, TransientError | RejectedError | None], None],
        *,
        telemetry: Telemetry,
        clock: Clock,
    ) -> None:
        self._send = send
        self._on_settled = on_settled
        self._clock = clock
        self._outage = Outage(call, telemetry=telemetry)
        self._waiting: dict[Settlement, None] = {}
        self._wake = anyio.Event()

    def put(self, settlement: Settlement) -> None:
        """Queue one settlement."""
        self._waiting[settlement] = None
        self._wake.set()

    async def run(self) -> None:
        """Send what is queued, until cancelled; what was not sent stays queued."""
        while True:
            await self._wake.wait()
            if len(self._waiting) < BATCH_ENTRIES:
                await self._clock.sleep(LINGER_SECS)
            await self.flush()
            self._wake = anyio.Event()

    async def flush(self) -> None:
        """Send until nothing is queued; not while ``run`` runs."""
        while self._waiting:
            await self._send_batch()

    async def _send_batch(self) -> None:
        left = list(islice(self._waiting, BATCH_ENTRIES))

        async def attempt() -> None:
            nonlocal left
            receipts = [each.flight.receipt_handle for each in left]
            failures = await self._send(left)
            again = []
            for index, settlement in enumerate(left):
                if settlement.flight.receipt_handle != receipts[index]:
                    # Received again meanwhile: the old receipt may have had no effect,
                    # and SQS does not say so. It stays queued, for the newer one.
                    continue
                error = failures.get(index)
                if isinstance(error, TransientError):
                    again.append(settlement)
                else:
                    self._settle(settlement, error)
            left = again
            for error in failures.values():
                if isinstance(error, TransientError):
                    raise error

        try:
            await retry(
                attempt,
                backoff=CALL_BACKOFF,
                clock=self._clock,
                on_failure=self._outage.retrying,
                max_attempts=MAX_ATTEMPTS,
            )
        except (TransientError, RejectedError) as error:
            self._outage.failed(error)
            for settlement in left:
                self._settle(settlement, error)
        else:
            self._outage.over()

    def _settle(
        self, settlement: Settlement, error: TransientError | RejectedError | None
    ) -> None:
        # Out of the queue only now: a cancelled call leaves its settlements in it.
        del self._waiting[settlement]
        self._on_settled(settlement, error)


class Settling:
    """Carries out what was decided about each message."""

    def __init__(
        self, queue: Queue, flights: Flights, *, telemetry: Telemetry, clock: Clock
    ) -> None:
        self._queue = queue
        self._flights = flights
        self._telemetry = telemetry
        self._deletes = Lane(
            "delete", self._delete, self._deleted, telemetry=telemetry, clock=clock
        )
        self._returns = Lane(
            "return", self._hide, self._returned, telemetry=telemetry, clock=clock
        )
        self._handed_back = 0

    def settle(self, flight: Flight, outcome: Outcome) -> None:
        """Queue what ``outcome`` says; the flight lands when SQS has confirmed it."""
        match outcome:
            case Done():
                self._deletes.put(Settlement(flight=flight))
            case Retry(reason=reason, after_secs=after_secs):
                self._telemetry.messages_retained.labels(reason).inc()
                secs = return_secs(flight.message.receive_count, after_secs)
                self._returns.put(Settlement(flight=flight, hide_secs=int(secs)))
            case Leave(reason=reason):
                self._telemetry.messages_retained.labels(reason).inc()
                self._flights.land(flight)
            case _:
                assert_never(outcome)

    async def run(self) -> None:
        """Send what is queued until cancelled."""
        async with anyio.create_task_group() as tg:
            tg.start_soon(self._deletes.run, name="delete messages")
            tg.start_soon(self._returns.run, name="return messages")

    async def finish(self) -> None:
        """Send all that is queued, then make all that is still in flight visible again.

        Once, after ``run`` has ended.
        """
        await self._deletes.flush()
        await self._returns.flush()
        for flight in self._flights:
            self._returns.put(Settlement(flight=flight, hide_secs=0))
        await self._returns.flush()

    async def _delete(
        self, batch: Sequence[Settlement]
    ) -> dict[int, TransientError | RejectedError]:
        failpoint(Failpoint.BEFORE_DELETE)
        failures = await self._queue.delete(
            [each.flight.receipt_handle for each in batch]
        )
        failpoint(Failpoint.AFTER_DELETE)
        return failures

    async def _hide(
        self, batch: Sequence[Settlement]
    ) -> dict[int, TransientError | RejectedError]:
        failpoint(Failpoint.BEFORE_RETURN)
        failures = await self._queue.change_visibility(
            [
                Visibility(
                    receipt_handle=each.flight.receipt_handle, secs=each.hide_secs or 0
                )
                for each in batch
            ]
        )
        failpoint(Failpoint.AFTER_RETURN)
        return failures

    def _deleted(
        self, settlement: Settlement, error: TransientError | RejectedError | None
    ) -> None:
        self._flights.land(settlement.flight)
        if error is None:
            self._telemetry.messages_deleted.inc()
            return
        self._telemetry.messages_retained.labels(error.reason).inc()
        self._given_up(settlement, error)

    def _returned(
        self, settlement: Settlement, error: TransientError | RejectedError | None
    ) -> None:
        self._flights.land(settlement.flight)
        if error is not None:
            self._given_up(settlement, error)
        elif settlement.hide_secs == 0:
            self._telemetry.messages_handed_back.inc()

    def _given_up(
        self, settlement: Settlement, error: TransientError | RejectedError
    ) -> None:
        # Nothing is lost: the message comes again after its visibility timeout.
        write = log.debug if error.reason is Reason.RECEIPT_INVALID else log.warning
        write(
            "message could not be settled",
            message_id=settlement.flight.message.id,
            reason=error.reason,
            error=str(error),
        )


def return_secs(receive_count: int, at_least_secs: float) -> float:
    """Return when a message that failed ``receive_count`` times is to come again."""
    backed_off = RETURN_BACKOFF.delay_secs(max(0, receive_count - 1))
    return min(max(MIN_RETURN_SECS, at_least_secs, backed_off), MAX_RETURN_SECS)
