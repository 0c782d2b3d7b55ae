"""The heartbeat: keeps messages hidden from others while they are worked on."""

from collections.abc import Sequence

from relay.clock import Clock
from relay.errors import RejectedError, TransientError
from relay.source.flights import Flight, Flights
from relay.source.outage import Outage
from relay.source.queue import BATCH_ENTRIES, MAX_INVISIBLE_SECS, Queue, Visibility
from relay.telemetry import Telemetry, get_log

_BEATS_PER_TIMEOUT = 8
"""An extension is due at half the timeout: it has three more tries before the end."""

log = get_log("source")


class Heartbeat:
    """Extends every message that has used up half of its visibility timeout."""

    def __init__(
        self,
        queue: Queue,
        flights: Flights,
        *,
        visibility_timeout_secs: float,
        telemetry: Telemetry,
        clock: Clock,
    ) -> None:
        self._queue = queue
        self._flights = flights
        self._timeout_secs = visibility_timeout_secs
        self._clock = clock
        self._outage = Outage("extend", telemetry=telemetry)

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            await self._clock.sleep(self._timeout_secs / _BEATS_PER_TIMEOUT)
            await self.beat()

    async def beat(self) -> None:
        """Extend what is due, once; a failed call is made again at the next beat."""
        now = self._clock.monotonic()
        due = [
            flight
            for flight in self._flights
            if not flight.is_lost and now - flight.extended_at >= self._timeout_secs / 2
        ]
        for start in range(0, len(due), BATCH_ENTRIES):
            await self._extend(due[start : start + BATCH_ENTRIES])

    async def _extend(self, flights: Sequence[Flight]) -> None:
        now = self._clock.monotonic()
        changes = {
            flight: Visibility(receipt_handle=flight.receipt_handle, secs=secs)
            for flight in flights
            if (secs := self._extension_secs(flight, now)) > 0
        }
        for flight in set(flights) - changes.keys():
            self._lose(flight, "SQS hides a message for 12 hours at the most")
        if not changes:
            return
        try:
            failures = await self._queue.change_visibility(list(changes.values()))
        except (TransientError, RejectedError) as fault:
            self._outage.failed(fault)
            return
        for index, (flight, change) in enumerate(changes.items()):
            if flight.receipt_handle != change.receipt_handle:
                continue  # received again meanwhile: the answer is of the old receipt
            error = failures.get(index)
            if error is None:
                flight.extended_at = now
            elif isinstance(error, RejectedError):
                self._lose(flight, str(error))
        for error in failures.values():
            self._outage.failed(error)
        if not failures:
            self._outage.over()

    def _extension_secs(self, flight: Flight, now: float) -> int:
        left_secs = MAX_INVISIBLE_SECS - (now - flight.received_at)
        # A second's margin: SQS refuses to exceed the limit instead of clamping.
        return int(min(self._timeout_secs, left_secs - 1))

    def _lose(self, flight: Flight, why: str) -> None:
        flight.is_lost = True
        log.warning(
            "message can no longer be hidden, it will be delivered again",
            message_id=flight.message.id,
            error=why,
        )
