"""relay.accounting.timer: woken at the deadline in force, and only then."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from relay.accounting.timer import DeadlineTimer
from tests.support.clock import FakeClock


class Alarm:
    """Somebody with a deadline; notes when it was called."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.deadline: float | None = None
        self.called_at: list[float] = []

    async def on_due(self) -> None:
        """Note the time; the deadline is over then."""
        self.called_at.append(self.clock.now())
        self.deadline = None


@asynccontextmanager
async def timing(alarm: Alarm) -> AsyncIterator[DeadlineTimer]:
    """Run a timer for the length of the block."""
    timer = DeadlineTimer(
        alarm.clock, deadline=lambda: alarm.deadline, on_due=alarm.on_due
    )
    async with anyio.create_task_group() as tg:
        tg.start_soon(timer.run)
        await anyio.wait_all_tasks_blocked()
        yield timer
        tg.cancel_scope.cancel()


async def test_calls_at_the_deadline() -> None:
    """Nothing happens before it, one call at it, none after it."""
    clock = FakeClock(now=100.0)
    alarm = Alarm(clock)
    alarm.deadline = 160.0

    async with timing(alarm):
        for _ in range(3):
            clock.advance(30.0)
            await anyio.wait_all_tasks_blocked()

    assert alarm.called_at == [160.0]


async def test_deadline_may_come_forward() -> None:
    """An earlier deadline replaces the one slept for."""
    clock = FakeClock(now=100.0)
    alarm = Alarm(clock)
    alarm.deadline = 1_000.0

    async with timing(alarm) as timer:
        alarm.deadline = 110.0
        timer.moved()
        await anyio.wait_all_tasks_blocked()
        clock.advance(10.0)
        await anyio.wait_all_tasks_blocked()

    assert alarm.called_at == [110.0]


async def test_no_deadline_waits_for_word() -> None:
    """Without a deadline the timer sleeps until it is told of one; one past is now."""
    clock = FakeClock(now=100.0)
    alarm = Alarm(clock)

    async with timing(alarm) as timer:
        before = list(alarm.called_at)
        alarm.deadline = 50.0
        timer.moved()
        await anyio.wait_all_tasks_blocked()

    assert before == []
    assert alarm.called_at == [100.0]
