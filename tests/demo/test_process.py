"""Children are waited for, explained when they fail, and ended in any case."""

import os
import signal
import sys
from pathlib import Path

import anyio
import pytest

from relay.clock import SystemClock
from relay.demo.errors import DemoError
from relay.demo.process import free_port, running, stop, until_listening

LISTEN = """
import signal, socket, sys
if sys.argv[2] == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
signal.pause()
"""


async def test_child_is_ended_with_the_block(tmp_path: Path) -> None:
    """SIGTERM ends it; nothing is left."""
    port, output = free_port(), tmp_path / "log"
    command = (sys.executable, "-c", LISTEN, str(port), "docile")

    with anyio.fail_after(20):
        async with running(command, environment=os.environ, output=output) as process:
            await until_listening(
                process, port, name="it", output=output, clock=SystemClock()
            )

    assert process.returncode == -signal.SIGTERM


async def test_stubborn_child_is_killed(tmp_path: Path) -> None:
    """What ignores SIGTERM gets SIGKILL when its time is up."""
    port, output = free_port(), tmp_path / "log"
    command = (sys.executable, "-c", LISTEN, str(port), "stubborn")

    with anyio.fail_after(20):
        async with running(command, environment=os.environ, output=output) as process:
            await until_listening(
                process, port, name="it", output=output, clock=SystemClock()
            )
            code = await stop(process, timeout_secs=0.01)

    assert code == -signal.SIGKILL


async def test_child_that_fails_to_start_is_quoted(tmp_path: Path) -> None:
    """The error ends with what the child said."""
    output = tmp_path / "log"
    command = (sys.executable, "-c", "raise SystemExit('no such luck')")

    with anyio.fail_after(20):
        async with running(command, environment=os.environ, output=output) as process:
            with pytest.raises(DemoError, match="it did not start") as caught:
                await until_listening(
                    process, free_port(), name="it", output=output, clock=SystemClock()
                )

    assert "    no such luck" in str(caught.value)
