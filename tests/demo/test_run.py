"""The demo itself, played in earnest but without its pauses."""

import io
import os
import signal

import anyio
import pytest
from rich.console import Console

from relay.clock import SystemClock
from relay.demo.run import EXIT_INTERRUPTED, EXIT_OK, Options, run_demo

TIMEOUT_SECS = 60


class Output(io.StringIO):
    """A terminal's output that somebody can wait on."""

    def __init__(self) -> None:
        super().__init__()
        self._awaited: dict[str, anyio.Event] = {}

    def event(self, text: str) -> anyio.Event:
        """Return an event that is set as soon as ``text`` was printed."""
        return self._awaited.setdefault(text, anyio.Event())

    def write(self, text: str) -> int:
        """Keep ``text``; wake who waits for it."""
        written = super().write(text)
        for awaited, event in self._awaited.items():
            if awaited in self.getvalue():
                event.set()
        return written


async def play(output: Output, *, keep: bool = False) -> int:
    """Play the demo at once; return its exit code."""
    return await run_demo(
        Console(file=output, width=200, color_system=None, _environ={}),
        Options(seed=3, keep=keep, pace_secs=0.0),
        environment=os.environ,
        clock=SystemClock(),
    )


async def test_demo_ends_well() -> None:
    """Everything arrives, is relayed, alarmed and told; the exit code is 0."""
    output = Output()

    with anyio.fail_after(TIMEOUT_SECS):
        code = await play(output)

    text = output.getvalue()
    assert code == EXIT_OK, text
    assert "0 missing, 0 duplicates" in text
    assert "nothing lost" in text


@pytest.mark.parametrize(
    ("keep", "awaited", "expected"),
    [
        pytest.param(True, "still running", EXIT_OK, id="after the verdict"),
        pytest.param(False, "starting relay", EXIT_INTERRUPTED, id="before the play"),
    ],
)
async def test_signal_ends_the_demo(keep: bool, awaited: str, expected: int) -> None:
    """Ctrl-C ends it and everything it started; the verdict stands if there is one."""
    output, codes = Output(), []

    async def played() -> None:
        codes.append(await play(output, keep=keep))

    with anyio.fail_after(TIMEOUT_SECS):
        async with anyio.create_task_group() as tg:
            event = output.event(awaited)
            tg.start_soon(played)
            await event.wait()
            os.kill(os.getpid(), signal.SIGINT)

    assert codes == [expected], output.getvalue()
