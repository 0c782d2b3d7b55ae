"""The address at which the proxy is found, which can go away for a while."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from aiohttp import web

from tests.chaos.proxy import Proxy

_MAX_REQUEST_BYTES = 16 * 2**20


class Listener:
    """The proxy's address, which can go away for a while."""

    def __init__(self, proxy: Proxy) -> None:
        app = web.Application(client_max_size=_MAX_REQUEST_BYTES)
        app.router.add_route("*", "/{path:.*}", proxy.handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        self._site: web.TCPSite | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """Where the daemon finds all services."""
        return f"http://127.0.0.1:{self._port}"

    async def open(self) -> None:
        """Take connections, always on the same port."""
        if self._port == 0:
            await self._runner.setup()
        self._site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await self._site.start()
        self._port = self._runner.addresses[0][1]

    async def interrupt(self, secs: float) -> None:
        """Break all connections and refuse new ones for ``secs``."""
        assert self._site is not None
        assert self._runner.server is not None
        await self._site.stop()
        for connection in self._runner.server.connections:
            if connection.transport is not None:
                connection.transport.abort()
        await anyio.sleep(secs)  # slowness is the fault
        await self.open()

    async def close(self) -> None:
        """Stop for good."""
        await self._runner.cleanup()


@asynccontextmanager
async def listening(proxy: Proxy) -> AsyncIterator[Listener]:
    """Serve ``proxy`` on a free port for the length of the block."""
    listener = Listener(proxy)
    await listener.open()
    try:
        yield listener
    finally:
        proxy.heal()
        await listener.close()
