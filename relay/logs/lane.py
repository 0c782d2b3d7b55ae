"""The way to one destination: a queue and up to four calls under way."""

from collections.abc import Callable, Iterable

from anyio.abc import TaskGroup

from relay.logs.batching import Batch, Pending
from relay.logs.outage import Outage
from relay.logs.sender import Sender
from relay.logs.ticket import Ticket
from relay.model import Destination, LogEvent, RejectedBy
from relay.telemetry import get_log

log = get_log("logs")

MAX_PARALLEL_PUTS = 4


class Lane:
    """Batches form by themselves: what comes while calls are busy goes out together.

    A worker takes its batch when it runs, not when it is started, so that events added
    in one turn of the event loop share a batch; an idle lane sends at once.
    """

    def __init__(
        self,
        destination: Destination,
        *,
        sender: Sender,
        outage: Outage,
        tasks: TaskGroup,
        on_idle: Callable[[Destination], object],
    ) -> None:
        self._destination = destination
        self._sender = sender
        self._outage = outage
        self._tasks = tasks
        self._on_idle = on_idle
        self._pending: Pending[Ticket] = Pending()
        self._workers = 0

    def add(self, ticket: Ticket, events: Iterable[LogEvent]) -> dict[RejectedBy, int]:
        """Queue ``events`` for ``ticket``; return those that can never be sent."""
        refused = self._pending.add(ticket, events)
        self._wake()
        return dict(refused)

    def withdraw(self, ticket: Ticket) -> None:
        """Forget what ``ticket`` still has in the queue."""
        self._pending.discard(ticket)

    def _wake(self) -> None:
        """Start a worker if one is of use; tell when there is nothing left to do."""
        if self._pending and self._workers < MAX_PARALLEL_PUTS:
            self._workers += 1
            self._tasks.start_soon(self._work, name=f"put {self._destination}")
        elif not self._pending and not self._workers:
            self._on_idle(self._destination)

    async def _work(self) -> None:
        batch: Batch[Ticket] | None = None
        try:
            while (batch := self._pending.take()) is not None:
                self._wake()
                await self._sender.send(self._destination, batch, self._outage)
        except Exception as error:
            # A task's top: a bug must reach those who wait, and stop no other lane.
            log.exception("log lane failed", stream=self._destination.stream)
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
