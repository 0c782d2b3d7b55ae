"""What the outside wants of the daemon: reload, stop. Signals become these at the edge.

The daemon itself never sees a signal, so that tests and embedders run the real thing.
"""

from collections.abc import AsyncIterator
from contextlib import suppress

import anyio


class Intents:
    """Reload requests coalesce: many before the daemon looks are one."""

    def __init__(self) -> None:
        self._reload, self._reloads = anyio.create_memory_object_stream[None](1)
        self._stop = anyio.Event()

    def request_reload(self) -> None:
        """Have the configuration read again, soon."""
        # When one is waiting already, it will read what is there by then.
        with suppress(anyio.WouldBlock):
            self._reload.send_nowait(None)

    def request_stop(self) -> None:
        """Have the daemon drain and end."""
        self._stop.set()

    async def reloads(self) -> AsyncIterator[None]:
        """Yield once for every reload that is to be done."""
        async for _ in self._reloads:
            yield

    async def stopped(self) -> None:
        """Wait until the daemon is to stop."""
        await self._stop.wait()

    def close(self) -> None:
        """Release what the requests were passed through."""
        self._reload.close()
        self._reloads.close()
