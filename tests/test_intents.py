"""relay.intents: many reload requests are one, a stop is for good."""

import anyio

from relay.intents import Intents


async def test_reloads_coalesce() -> None:
    """Five SIGHUPs in a row cause one reload; one during it causes another."""
    intents = Intents()
    seen = 0

    async def count() -> None:
        nonlocal seen
        async for _ in intents.reloads():
            seen += 1
            if seen == 1:
                intents.request_reload()

    for _ in range(5):
        intents.request_reload()
    async with anyio.create_task_group() as tg:
        tg.start_soon(count)
        await anyio.wait_all_tasks_blocked()
        tg.cancel_scope.cancel()

    assert seen == 2


async def test_stop_is_remembered() -> None:
    """A stop that was requested before anybody waits is not lost."""
    intents = Intents()
    intents.request_stop()

    with anyio.fail_after(1) as scope:
        await intents.stopped()

    assert not scope.cancelled_caught
