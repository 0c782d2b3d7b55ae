"""The only reader of the time; everything else is handed a Clock or a ``now``.

Times are seconds since the epoch, UTC, as ``float``; durations are seconds.
"""

import time
from datetime import UTC, datetime
from typing import Protocol

import anyio


class Clock(Protocol):
    """What a stage may ask of time."""

    def now(self) -> float:
        """Return the time in seconds since the epoch, UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never run backwards, for measuring durations."""
        ...

    async def sleep(self, secs: float) -> None:
        """Wait for ``secs`` seconds; cancellable."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Return the time in seconds since the epoch, UTC."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return time.monotonic()

    async def sleep(self, secs: float) -> None:
        """Wait for ``secs`` seconds."""
        await anyio.sleep(secs)


def isoformat(at: float) -> str:
    """Render ``at`` as CloudTrail does: ``2026-09-14T05:42:40Z``, to the second."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_isoformat(text: str) -> float:
    """Return the epoch seconds of an ISO 8601 time; without an offset it is UTC.

    Raises ValueError when ``text`` is no such time.
    """
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    return parsed.timestamp()
