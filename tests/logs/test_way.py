"""All calls to one destination share one way, which lets so many through at once."""

import anyio
import pytest

from relay.errors import Reason, TransientError
from relay.logs.way import Way
from relay.telemetry import Telemetry
from tests.logs.support import HERE
from tests.support.clock import FakeClock

OVERLOADED = [Reason.THROTTLED, Reason.UNAVAILABLE, Reason.TIMEOUT]


class Traffic:
    """Calls that go through one way, and how many of them are under way."""

    def __init__(self, most_calls: int) -> None:
        self.clock = FakeClock()
        self.telemetry = Telemetry()
        self.way = Way(
            HERE, most_calls=most_calls, telemetry=self.telemetry, clock=self.clock
        )
        self.under_way = 0
        self.gate = anyio.Event()

    async def call(self) -> None:
        """Make one call, which ends when the gate opens."""
        async with self.way.call(1_000):
            self.under_way += 1
            await self.gate.wait()
            self.under_way -= 1

    async def fail(self, reason: Reason) -> None:
        """Make one call that fails at once."""
        self.clock.advance(1)
        with pytest.raises(TransientError):
            async with self.way.call(1_000):
                raise TransientError("no", reason=reason)

    def value(self, name: str) -> float | None:
        """Return the value of one series."""
        return self.telemetry.registry.get_sample_value(name)


async def test_calls_over_the_limit_wait() -> None:
    """Of ten calls two are made; the others follow as these end."""
    traffic = Traffic(most_calls=2)
    async with anyio.create_task_group() as callers:
        for _ in range(10):
            callers.start_soon(traffic.call)
        await anyio.wait_all_tasks_blocked()
        assert traffic.under_way == 2
        assert traffic.value("relay_put_log_events_in_flight") == 2
        traffic.gate.set()

    assert traffic.value("relay_put_log_events_seconds_count") == 10
    assert traffic.value("relay_put_log_events_in_flight") == 0


async def test_success_lets_more_through() -> None:
    """As long as all that may be under way is, the way gets wider."""
    traffic = Traffic(most_calls=8)
    async with anyio.create_task_group() as callers:
        for _ in range(50):
            callers.start_soon(traffic.call)
        await anyio.wait_all_tasks_blocked()
        assert traffic.under_way == 4
        traffic.gate.set()

    assert traffic.way.calls == 8


@pytest.mark.parametrize("reason", OVERLOADED)
async def test_overload_lets_fewer_through(reason: Reason) -> None:
    """After throttling, an unavailable service or a time-out only half may call."""
    traffic = Traffic(most_calls=8)

    await traffic.fail(reason)
    async with anyio.create_task_group() as callers:
        for _ in range(10):
            callers.start_soon(traffic.call)
        await anyio.wait_all_tasks_blocked()
        under_way = traffic.under_way
        traffic.gate.set()

    assert under_way == 2


@pytest.mark.parametrize(
    "reason", [reason for reason in Reason if reason not in OVERLOADED]
)
async def test_other_failures_say_nothing_of_load(reason: Reason) -> None:
    """A missing permission or a lost connection does not make calls fewer."""
    traffic = Traffic(most_calls=8)

    await traffic.fail(reason)

    assert traffic.way.calls == 4
    assert traffic.value("relay_put_log_events_seconds_count") == 0
