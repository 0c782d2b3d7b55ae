"""The records behind an alarm group's datapoints, kept for the notification.

Those that came last are kept, not those with the newest event time: a burst that comes
days late must find its own records.
"""

from collections.abc import Collection, Iterable, Sequence

from relay.alarms.condition import Condition
from relay.alarms.saved import Sighting
from relay.alarms.windows import Slot
from relay.model import Datapoint, Evidence

_KEPT_PER_SHOWN = 2
"""Records of several windows may come mixed, so keep more than are shown."""


class Sightings:
    """The newest sightings of one group; a batch is cut to size only by ``trim``."""

    __slots__ = ("_condition", "kept")

    def __init__(self, condition: Condition, kept: Iterable[Sighting] = ()) -> None:
        self._condition = condition
        self.kept = list(kept)

    def add(self, points: Sequence[Datapoint], *, now: float) -> None:
        """Take the evidence of ``points``, which came at ``now``."""
        if not self._condition.definition.evidence:
            return
        self.kept += (
            Sighting(time=point.time, came_at=now, evidence=point.evidence)
            for point in points
            if point.evidence is not None
        )

    def inside(self, slots: Sequence[Slot]) -> tuple[Evidence, ...]:
        """Return as much evidence from inside ``slots`` as is shown, newest first."""
        period_secs = self._condition.definition.period_secs
        seen = [
            sighting
            for sighting in self.kept
            if any(0 <= sighting.time - slot.start < period_secs for slot in slots)
        ]
        seen.sort(key=_newest_first)
        shown = seen[: self._condition.definition.evidence]
        return tuple(sighting.evidence for sighting in shown)

    def trim(self, buckets: Collection[int]) -> None:
        """Drop what lies in none of ``buckets``, and of the rest what came earliest."""
        limit = self._condition.definition.evidence * _KEPT_PER_SHOWN
        inside = (
            sighting
            for sighting in self.kept
            if self._condition.bucket(sighting.time) in buckets
        )
        self.kept = sorted(inside, key=_last_come_first)[:limit]


def _last_come_first(sighting: Sighting) -> tuple[float, float, str]:
    return -sighting.came_at, *_newest_first(sighting)


def _newest_first(sighting: Sighting) -> tuple[float, str]:
    return -sighting.time, sighting.evidence.event_id or ""
