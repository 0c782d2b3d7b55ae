"""Child processes on loopback ports: started, waited for, and always ended."""

import signal
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
from anyio.abc import Process

from relay.clock import Clock
from relay.demo.errors import DemoError

LOOPBACK = "127.0.0.1"
_START_TIMEOUT_SECS = 30.0
_STOP_TIMEOUT_SECS = 30.0
_RETRY_SECS = 0.05


def free_port() -> int:
    """Return a loopback port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def running(
    command: Sequence[str], *, environment: Mapping[str, str], output: Path
) -> AsyncIterator[Process]:
    """Run ``command`` for the length of the block; what it prints goes to ``output``.

    The child has a session of its own, so that Ctrl-C reaches it only through us. At
    the end it gets SIGTERM, and SIGKILL when that does not end it.
    """
    with output.open("wb") as file:
        process = await anyio.open_process(
            command,
            stdin=None,
            stdout=file,
            stderr=file,
            env=dict(environment),
            start_new_session=True,
        )
    try:
        yield process
    finally:
        with anyio.CancelScope(shield=True):
            await stop(process)


async def stop(process: Process, *, timeout_secs: float = _STOP_TIMEOUT_SECS) -> int:
    """End ``process`` with SIGTERM, at worst with SIGKILL; return its exit code."""
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    with anyio.move_on_after(timeout_secs):
        return await process.wait()
    process.kill()
    return await process.wait()


async def until_listening(
    process: Process, port: int, *, name: str, output: Path, clock: Clock
) -> None:
    """Wait until ``process`` accepts connections on ``port``.

    Raises DemoError, with the end of what it printed, when it ends first or takes more
    than half a minute.
    """
    with anyio.move_on_after(_START_TIMEOUT_SECS):
        while process.returncode is None:
            try:
                stream = await anyio.connect_tcp(LOOPBACK, port)
            except OSError:
                await clock.sleep(_RETRY_SECS)
            else:
                await stream.aclose()
                return
    raise DemoError(f"{name} did not start; it said:\n{tail(output)}")


def tail(output: Path, *, lines: int = 15) -> str:
    """Return the last lines of a child's output, indented."""
    text = output.read_text(errors="replace")
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])
