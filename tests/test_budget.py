"""relay.budget: bytes in memory stay bounded, and nobody waits for ever."""

import anyio
from prometheus_client import CollectorRegistry, Gauge

from relay.budget import ByteBudget


def shown(gauge: Gauge) -> float:
    """Return the gauge's value."""
    (metric,) = gauge.collect()
    return metric.samples[0].value


def make(limit: int) -> tuple[ByteBudget, Gauge]:
    """Return a budget of ``limit`` bytes and the gauge that it keeps."""
    gauge = Gauge("held", "Held.", registry=CollectorRegistry())
    return ByteBudget(limit, gauge), gauge


async def test_newcomer_waits_until_enough_is_free() -> None:
    """A share that does not fit is let in when another holder leaves."""
    budget, _ = make(100)
    order: list[str] = []

    async def second() -> None:
        async with budget.hold(50):
            order.append("second in")

    async with anyio.create_task_group() as tg, budget.hold(80):
        tg.start_soon(second)
        await anyio.wait_all_tasks_blocked()
        order.append("first out")

    assert order == ["first out", "second in"]
    assert budget.used_bytes == 0


async def test_share_beyond_the_limit_is_let_in_alone() -> None:
    """One object larger than the whole limit is processed, not refused for ever."""
    budget, gauge = make(100)

    with anyio.fail_after(1):
        async with budget.hold(1_000):
            inside = budget.used_bytes

    assert inside == 1_000
    assert shown(gauge) == 0


async def test_first_come_first_served() -> None:
    """A small share does not overtake a large one, which would starve."""
    budget, _ = make(100)
    order: list[int] = []

    async def hold(size: int) -> None:
        async with budget.hold(size):
            order.append(size)

    async with anyio.create_task_group() as tg, budget.hold(60):
        tg.start_soon(hold, 90)
        await anyio.wait_all_tasks_blocked()
        tg.start_soon(hold, 10)
        await anyio.wait_all_tasks_blocked()

    assert order == [90, 10]


async def test_resize_corrects_an_estimate_without_waiting() -> None:
    """A holder that turns out larger goes on; newcomers wait for it."""
    budget, gauge = make(100)

    with anyio.fail_after(1):
        async with budget.hold(10) as held:
            await held.resize(500)
            while_held = shown(gauge)

    assert while_held == 500
    assert budget.used_bytes == 0


async def test_raised_limit_lets_a_waiter_in() -> None:
    """After a reload with a higher limit nobody waits for the old one."""
    budget, _ = make(100)
    inside = anyio.Event()

    async def second() -> None:
        async with budget.hold(50):
            inside.set()

    async with anyio.create_task_group() as tg, budget.hold(80):
        tg.start_soon(second)
        await anyio.wait_all_tasks_blocked()
        waited = not inside.is_set()
        await budget.set_limit(200)
        with anyio.fail_after(1):
            await inside.wait()

    assert waited


async def test_cancelled_waiter_holds_nothing() -> None:
    """Who gives up waiting leaves the budget as it was."""
    budget, _ = make(100)

    async with budget.hold(80):
        with anyio.move_on_after(0):
            async with budget.hold(50):
                raise AssertionError("it did not fit")

    assert budget.used_bytes == 0
