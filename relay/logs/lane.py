"""The way to one destination as a queue: batches wait, and go when a call may begin."""

from collections.abc import Callable, Iterable
from typing import Final

from anyio.abc import TaskGroup

from relay.clock import Clock
from relay.logs.batching import Batch, Pending
from relay.logs.sender import Sender
from relay.logs.ticket import Ticket
from relay.logs.way import Way
from relay.model import Destination, LogEvent, RejectedBy
from relay.telemetry import get_log

log = get_log("logs")

_TICK_SECS: Final = 0.001
"""A timer that wakes this early is on time: its sum was rounded."""


class Lane:
    """Batches form by themselves: what comes while calls are busy goes out together.

    A worker takes its batch when it runs, not when it is started, so that events added
    in one turn of the event loop share a batch. An idle lane sends at once, or when a
    batch is full or its first event has waited for ``linger_secs``.
    """

    def __init__(
        self,
        way: Way,
        *,
        sender: Sender,
        tasks: TaskGroup,
        clock: Clock,
        linger_secs: float,
        on_idle: Callable[[Destination], object],
    ) -> None:
        self._way = way
        self._sender = sender
        self._tasks = tasks
        self._clock = clock
        self._linger_secs = linger_secs
        self._on_idle = on_idle
        self._pending: Pending[Ticket] = Pending()
        self._workers = 0
        self._is_lingering = False

    def add(self, ticket: Ticket, events: Iterable[LogEvent]) -> dict[RejectedBy, int]:
        """Queue ``events`` for ``ticket``; return those that can never be sent."""
        refused = self._pending.add(ticket, events, at=self._clock.monotonic())
        self._wake()
        return dict(refused)

    def withdraw(self, ticket: Ticket) -> None:
        """Forget what ``ticket`` still has in the queue."""
        self._pending.discard(ticket)

    def _wake(self) -> None:
        """Start whatever is of use now; tell when there is nothing left to do."""
        if self._is_due():
            if self._workers < self._way.calls:
                self._workers += 1
                self._tasks.start_soon(self._work, name=f"put {self._way.destination}")
        elif self._pending:
            if not self._is_lingering:
                self._is_lingering = True
                self._tasks.start_soon(
                    self._linger, name=f"linger {self._way.destination}"
                )
        elif not self._workers and not self._is_lingering:
            self._on_idle(self._way.destination)

    def _is_due(self) -> bool:
        """Tell whether a batch is to go as soon as a call may begin."""
        return bool(self._pending) and (
            self._secs_to_linger() < _TICK_SECS or self._pending.fills_batch
        )

    def _secs_to_linger(self) -> float:
        oldest_at = self._pending.oldest_at
        if oldest_at is None or not self._linger_secs:
            return 0.0
        return oldest_at + self._linger_secs - self._clock.monotonic()

    async def _linger(self) -> None:
        """Wait until the first of what is queued has waited long enough."""
        while (wait_secs := self._secs_to_linger()) >= _TICK_SECS:
            await self._clock.sleep(wait_secs)
        self._is_lingering = False
        self._wake()

    async def _work(self) -> None:
        batch: Batch[Ticket] | None = None
        try:
            # Behind a call that was throttled there may be more workers than calls.
            while (
                self._workers <= self._way.calls
                and self._is_due()
                and (batch := self._pending.take()) is not None
            ):
                self._wake()
                await self._sender.send(self._way, batch)
        except Exception as error:
            # A task's top: a bug must reach those who wait, and stop no other lane.
            log.exception("log lane failed", stream=self._way.destination.stream)
            self._fail(batch, error)
        finally:
            self._workers -= 1
        self._wake()

    def _fail(self, batch: Batch[Ticket] | None, error: Exception) -> None:
        """Fail those whose events were in ``batch``; without one, all that wait."""
        owners = (
            [part.owner for part in batch.parts] if batch else self._pending.owners()
        )
        for owner in owners:
            owner.fail(error)
            self._pending.discard(owner)
