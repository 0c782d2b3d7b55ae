"""relay.intents: many reload requests are one, a stop is for good."""

import anyio

from relay.intents import Intents


async def test_reloads_coalesce() -> None:
    """Five SIGHUPs in a row cause one reload; a later one causes another."""
    intents = Intents()
    seen = 0
    for _ in range(5):
        intents.request_reload()

    async for _ in intents.reloads():
        seen += 1
        if seen == 1:
            intents.request_reload()
        else:
            break
    with anyio.move_on_after(0) as scope:
        async for _ in intents.reloads():
            seen += 1
    intents.close()

    assert seen == 2
    assert scope.cancelled_caught


async def test_stop_is_remembered() -> None:
    """A stop that was requested before anybody waits is not lost."""
    intents = Intents()
    intents.request_stop()

    with anyio.fail_after(1) as scope:
        await intents.stopped()
    intents.close()

    assert not scope.cancelled_caught
