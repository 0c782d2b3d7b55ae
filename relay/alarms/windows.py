"""The datapoints of one alarm group, kept as buckets and read as slots.

A bucket is dropped when no complete window to come can need it *and* no datapoint
touched it for as long as N periods plus the lateness: events that are days old still
meet in their window when they arrive together. In any case a group holds no more than
twice what live evaluation needs, and 1024.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from relay.alarms.condition import Condition
from relay.alarms.spread import count_inside, joined, percentile, spread_out
from relay.config.statistics import AnyStatistic, Percentile, PercentileRank, Statistic
from relay.model import Datapoint

_SPARE_BUCKETS = 1024
"""Room for late events beside twice what live evaluation needs."""

_SUMMED = frozenset({Statistic.SUM, Statistic.SAMPLE_COUNT})

_MAX_EXACT = 2.0**53
"""Beyond, a float has no digits for the ones."""


class Bucket(msgspec.Struct, array_like=True, gc=False):
    """All datapoints of one bucket; ``touched`` is the second in which the last came.

    Whole numbers are kept as int, which makes the saved form small. ``values`` (each
    with its count, to the accuracy of ``scale``) are kept for percentiles only.
    """

    index: int
    count: int
    total: int | float
    minimum: int | float
    maximum: int | float
    touched: int | float
    scale: int = 0
    values: dict[float, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One period's statistics; a slot without datapoints is missing (``count`` 0)."""

    start: float
    count: int = 0
    total: float = 0.0
    minimum: float = math.inf
    maximum: float = -math.inf
    values: Mapping[float, int] = field(default_factory=dict)

    def value(self, statistic: AnyStatistic) -> float:
        """Return ``statistic`` of a slot that is not missing."""
        match statistic:
            case Statistic.SUM:
                return self.total
            case Statistic.SAMPLE_COUNT:
                return float(self.count)
            case Statistic.AVERAGE:
                return self.total / self.count
            case Statistic.MINIMUM:
                return self.minimum
            case Statistic.MAXIMUM:
                return self.maximum
            case Percentile() | PercentileRank():
                return self._share(statistic)

    def _share(self, statistic: Percentile | PercentileRank) -> float:
        if isinstance(statistic, Percentile):
            return percentile(self.values, statistic)
        return 100 * count_inside(self.values, statistic) / self.count


class Windows:
    """The buckets of one alarm group; ``dropped`` counts how often some have gone."""

    __slots__ = (
        "_bound",
        "_condition",
        "_keeps_values",
        "_newest",
        "_touched",
        "buckets",
        "dropped",
    )

    def __init__(self, condition: Condition, buckets: Iterable[Bucket] = ()) -> None:
        self._condition = condition
        self._keeps_values = not isinstance(condition.definition.statistic, Statistic)
        self.buckets = {bucket.index: bucket for bucket in buckets}
        self.dropped = 0
        self._newest: int | None = None
        self._touched = -math.inf
        self._bound = 0.0
        self._survey()

    def add(
        self, points: Sequence[Datapoint], *, now: float, until: float | None = None
    ) -> list[int]:
        """Add ``points``; return the numbers of their buckets, in order.

        What is to be judged ``until`` then (by default, now) is kept. The result does
        not depend on the order of ``points``: sums are rounded once.
        """
        parts: dict[int, list[Datapoint]] = {}
        bucket_secs = self._condition.bucket_secs
        for point in points:
            index = math.floor(point.time / bucket_secs)
            if index in parts:
                parts[index].append(point)
            else:
                parts[index] = [point]
        if not parts.keys() <= self.buckets.keys():
            # New buckets are rare (one a minute), so this is when to clean up.
            self._forget(now, now if until is None else until)
        for index, part in parts.items():
            self._merge(index, part, now)
        return sorted(parts)

    def slots(self, end: int, count: int) -> list[Slot]:
        """Return the ``count`` slots that end at ``end``, oldest first."""
        width = self._condition.slot_buckets
        parts: list[list[Bucket]] = [[] for _ in range(count)]
        oldest = end - count * width
        for index, bucket in self.buckets.items():
            if oldest <= index < end:
                parts[(index - oldest) // width].append(bucket)
        return [
            _slot((oldest + position * width) * self._condition.bucket_secs, part)
            for position, part in enumerate(parts)
        ]

    def next_change(self, end: int) -> int | None:
        """Return the first end behind ``end`` whose slots hold other buckets.

        None when there is none: then every later verdict is the one at ``end``.
        """
        width, reach = self._condition.slot_buckets, self._condition.range_buckets
        nearest: int | None = None
        for index in self.buckets:
            age = end - 1 - index
            if age >= reach:
                continue
            step = width - age % width if age >= 0 else -age
            if nearest is None or step < nearest:
                nearest = step
                if nearest == 1:
                    break
        return None if nearest is None else end + nearest

    def can_breach(self) -> bool:
        """Return False when all buckets together are too little for any breach."""
        condition = self._condition
        if not condition.fires_early or condition.definition.statistic not in _SUMMED:
            return True
        # M breaching slots share no bucket. The bound may be off by rounding.
        least = condition.definition.threshold * condition.needed
        return least <= 0 or self._bound * (1 + 1e-9) >= least

    def idle_at(self) -> float | None:
        """Return when all buckets are of no more use; None when there are none."""
        if self._newest is None:
            return None
        last_end = self._newest + 1 + self._condition.range_buckets
        return max(
            self._condition.due(last_end), self._touched + self._condition.keep_secs
        )

    def clear(self) -> None:
        """Drop all buckets."""
        self._drop(list(self.buckets))

    def trim(self) -> None:
        """Drop the buckets beyond the hard limit, least recently touched first."""
        if len(self.buckets) <= _SPARE_BUCKETS:
            return
        limit = _max_buckets(self._condition)
        if len(self.buckets) <= limit:
            return
        order = sorted(self.buckets.values(), key=lambda b: (b.touched, b.index))
        self._drop([bucket.index for bucket in order[: len(order) - limit]])

    def _merge(self, index: int, points: list[Datapoint], now: float) -> None:
        bucket = self.buckets.get(index)
        if bucket is None:
            bucket = Bucket(index, 0, 0, math.inf, -math.inf, 0)
            self.buckets[index] = bucket
        before = self._weight(bucket)
        if len(points) == 1:
            [point] = points
            count, lowest, highest = point.count, point.value, point.value
            total = bucket.total + point.value * count
        else:
            count = sum(point.count for point in points)
            lowest = min(point.value for point in points)
            highest = max(point.value for point in points)
            products = [point.value * point.count for point in points]
            total = math.fsum([bucket.total, *products])
        bucket.count += count
        bucket.total = _short(total)
        if lowest < bucket.minimum:
            bucket.minimum = _short(lowest)
        if highest > bucket.maximum:
            bucket.maximum = _short(highest)
        if self._keeps_values:
            if bucket.values is None:
                bucket.values = {}
            pairs = ((point.value, point.count) for point in points)
            bucket.scale = spread_out(bucket.values, bucket.scale, pairs)
        bucket.touched = math.ceil(now)
        self._bound += self._weight(bucket) - before
        self._touched = max(self._touched, bucket.touched)
        self._newest = index if self._newest is None else max(self._newest, index)

    def _forget(self, now: float, until: float) -> None:
        oldest = self._condition.watermark(until) - self._condition.range_buckets
        keep_secs = self._condition.keep_secs
        useless = [
            bucket.index
            for bucket in self.buckets.values()
            if bucket.index < oldest and bucket.touched + keep_secs <= now
        ]
        self._drop(useless)

    def _drop(self, indexes: Sequence[int]) -> None:
        if not indexes:
            return
        for index in indexes:
            del self.buckets[index]
        self.dropped += 1
        self._survey()

    def _survey(self) -> None:
        """Work out anew what is kept beside the buckets for speed."""
        self._newest = max(self.buckets, default=None)
        self._touched = max(
            (bucket.touched for bucket in self.buckets.values()), default=-math.inf
        )
        self._bound = math.fsum(map(self._weight, self.buckets.values()))

    def _weight(self, bucket: Bucket) -> float:
        """Return the most that ``bucket`` adds to a slot's sum or sample count."""
        if self._condition.definition.statistic is Statistic.SAMPLE_COUNT:
            return float(bucket.count)
        return max(bucket.total, 0.0)


def _slot(start: float, buckets: list[Bucket]) -> Slot:
    if not buckets:
        return Slot(start=float(start))
    return Slot(
        start=float(start),
        count=sum(bucket.count for bucket in buckets),
        total=math.fsum(bucket.total for bucket in buckets),
        minimum=float(min(bucket.minimum for bucket in buckets)),
        maximum=float(max(bucket.maximum for bucket in buckets)),
        values=joined(bucket.values for bucket in buckets if bucket.values),
    )


def _short(value: float) -> int | float:
    """Return ``value``, as an int where that loses nothing."""
    if isinstance(value, int) or abs(value) > _MAX_EXACT or not value.is_integer():
        return value
    return int(value)


def _max_buckets(condition: Condition) -> int:
    lateness = math.ceil(condition.lateness_secs / condition.bucket_secs)
    return 2 * (condition.range_buckets + lateness) + _SPARE_BUCKETS
