"""Back-pressure in bytes: how much log file content may be in memory at once."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import anyio
from prometheus_client import Gauge


class Held:
    """One holder's share; ``resize`` once its real size is known."""

    def __init__(self, budget: "ByteBudget", size_bytes: int) -> None:
        self._budget = budget
        self.size_bytes = size_bytes

    def resize(self, size_bytes: int) -> None:
        """Correct an estimate. Never waits: a holder that waited could never let go."""
        self._budget.add(size_bytes - self.size_bytes)
        self.size_bytes = size_bytes


class ByteBudget:
    """A limit that a newcomer waits for, first come first served.

    A share larger than the whole limit is let in alone. So the bytes in memory stay
    below the limit, plus what estimates were short of.
    """

    def __init__(self, limit_bytes: int, gauge: Gauge) -> None:
        self._limit = limit_bytes
        self._gauge = gauge
        self._used = 0
        self._holders = 0
        self._turn = anyio.Lock()
        self._changed = anyio.Event()

    @property
    def used_bytes(self) -> int:
        """What all holders hold together."""
        return self._used

    def set_limit(self, limit_bytes: int) -> None:
        """Change the limit; who waits looks again."""
        self._limit = limit_bytes
        self.add(0)

    @asynccontextmanager
    async def hold(self, estimate_bytes: int) -> AsyncIterator[Held]:
        """Wait until ``estimate_bytes`` fit, hold them inside the block."""
        async with self._turn:
            while self._holders and self._used + estimate_bytes > self._limit:
                await self._changed.wait()
            self._holders += 1
            held = Held(self, 0)
            held.resize(estimate_bytes)
        try:
            yield held
        finally:
            self._holders -= 1
            held.resize(0)

    def add(self, size_bytes: int) -> None:
        """Count ``size_bytes`` more (or fewer) and wake who waits."""
        self._used += size_bytes
        self._gauge.set(self._used)
        self._changed.set()
        self._changed = anyio.Event()


GZIP_RATIO = 12
"""What a log file is taken to inflate to while only its stored size is known:
CloudTrail's JSON deflates about 10 to 20 times."""


class Reservation:
    """One object's share of a budget, taken before its body is read.

    It is given back when ``stack`` closes; no share exceeds ``most_bytes``.
    """

    def __init__(
        self, budget: ByteBudget, stack: AsyncExitStack, *, most_bytes: int
    ) -> None:
        self._budget = budget
        self._stack = stack
        self._most_bytes = most_bytes
        self._held: Held | None = None

    async def for_stored(self, size_bytes: int) -> None:
        """Wait for room for an object of this stored size; asked again, correct it."""
        estimate = min(size_bytes * GZIP_RATIO, self._most_bytes)
        if self._held is None:
            self._held = await self._stack.enter_async_context(
                self._budget.hold(estimate)
            )
        else:
            self._held.resize(estimate)

    def for_decompressed(self, size_bytes: int) -> None:
        """Correct the share to what is better known now."""
        if self._held is not None:
            self._held.resize(min(size_bytes, self._most_bytes))
