"""A real syslog server on loopback: by TCP, TLS or UDP; keeps what comes.

async with running_syslog(tls=context) as server:
    ...
    messages = await server.take(2)
"""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio

HOST = "127.0.0.1"


@dataclass(slots=True, kw_only=True)
class SyslogServer:
    """The messages that came, whole, without their octet counts."""

    port: int = 0
    messages: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)

    async def take(self, count: int) -> list[bytes]:
        """Return the next ``count`` messages."""
        with anyio.fail_after(5):
            return [await self.messages.get() for _ in range(count)]


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: SyslogServer) -> None:
        self._server = server

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._server.messages.put_nowait(data)


@asynccontextmanager
async def running_syslog(
    *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[SyslogServer]:
    """Serve TCP, or TLS, on a free port."""
    server = SyslogServer()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stream = await reader.read()
        while stream:
            found = re.match(rb"([1-9][0-9]*) ", stream)
            assert found is not None, "no octet count"
            end = found.end() + int(found[1])
            assert len(stream) >= end, "fewer octets than were counted"
            server.messages.put_nowait(stream[found.end() : end])
            stream = stream[end:]
        writer.close()

    listener = await asyncio.start_server(serve, HOST, 0, ssl=tls)
    async with listener:
        server.port = listener.sockets[0].getsockname()[1]
        yield server


@asynccontextmanager
async def running_udp_syslog() -> AsyncIterator[SyslogServer]:
    """Serve UDP on a free port."""
    server = SyslogServer()
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Datagrams(server), local_addr=(HOST, 0)
    )
    try:
        server.port = transport.get_extra_info("sockname")[1]
        yield server
    finally:
        transport.close()
