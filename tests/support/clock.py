"""A clock that stands still until a test advances it."""

import anyio
from anyio.lowlevel import checkpoint


class FakeClock:
    """Implements relay.clock.Clock; ``advance`` wakes the sleepers that are due."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self._now = now
        self._sleepers: list[tuple[float, anyio.Event]] = []
        self.slept: list[float] = []

    def now(self) -> float:
        """Return the fake time."""
        return self._now

    def monotonic(self) -> float:
        """Return the fake time: it never runs backwards."""
        return self._now

    async def sleep(self, secs: float) -> None:
        """Wait until the clock was advanced by ``secs``."""
        _check(secs)
        self.slept.append(secs)
        if secs <= 0:
            await checkpoint()
            return
        event = anyio.Event()
        self._sleepers.append((self._now + secs, event))
        await event.wait()

    def advance(self, secs: float) -> None:
        """Move on; everybody who slept until then wakes at the next checkpoint."""
        self._now += secs
        due = [event for until, event in self._sleepers if until <= self._now]
        self._sleepers = [s for s in self._sleepers if s[0] > self._now]
        for event in due:
            event.set()


class EagerClock(FakeClock):
    """A fake clock that advances itself by whatever anyone sleeps: nobody waits."""

    async def sleep(self, secs: float) -> None:
        """Advance by ``secs`` and let others run."""
        _check(secs)
        self.slept.append(secs)
        self._now += secs
        await checkpoint()


def _check(secs: float) -> None:
    # As the real one does.
    if secs < 0:
        raise ValueError("delay must be a non-negative number")
