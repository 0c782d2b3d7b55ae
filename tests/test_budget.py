"""relay.budget: bytes in memory stay bounded, and nobody waits for ever."""

from contextlib import AsyncExitStack

import anyio
from prometheus_client import CollectorRegistry, Gauge

from relay.budget import GZIP_RATIO, ByteBudget, Reservation


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
            held.resize(500)
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
        budget.set_limit(200)
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


# --- one object's reservation ---------------------------------------------------------


async def test_reservation_estimates_from_the_stored_size() -> None:
    """Before the body is read there is room for what it may inflate to."""
    budget, _ = make(1_000)

    async with AsyncExitStack() as stack:
        await Reservation(budget, stack, most_bytes=10_000).for_stored(10)
        while_held = budget.used_bytes

    assert while_held == 10 * GZIP_RATIO
    assert budget.used_bytes == 0


async def test_reservation_never_exceeds_what_may_be_decompressed() -> None:
    """Whatever sizes are claimed: more than the limit of one object is never held."""
    budget, _ = make(1_000)
    held: list[int] = []

    async with AsyncExitStack() as stack:
        reservation = Reservation(budget, stack, most_bytes=500)
        await reservation.for_stored(10**9)
        held.append(budget.used_bytes)
        reservation.for_decompressed(2**32 - 1)
        held.append(budget.used_bytes)

    assert held == [500, 500]


async def test_reservation_asked_again_is_corrected_not_added() -> None:
    """A read that is tried again says its size again; the share stays one."""
    budget, _ = make(1_000)

    async with AsyncExitStack() as stack:
        reservation = Reservation(budget, stack, most_bytes=10_000)
        await reservation.for_stored(10)
        await reservation.for_stored(20)
        again = budget.used_bytes
        reservation.for_decompressed(7)
        corrected = budget.used_bytes

    assert (again, corrected) == (20 * GZIP_RATIO, 7)
    assert budget.used_bytes == 0


async def test_reservation_that_was_not_taken_is_not_corrected() -> None:
    """An object that was not read holds nothing, whatever is known of its size."""
    budget, _ = make(1_000)

    async with AsyncExitStack() as stack:
        Reservation(budget, stack, most_bytes=500).for_decompressed(7)
        while_held = budget.used_bytes

    assert while_held == 0


async def test_reservation_waits_for_room() -> None:
    """The body of a second object is not read while the first fills the budget."""
    budget, _ = make(1_000)
    order: list[str] = []

    async def second() -> None:
        async with AsyncExitStack() as stack:
            await Reservation(budget, stack, most_bytes=10_000).for_stored(10)
            order.append("second in")

    async with anyio.create_task_group() as tg, AsyncExitStack() as stack:
        first = Reservation(budget, stack, most_bytes=10_000)
        await first.for_stored(80)
        tg.start_soon(second)
        await anyio.wait_all_tasks_blocked()
        order.append("first out")

    assert order == ["first out", "second in"]


async def test_holder_that_is_cancelled_leaks_nothing() -> None:
    """A handler that is cut off by a drain timeout gives back all that it held."""
    budget, gauge = make(1_000)
    held: list[int] = []

    async def handle() -> None:
        async with AsyncExitStack() as stack:
            reservation = Reservation(budget, stack, most_bytes=10_000)
            await reservation.for_stored(10)
            reservation.for_decompressed(600)
            held.append(budget.used_bytes)
            await anyio.sleep_forever()

    async with anyio.create_task_group() as tg:
        tg.start_soon(handle)
        await anyio.wait_all_tasks_blocked()
        tg.cancel_scope.cancel()

    assert held == [600]
    assert budget.used_bytes == 0
    assert shown(gauge) == 0
