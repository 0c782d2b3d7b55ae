"""Whether the daemon makes progress, and whether it takes messages: two questions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from relay.clock import Clock

RECEIVE_STALLED_SECS = 120.0
"""Six long polls of 20 s without one answer: the queue cannot be reached."""
SETTLE_STALLED_SECS = 900.0
"""Messages under way and none settled for so long: something holds them all up."""


class Progress(Protocol):
    """What a source tells about itself; times are of the monotonic clock."""

    @property
    def last_receive(self) -> float:
        """When a receive was last answered, be it with nothing."""
        ...

    @property
    def last_settled(self) -> float:
        """When a message was last settled, or when none was under way."""
        ...


@dataclass(slots=True)
class Health:
    """The daemon's state of health, asked by /healthz and /readyz."""

    clock: Clock
    progress: Callable[[], Progress | None]
    ready: bool = False

    def problems(self) -> list[str]:
        """Return what keeps the daemon from making progress; nothing: it is healthy."""
        progress = self.progress()
        if progress is None:
            return []
        now = self.clock.monotonic()
        found = []
        if (quiet := now - progress.last_receive) > RECEIVE_STALLED_SECS:
            found.append(f"no answer from the queue for {quiet:.0f} s")
        if (stuck := now - progress.last_settled) > SETTLE_STALLED_SECS:
            found.append(f"no message settled for {stuck:.0f} s, some are under way")
        return found
