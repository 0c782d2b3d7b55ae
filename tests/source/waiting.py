"""Waiting for what other tasks do, without a clock."""

from collections.abc import Callable

import anyio
from anyio.lowlevel import checkpoint


async def until(is_true: Callable[[], bool]) -> None:
    """Let the other tasks run until ``is_true``; fail after two seconds."""
    with anyio.fail_after(2):
        while not is_true():
            await checkpoint()


async def settle() -> None:
    """Let the other tasks run as far as they come without the clock moving."""
    for _ in range(50):
        await checkpoint()
