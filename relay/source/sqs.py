"""The source: messages come from an SQS queue, are handled, and are settled with it.

    Receiving --> Flights --> one task a message --> Outcome --> Settling
                     '-- Heartbeat keeps them hidden meanwhile

The limit of messages in flight is the back-pressure: a poller asks for what fits.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import anyio
from anyio.abc import TaskGroup, TaskStatus

from relay.clock import Clock
from relay.config.source_section import Source
from relay.errors import Reason, RejectedError, StateError, TransientError
from relay.model import Message
from relay.source.flights import Flight, Flights
from relay.source.heartbeat import Heartbeat
from relay.source.outage import Outage
from relay.source.outcome import Leave, Outcome
from relay.source.polling import Polling, Seen
from relay.source.queue import LONG_POLL_SECS, Queue, SqsClient
from relay.source.receiving import Receiving
from relay.source.settling import Settling
from relay.telemetry import Telemetry, get_log

DEPTH_PERIOD_SECS = 30.0
LAST_POLLS_SECS = LONG_POLL_SECS + 5.0
"""How long a source that retires waits for its open long polls."""
HAND_BACK_TIMEOUT_SECS = 5.0
"""How long a stop may take after the drain, when SQS does not answer."""

log = get_log("source")


class SqsSource:
    """Receives from one queue and settles each message by its handler's outcome."""

    def __init__(
        self,
        sqs: SqsClient,
        config: Source,
        *,
        telemetry: Telemetry,
        clock: Clock,
        seen: Seen | None = None,
    ) -> None:
        """Receive from the queue of ``config``; ``seen`` is told of every receive."""
        self._config = config
        self._telemetry = telemetry
        self._clock = clock
        self._queue = Queue(sqs, config.queue_url, clock=clock)
        self._flights = Flights(
            config.max_in_flight.messages, telemetry=telemetry, clock=clock
        )
        self._polling = Polling(
            self._queue,
            self._flights,
            visibility_timeout_secs=config.visibility_timeout,
            telemetry=telemetry,
            clock=clock,
            seen=seen,
        )
        self._settling = Settling(
            self._queue, self._flights, telemetry=telemetry, clock=clock
        )
        self._heartbeat = Heartbeat(
            self._queue,
            self._flights,
            visibility_timeout_secs=config.visibility_timeout,
            telemetry=telemetry,
            clock=clock,
        )
        self._retiring = anyio.Event()
        self._stopping = anyio.Event()
        self._ended = anyio.Event()
        self._has_begun = False
        self._last_progress = clock.monotonic()

    @property
    def in_flight(self) -> int:
        """Return how many messages are received and not yet settled."""
        return len(self._flights)

    @property
    def oldest_in_flight_secs(self) -> float:
        """Return how long the oldest message has been in flight; 0 without one."""
        return self._flights.oldest_age_secs()

    @property
    def last_progress(self) -> float:
        """Return the monotonic time of the last receive or message handled."""
        return self._last_progress

    async def run(
        self,
        handle: Callable[[Message], Awaitable[Outcome]],
        *,
        task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
    ) -> None:
        """Receive and handle messages until ``stop``, ``retire`` or cancellation; once.

        Each message is handled in a task of its own. What ``handle`` raises is logged
        and leaves the message in the queue, except StateError, which ends the run:
        without a state store nothing may be acknowledged. However the run ends, what
        was decided is carried out and all other messages are made visible again.
        """
        self._has_begun = True
        try:
            async with anyio.create_task_group() as background:
                background.start_soon(self._settling.run, name="settle messages")
                background.start_soon(self._heartbeat.run, name="extend messages")
                async with (
                    anyio.create_task_group() as handlers,
                    anyio.create_task_group() as pollers,
                ):
                    background.start_soon(
                        self._stop_on_request, pollers, handlers, name="drain"
                    )
                    receiving = Receiving(
                        self._polling,
                        pollers,
                        partial(self._take, handlers, handle),
                        most_polls=self._config.pollers,
                        closed=self._retiring,
                        telemetry=self._telemetry,
                    )
                    background.start_soon(
                        self._watch_depth, receiving, name="watch queue depth"
                    )
                    receiving.start()
                    task_status.started()
                background.cancel_scope.cancel()
        finally:
            with anyio.move_on_after(HAND_BACK_TIMEOUT_SECS, shield=True):
                await self._settling.finish()
            if len(self._flights):
                log.warning(
                    "messages come again only after the visibility timeout",
                    messages=len(self._flights),
                )
            self._ended.set()

    async def stop(self) -> None:
        """Receive no more; return when ``run`` has settled or handed back everything.

        Handlers have ``drain_timeout`` to end, then they are cancelled. A run that has
        not begun will receive nothing.
        """
        self._retiring.set()
        self._stopping.set()
        if self._has_begun:
            await self._ended.wait()

    async def retire(self) -> None:
        """Stop as well, but see the open long polls to their end, and what they bring.

        For when another source goes on receiving from the same queue, so that there is
        no hurry: a poll that is cut off may leave a message hidden with nobody.
        """
        self._retiring.set()
        if self._has_begun:
            await self._ended.wait()

    async def _stop_on_request(self, pollers: TaskGroup, handlers: TaskGroup) -> None:
        await self._retiring.wait()
        async with anyio.create_task_group() as tg:

            async def give_up() -> None:
                await self._clock.sleep(LAST_POLLS_SECS)
                tg.cancel_scope.cancel()

            tg.start_soon(give_up, name="last polls")
            await self._stopping.wait()
            tg.cancel_scope.cancel()
        pollers.cancel_scope.cancel()
        await self._clock.sleep(self._config.drain_timeout)
        log.warning("drain timed out", messages=len(self._flights))
        handlers.cancel_scope.cancel()

    def _take(
        self,
        handlers: TaskGroup,
        handle: Callable[[Message], Awaitable[Outcome]],
        flights: Sequence[Flight],
    ) -> None:
        self._last_progress = self._clock.monotonic()
        for flight in flights:
            handlers.start_soon(
                self._handle, flight, handle, name=f"message {flight.message.id}"
            )

    async def _handle(
        self, flight: Flight, handle: Callable[[Message], Awaitable[Outcome]]
    ) -> None:
        try:
            outcome = await handle(flight.message)
        except StateError:
            raise
        except Exception:
            # The top of a task: one message hurts no other.
            log.exception("message handler failed", message_id=flight.message.id)
            outcome = Leave(reason=Reason.INTERNAL)
        self._settling.settle(flight, outcome)
        self._last_progress = self._clock.monotonic()

    async def _watch_depth(self, receiving: Receiving) -> None:
        outage = Outage("read the queue's depth", telemetry=self._telemetry)
        while True:
            try:
                depth = await self._queue.depth()
            except (TransientError, RejectedError) as error:
                outage.failed(error)
            else:
                outage.over()
                for state, messages in depth.items():
                    self._telemetry.queue_messages.labels(state).set(messages)
                receiving.see_backlog(depth["visible"])
            await self._clock.sleep(DEPTH_PERIOD_SECS)
