"""A source over the fake queue, and handlers for its messages."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio

from relay.config.source_section import MaxInFlight, Source
from relay.model import Message
from relay.source.outcome import Done, Outcome
from relay.source.settling import LINGER_SECS
from relay.source.sqs import SqsSource
from relay.telemetry import Telemetry
from tests.source.fake_sqs import QUEUE_URL, FakeSqs
from tests.source.waiting import settle
from tests.support.clock import FakeClock

Handle = Callable[[Message], Awaitable[Outcome]]


async def done(message: Message) -> Outcome:
    """Handle a message by doing nothing."""
    return Done()


class Subject:
    """A source over a fake queue."""

    def __init__(self, *, max_messages: int = 100, drain_timeout: float = 20) -> None:
        self.clock = FakeClock()
        self.sqs = FakeSqs(self.clock)
        self.telemetry = Telemetry()
        config = Source(
            queue_url=QUEUE_URL,
            buckets=("org-trail-logs",),
            visibility_timeout=80,
            max_in_flight=MaxInFlight(messages=max_messages),
            drain_timeout=drain_timeout,
        )
        self.source = SqsSource(
            self.sqs, config, telemetry=self.telemetry, clock=self.clock
        )

    def value(self, series: str, **labels: str) -> float | None:
        """Return what ``series`` shows."""
        return self.telemetry.registry.get_sample_value(series, labels)

    async def until(self, is_true: Callable[[], bool]) -> None:
        """Let time pass, as batches that linger need it, until ``is_true``."""
        with anyio.fail_after(2):
            while not is_true():
                await settle()
                self.clock.advance(LINGER_SECS)

    @asynccontextmanager
    async def running(self, handle: Handle = done) -> AsyncIterator[None]:
        """Run the source; stop it at the end of the block."""
        async with anyio.create_task_group() as tg:
            await tg.start(self.source.run, handle)
            yield
            await self.source.stop()


class Gate:
    """A handler that holds every message until it is opened."""

    def __init__(self) -> None:
        self.held: list[str] = []
        self.cancelled = 0
        self.opened = anyio.Event()

    async def __call__(self, message: Message) -> Outcome:
        """Hold ``message``, then call it done."""
        self.held.append(message.body)
        try:
            await self.opened.wait()
        except anyio.get_cancelled_exc_class():
            self.cancelled += 1
            raise
        return Done()
