"""The inbox keeps what comes and wakes who waits for it."""

import anyio

from relay.demo.inbox import Inbox, Received
from tests.demo.samples import received


async def test_waiting_ends_with_the_arrival_that_was_waited_for() -> None:
    """``wait_until`` looks again after each arrival, and returns when it is enough."""
    inbox = Inbox()
    waited = anyio.Event()

    async def wait() -> None:
        await inbox.wait_until(lambda box: len(box.received) == 2)
        waited.set()

    with anyio.fail_after(1):
        async with anyio.create_task_group() as tg:
            tg.start_soon(wait)
            await anyio.wait_all_tasks_blocked()
            inbox.add(received())
            await anyio.wait_all_tasks_blocked()
            was_early = waited.is_set()
            inbox.add(received())

    assert not was_early
    assert waited.is_set()


async def test_refusals_are_kept_and_wake_too() -> None:
    """What no receiver would accept is kept with its reason."""
    inbox = Inbox()

    with anyio.fail_after(1):
        async with anyio.create_task_group() as tg:
            tg.start_soon(inbox.wait_until, lambda box: bool(box.refused))
            await anyio.wait_all_tasks_blocked()
            inbox.refuse("webhook: no")

    assert inbox.refused == ["webhook: no"]


def test_arrivals_are_shown_from_the_moment_a_screen_is_there() -> None:
    """``show_on`` gets what comes afterwards."""
    inbox = Inbox()
    shown: list[Received] = []
    first, second = received(id="1"), received(id="2")

    inbox.add(first)
    inbox.show_on(shown.append)
    inbox.add(second)

    assert shown == [second]
    assert inbox.received == [first, second]
