"""Waking somebody at a deadline that moves."""

from collections.abc import Awaitable, Callable

import anyio

from relay.clock import Clock


class DeadlineTimer:
    """Calls ``on_due`` when the clock reaches ``deadline()``, never before.

    ``deadline`` is asked again after every ``moved`` and after every ``on_due``; None
    means that nothing is due until somebody says ``moved``.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        deadline: Callable[[], float | None],
        on_due: Callable[[], Awaitable[None]],
    ) -> None:
        self._clock = clock
        self._deadline = deadline
        self._on_due = on_due
        self._moved = anyio.Event()

    def moved(self) -> None:
        """Say that the deadline may be another one now."""
        self._moved.set()

    async def run(self) -> None:
        """Wait and call, until cancelled."""
        while True:
            self._moved = anyio.Event()
            deadline = self._deadline()
            if deadline is None:
                await self._moved.wait()
            elif await self._reached(deadline):
                await self._on_due()

    async def _reached(self, deadline: float) -> bool:
        """Wait for the deadline or for word that it moved; tell which came."""
        wait_secs = deadline - self._clock.now()
        if wait_secs <= 0:
            return True
        is_reached = False
        async with anyio.create_task_group() as tg:

            async def sleep() -> None:
                nonlocal is_reached
                await self._clock.sleep(wait_secs)
                is_reached = True
                tg.cancel_scope.cancel()

            tg.start_soon(sleep, name="deadline")
            await self._moved.wait()
            tg.cancel_scope.cancel()
        return is_reached
