"""Whether the daemon makes progress, and whether it takes messages: two questions."""

from dataclasses import dataclass
from typing import Protocol

from relay.clock import Clock

QUIET_SECS = 120.0
"""Six long polls of 20 s without one answer: the queue cannot be reached."""
STUCK_SECS = 900.0
"""With messages under way a receive may wait; but in this time one must be done."""


class Progress(Protocol):
    """What a source tells about itself."""

    @property
    def last_progress(self) -> float:
        """When a receive was last answered or a message handled; monotonic clock."""
        ...

    @property
    def in_flight(self) -> int:
        """How many messages are under way."""
        ...

    @property
    def oldest_in_flight_secs(self) -> float:
        """How long the oldest of them has been under way; 0 without one."""
        ...


@dataclass(slots=True)
class Health:
    """The daemon's state of health, asked by /healthz and /readyz.

    ``progress`` is the source in force, None while there is none.
    """

    clock: Clock
    progress: Progress | None = None
    ready: bool = False

    def problems(self) -> list[str]:
        """Return what keeps the daemon from making progress; nothing: it is healthy."""
        if self.progress is None:
            return []
        quiet_secs = self.clock.monotonic() - self.progress.last_progress
        in_flight = self.progress.in_flight
        if in_flight and quiet_secs > STUCK_SECS:
            return [f"{in_flight} messages under way, none done for {quiet_secs:.0f} s"]
        if not in_flight and quiet_secs > QUIET_SECS:
            return [f"no answer from the queue for {quiet_secs:.0f} s"]
        return []
