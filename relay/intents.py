"""What the outside wants of the daemon: reload, stop. Signals become these at the edge.

The daemon itself never sees a signal, so that tests and embedders run the real thing.
"""

from collections.abc import AsyncIterator

import anyio


class Intents:
    """Reload requests coalesce: many before the daemon looks are one."""

    def __init__(self) -> None:
        self._reload = anyio.Event()
        self._stop = anyio.Event()

    def request_reload(self) -> None:
        """Have the configuration read again, soon."""
        self._reload.set()

    def request_stop(self) -> None:
        """Have the daemon drain and end."""
        self._stop.set()

    async def reloads(self) -> AsyncIterator[None]:
        """Yield once for every reload that is to be done."""
        while True:
            await self._reload.wait()
            # Before it is done, not after: the next one reads what is there by then.
            self._reload = anyio.Event()
            yield

    async def stopped(self) -> None:
        """Wait until the daemon is to stop."""
        await self._stop.wait()
