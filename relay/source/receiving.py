"""Receiving: as many long polls at once as the backlog asks for, one at the least."""

from collections.abc import Callable, Sequence

import anyio
from anyio.abc import TaskGroup

from relay.source.flights import Flight
from relay.source.poller_count import PollerCount
from relay.source.polling import Polling
from relay.telemetry import Telemetry


class Receiving:
    """Keeps polls open as tasks of ``pollers``; what they bring goes to ``take``.

    ``closed`` is set by its owner: the open polls end then, and no other is begun.
    """

    def __init__(
        self,
        polling: Polling,
        pollers: TaskGroup,
        take: Callable[[Sequence[Flight]], None],
        *,
        most_polls: int,
        closed: anyio.Event,
        telemetry: Telemetry,
    ) -> None:
        self._polling = polling
        self._pollers = pollers
        self._take = take
        self._count = PollerCount(most_polls)
        self._closed = closed
        self._gauge = telemetry.queue_polls
        self._started = 0

    def start(self) -> None:
        """Open the first poll; the others follow what it brings."""
        self._open(self._count.open)

    def see_backlog(self, messages: int) -> None:
        """Open more polls when so many ``messages`` wait in the queue."""
        if not self._closed.is_set():
            self._open(self._count.waiting(messages))

    def _open(self, count: int) -> None:
        for _ in range(count):
            self._pollers.start_soon(self._poll, name=f"poller {self._started}")
            self._started += 1

    async def _poll(self) -> None:
        self._gauge.inc()
        try:
            while not self._closed.is_set():
                polled = await self._polling.next_flights()
                self._take(polled.flights)
                change = self._count.polled(brought=polled.brought)
                if change < 0:
                    return
                self._open(change)
        finally:
            self._gauge.dec()
