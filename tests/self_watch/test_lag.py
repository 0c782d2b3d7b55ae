"""relay.self_watch.lag: a datapoint a minute, whatever is or is not done."""

from collections.abc import Sequence

import anyio

from relay.model import AlarmKey, Datapoint
from relay.self_watch.lag import EVERY_SECS, LagWatch
from tests.support.clock import FakeClock

KEY = AlarmKey(name="self-watch-relay-late", fingerprint="1")


async def measured(
    seen_until: Sequence[float], alarm: AlarmKey | None
) -> list[Datapoint]:
    """Return what a lag watch observes while the source has seen so much, by minute.

    Times are seconds after its start.
    """
    clock = FakeClock()
    started_at = clock.now()
    minute = 0
    observed: list[Datapoint] = []

    async def observe(datapoints: Sequence[Datapoint]) -> None:
        observed.extend(datapoints)

    watch = LagWatch(seen_until=lambda: started_at + seen_until[minute], clock=clock)
    watch.alarm = alarm
    async with anyio.create_task_group() as tg:
        tg.start_soon(watch.run, observe)
        for minute in range(len(seen_until)):  # noqa: B007 - seen_until reads it
            await anyio.wait_all_tasks_blocked()
            clock.advance(EVERY_SECS)
            await anyio.wait_all_tasks_blocked()
        tg.cancel_scope.cancel()
    return observed


async def test_lag_is_how_old_the_oldest_uncounted_is() -> None:
    """Growing while nothing is counted, and falling as it catches up."""
    observed = await measured([58.0, 58.0, 175.0], KEY)

    assert [each.value for each in observed] == [2.0, 62.0, 5.0]
    assert {(each.alarm, each.group) for each in observed} == {(KEY, ())}


async def test_backlog_of_a_downtime_counts_from_the_start() -> None:
    """Else every start after a weekend would be late at once."""
    observed = await measured([-90_000.0, -90_000.0], KEY)

    assert [each.value for each in observed] == [60.0, 120.0]


async def test_nothing_is_measured_for_nobody() -> None:
    """The rule is off."""
    assert await measured([0.0, 0.0], None) == []
