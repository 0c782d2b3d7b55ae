"""relay.source.receiving: the polls that are open at the queue follow its backlog."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import anyio

from relay.source.flights import Flight, Flights
from relay.source.polling import Polling
from relay.source.queue import LONG_POLL_SECS, Queue
from relay.source.receiving import Receiving
from relay.telemetry import Telemetry
from tests.source.fake_sqs import QUEUE_URL, FakeSqs
from tests.source.waiting import settle, until
from tests.support.clock import FakeClock


class Subject:
    """Receiving from a fake queue with at most ``most_polls``."""

    def __init__(self, *, most_polls: int = 4, limit: int = 1000) -> None:
        self.clock = FakeClock()
        self.sqs = FakeSqs(self.clock)
        self.most_polls = most_polls
        self.telemetry = Telemetry()
        self.flights = Flights(limit, telemetry=self.telemetry, clock=self.clock)
        self.polling = Polling(
            Queue(self.sqs, QUEUE_URL, clock=self.clock),
            self.flights,
            visibility_timeout_secs=300,
            telemetry=self.telemetry,
            clock=self.clock,
        )
        self.taken: list[str] = []
        self.closed = anyio.Event()

    def take(self, flights: Sequence[Flight]) -> None:
        """Note what was received."""
        self.taken += [each.message.body for each in flights]

    def polls(self) -> float | None:
        """Return how many polls are open."""
        return self.telemetry.registry.get_sample_value("relay_queue_polls")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Receiving]:
        """Receive until the end of the block."""
        async with anyio.create_task_group() as tg:
            receiving = Receiving(
                self.polling,
                tg,
                self.take,
                most_polls=self.most_polls,
                closed=self.closed,
                telemetry=self.telemetry,
            )
            receiving.start()
            await settle()
            yield receiving
            tg.cancel_scope.cancel()


async def test_quiet_queue_has_one_poll() -> None:
    """Three long polls a minute are all that an idle relay costs."""
    subject = Subject()
    async with subject.running():
        for _ in range(3):
            subject.clock.advance(LONG_POLL_SECS)
            await settle()
        calls = subject.sqs.count("receive_message")

    assert calls == 4


async def test_full_receives_open_polls_and_empty_ones_end_them() -> None:
    """While more waits than one answer holds, more ask; afterwards one does."""
    subject = Subject(most_polls=4)
    async with subject.running():
        before = subject.polls()
        subject.sqs.send(*(str(number) for number in range(100)))
        await until(lambda: len(subject.taken) == 100)
        during = subject.polls()
        for _ in range(2):
            subject.clock.advance(LONG_POLL_SECS)
            await settle()
        after = subject.polls()

    assert (before, during, after) == (1, 4, 1)
    assert sorted(subject.taken, key=int) == [str(number) for number in range(100)]
    assert subject.polls() == 0


async def test_poll_for_the_room_that_is_left_opens_no_other() -> None:
    """What may be in flight is the limit, not how many ask."""
    subject = Subject(most_polls=4, limit=9)
    async with subject.running():
        subject.sqs.send(*(str(number) for number in range(50)))
        await until(lambda: len(subject.taken) == 9)
        await settle()
        polls = subject.polls()

    assert polls == 1


async def test_depth_of_the_queue_opens_polls_at_once() -> None:
    """A backlog that is known need not be found out poll by poll."""
    subject = Subject(most_polls=4)
    async with subject.running() as receiving:
        receiving.see_backlog(25)
        await settle()
        some = subject.polls()
        receiving.see_backlog(25_000)
        await settle()
        most = subject.polls()

    assert (some, most) == (3, 4)


async def test_closed_receiving_opens_no_poll() -> None:
    """Open polls end, what they bring is taken, and no backlog opens another."""
    subject = Subject(most_polls=4)
    async with subject.running() as receiving:
        subject.closed.set()
        receiving.see_backlog(1000)
        subject.sqs.send(*"abcdefghijklmno")
        await until(lambda: len(subject.taken) == 10)
        await settle()
        polls = subject.polls()

    assert polls == 0
    assert subject.sqs.count("receive_message") == 1
