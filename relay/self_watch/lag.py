"""How far relay is behind what was sent to it, measured once a minute.

Not on what it has done, but on what it has not: also when the queue does not answer, or
every object hangs, there is a datapoint.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from relay.clock import Clock
from relay.model import AlarmKey, Datapoint

EVERY_SECS: Final = 60.0


class LagWatch:
    """Feeds the alarm ``relay_late`` of the configuration in force, if it has one."""

    def __init__(self, *, seen_until: Callable[[], float], clock: Clock) -> None:
        """``seen_until`` tells the time before which all that was sent is counted."""
        self._seen_until = seen_until
        self._clock = clock
        self._started_at = clock.now()
        self.alarm: AlarmKey | None = None

    async def run(
        self, observe: Callable[[Sequence[Datapoint]], Awaitable[None]]
    ) -> None:
        """Measure until cancelled; ``observe`` counts the datapoints."""
        while True:
            await self._clock.sleep(EVERY_SECS)
            if self.alarm is not None:
                await observe([self._datapoint(self.alarm)])

    def _datapoint(self, alarm: AlarmKey) -> Datapoint:
        now = self._clock.now()
        # What waited before the start is no fault of this run, until it lasts.
        seen_until = max(self._seen_until(), self._started_at)
        return Datapoint(
            alarm=alarm, group=(), time=now, value=max(0.0, now - seen_until)
        )
