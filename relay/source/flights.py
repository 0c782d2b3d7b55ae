"""The messages in flight: received, not yet settled. Never more than the limit.

Owned by the source's tasks on one loop; no method that changes it awaits in between.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import anyio

from relay.clock import Clock
from relay.model import Message
from relay.telemetry import Telemetry


@dataclass(slots=True, kw_only=True, eq=False)
class Flight:
    """One message in flight.

    ``receipt_handle`` is of the newest receive, since SQS may deliver a message again
    while it is here. Times are monotonic seconds: ``started_at`` and ``received_at`` of
    the first and the newest receive, ``extended_at`` when its visibility timeout began
    last. ``is_lost``: the receipt is not valid any more, nothing is to be extended.
    """

    message: Message
    receipt_handle: str
    started_at: float
    received_at: float
    extended_at: float
    is_lost: bool = False


class Flights:
    """Keeps what is in flight; a slot is taken before a message is asked for."""

    def __init__(self, limit: int, *, telemetry: Telemetry, clock: Clock) -> None:
        self._slots = anyio.Semaphore(limit)
        self._taking = anyio.Lock()
        self._by_id: dict[str, Flight] = {}
        self._telemetry = telemetry
        self._clock = clock

    async def take_slots(self, most: int) -> int:
        """Wait until at least one slot is free; take and return up to ``most``.

        One at a time waits: of ten slots that are freed at once, as a batch of deletes
        does, a single receive gets ten, not ten receives one each.
        """
        async with self._taking:
            await self._slots.acquire()
            taken = 1
            try:
                while taken < most:
                    self._slots.acquire_nowait()
                    taken += 1
            except anyio.WouldBlock:
                pass
            return taken

    def give_back_slots(self, count: int) -> None:
        """Free slots that no message came for."""
        for _ in range(count):
            self._slots.release()

    def admit(self, messages: Sequence[Message]) -> list[Flight]:
        """Take messages in, each into a slot taken before; return those to be handled.

        A message that is in flight already is not: its flight gets the new receipt, the
        only one that surely deletes it, and the slot is freed.
        """
        admitted = [self._admitted(message) for message in messages]
        self._telemetry.messages_in_flight.set(len(self._by_id))
        return [flight for flight in admitted if flight is not None]

    def land(self, flight: Flight) -> None:
        """Forget a message that is settled and free its slot."""
        del self._by_id[flight.message.id]
        self._slots.release()
        self._telemetry.messages_in_flight.set(len(self._by_id))

    def oldest_age_secs(self) -> float:
        """Return how long the oldest message has been in flight; 0 without one."""
        first = next(iter(self._by_id.values()), None)
        return 0.0 if first is None else self._clock.monotonic() - first.started_at

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Flight]:
        return iter(tuple(self._by_id.values()))

    def _admitted(self, message: Message) -> Flight | None:
        now = self._clock.monotonic()
        known = self._by_id.get(message.id)
        if known is not None:
            known.receipt_handle = message.receipt_handle
            known.received_at = known.extended_at = now
            known.is_lost = False
            self._slots.release()
            return None
        flight = Flight(
            message=message,
            receipt_handle=message.receipt_handle,
            started_at=now,
            received_at=now,
            extended_at=now,
        )
        self._by_id[message.id] = flight
        return flight
