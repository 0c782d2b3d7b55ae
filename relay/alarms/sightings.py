"""The records behind an alarm group's datapoints, kept for the notification.

Those that came last are kept, not those with the newest event time: a burst that comes
days late must find its own records. They are kept encoded, as they are saved: few are
ever shown.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec

from relay.alarms.condition import Condition
from relay.alarms.saved import Sighting
from relay.alarms.windows import Slot
from relay.model import Datapoint, Evidence

_KEPT_PER_SHOWN = 2
"""Records of several windows may come mixed, so keep more than are shown."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Evidence)

_Seen = tuple[float, Evidence]


class Sightings:
    """The newest sightings of one group; a batch is cut to size only by ``trim``.

    ``kept`` begins with those that came last; of one batch, with the newest.
    """

    __slots__ = ("_came_at", "_condition", "_fresh", "kept")

    def __init__(self, condition: Condition, kept: Iterable[Sighting] = ()) -> None:
        self._condition = condition
        self._fresh: list[_Seen] = []
        self._came_at = 0.0
        # Copied, or each would hold on to the whole document that it was read from.
        self.kept = [
            Sighting(each.time, each.came_at, each.evidence.copy()) for each in kept
        ]

    def add(self, points: Sequence[Datapoint], *, now: float) -> None:
        """Take the evidence of ``points``, which came at ``now``."""
        if not self._condition.definition.evidence:
            return
        self._came_at = now
        self._fresh = [
            (point.time, point.evidence)
            for point in points
            if point.evidence is not None
        ]
        if len(self._fresh) > 1:
            self._fresh.sort(key=_newest_first)

    def inside(self, slots: Sequence[Slot]) -> tuple[Evidence, ...]:
        """Return as much evidence from inside ``slots`` as is shown, newest first."""
        period_secs = self._condition.definition.period_secs
        seen = [
            (time, evidence)
            for time, evidence in self._all()
            if any(0 <= time - slot.start < period_secs for slot in slots)
        ]
        seen.sort(key=_newest_first)
        shown = seen[: self._condition.definition.evidence]
        return tuple(evidence for _, evidence in shown)

    def trim(self) -> None:
        """Drop what came earliest of more than can be shown."""
        limit = self._condition.definition.evidence * _KEPT_PER_SHOWN
        fresh = [
            Sighting(time, self._came_at, msgspec.Raw(_encoder.encode(evidence)))
            for time, evidence in self._fresh[:limit]
        ]
        self._fresh = []
        self.kept = (fresh + self.kept)[:limit]

    def drop_outside(self, buckets: Collection[int]) -> None:
        """Drop what lies in none of ``buckets``."""
        bucket = self._condition.bucket
        self.kept = [each for each in self.kept if bucket(each.time) in buckets]

    def _all(self) -> Iterator[_Seen]:
        yield from self._fresh
        for each in self.kept:
            yield each.time, _decoder.decode(each.evidence)


def _newest_first(seen: _Seen) -> tuple[float, str]:
    time, evidence = seen
    return -time, evidence.event_id or ""
