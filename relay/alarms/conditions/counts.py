"""Matches counted in buckets, and windows compared with the same ones before.

All windows of one length end at a bucket's boundary. An ``end`` is the number of the
first bucket behind a window; the window that it is compared with ends ``shift`` buckets
before.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from relay.config.conditions import RateChange

_MINUTE_SECS = 60
_STEPS = 5
"""A window slides at least so many times a period, if it has so many minutes."""
_MIN_LATE_SECS = 3600.0
"""How late behind the watermark an event may at least come, and still be compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """How one definition cuts time: ``width`` and ``shift`` are numbers of buckets.

    ``kept`` is how far behind the watermark buckets are kept.
    """

    bucket_secs: int
    width: int
    shift: int
    kept: int
    lateness_ms: int

    @classmethod
    def of(
        cls, condition: RateChange, period_secs: int, lateness_secs: float
    ) -> "Geometry":
        """Derive it; the period and ``against_secs`` are whole minutes."""
        bucket_secs = _bucket_secs(period_secs, condition.against_secs)
        width = period_secs // bucket_secs
        shift = condition.against_secs // bucket_secs
        late = max(shift, math.ceil(_MIN_LATE_SECS / bucket_secs))
        return cls(
            bucket_secs=bucket_secs,
            width=width,
            shift=shift,
            kept=shift + width + late,
            lateness_ms=round(lateness_secs * 1000),
        )

    def bucket(self, time: float) -> int:
        """Return the number of the bucket that ``time`` falls into."""
        return math.floor(time / self.bucket_secs)

    def watermark(self, now: float) -> int:
        """Return the newest end whose windows are complete at ``now``."""
        # In whole milliseconds: ``watermark(due(end))`` is ``end`` for any lateness.
        return (round(now * 1000) - self.lateness_ms) // (self.bucket_secs * 1000)

    def due(self, end: int) -> float:
        """Return when the watermark reaches ``end``."""
        return (end * self.bucket_secs * 1000 + self.lateness_ms) / 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """The window that ends at ``end`` has ``count`` matches, the one ago ``before``."""

    end: int
    count: int
    before: int


class Rises:
    """Finds the windows that have grown enough over the same window before."""

    def __init__(self, condition: RateChange, geometry: Geometry) -> None:
        self.condition = condition
        self.geometry = geometry

    def find(
        self, counts: Mapping[int, int], first: int, behind: int
    ) -> Iterator[Rise]:
        """Yield those that end from ``first`` on and before ``behind``, in order."""
        width, shift = self.geometry.width, self.geometry.shift
        if first >= behind:
            return
        get = counts.get
        count = sum(get(at, 0) for at in range(first - width, first))
        before = sum(get(at, 0) for at in range(first - width - shift, first - shift))
        for end in range(first, behind):
            if self._is_rise(count, before):
                yield Rise(end=end, count=count, before=before)
            count += get(end, 0) - get(end - width, 0)
            before += get(end - shift, 0) - get(end - width - shift, 0)

    def around(
        self, counts: Mapping[int, int], changed: Sequence[int], first: int
    ) -> Iterator[Rise]:
        """Yield those that hold a changed bucket and end from ``first`` on, in order.

        ``changed`` is in order.
        """
        for bucket in changed:
            behind = bucket + self.geometry.width + 1
            start = max(first, bucket + 1)
            yield from self.find(counts, start, behind)
            first = max(first, behind)

    def _is_rise(self, count: int, before: int) -> bool:
        condition = self.condition
        return count >= condition.at_least and count >= condition.times * before


def _bucket_secs(period_secs: int, against_secs: int) -> int:
    """Return the longest bucket that fits: few buckets are little memory."""
    common = math.gcd(period_secs, against_secs) // _MINUTE_SECS
    for steps in range(_STEPS, period_secs // _MINUTE_SECS + 1):
        minutes, rest = divmod(period_secs, steps * _MINUTE_SECS)
        if not rest and common % minutes == 0:
            return minutes * _MINUTE_SECS
    return _MINUTE_SECS
