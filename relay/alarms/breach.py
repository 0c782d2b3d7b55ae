"""Finding a breaching window around new datapoints, whatever their event time is.

A window breaches when at least M of its N slots do, and counts for a datapoint when one
of those slots holds it. All ends are examined, but not one by one: between two points
where a bucket enters or leaves the slot, nothing changes, so slots come in *runs* of
ends.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from relay.alarms.condition import Condition, is_upward
from relay.alarms.spread import count_inside
from relay.alarms.windows import Bucket
from relay.config.statistics import Percentile, PercentileRank, Statistic

_EXTREMES = frozenset({Statistic.MINIMUM, Statistic.MAXIMUM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Slots ending at ``first`` ... ``behind`` - 1 breach, all with the same buckets.

    ``strength`` compares runs: the more, the further beyond the threshold. ``is_new``:
    they hold new datapoints.
    """

    first: int
    behind: int
    strength: float
    is_new: bool


def find_breach(
    buckets: Mapping[int, Bucket],
    changed: Sequence[int],
    condition: Condition,
    *,
    newest_end: int | None = None,
) -> int | None:
    """Return the end of the window that breaches most, or None when none does.

    ``changed`` are the numbers of the buckets with new datapoints, in order, at least
    one; only windows with one of them in a breaching slot count, and only those that
    end at ``newest_end`` at the latest. Among equals the earliest wins.
    """
    reach = condition.window_buckets
    oldest, newest = changed[0] - reach, changed[-1] + reach
    near = [bucket for index, bucket in buckets.items() if oldest < index < newest]
    near.sort(key=lambda bucket: bucket.index)
    runs = [
        run
        for run in _breaching_runs(near, changed, condition)
        if newest_end is None or run.first <= newest_end
    ]
    if condition.needed == 1:
        fresh = (run for run in runs if run.is_new)
        best = max(fresh, key=lambda run: (run.strength, -run.first), default=None)
        return None if best is None else best.first
    found = (
        _densest_window(part, condition, newest_end) for part in _parts(runs, reach)
    )
    densest = max(
        (each for each in found if each is not None),
        key=lambda each: (each[0], -each[1]),
        default=None,
    )
    return None if densest is None else densest[1]


def _breaching_runs(
    near: Sequence[Bucket], changed: Sequence[int], condition: Condition
) -> Iterator[Run]:
    """Slide one slot over ``near`` (in order of time); yield the runs that breach."""
    width = condition.slot_buckets
    weights = [_weight(bucket, condition) for bucket in near]
    total: int | Fraction = 0
    count = entered = left = 0
    while left < len(near):
        end = near[left].index + 1 + width
        if entered < len(near):
            end = min(end, near[entered].index + 1)
        if near[left].index + 1 + width == end:
            total, count = total - weights[left], count - near[left].count
            left += 1
        if entered < len(near) and near[entered].index + 1 == end:
            total, count = total + weights[entered], count + near[entered].count
            entered += 1
        if left == entered:
            continue
        behind = near[left].index + 1 + width
        if entered < len(near):
            behind = min(behind, near[entered].index + 1)
        strength = _strength(total, count, condition)
        if strength is not None:
            at = bisect_left(changed, end - width)
            is_new = at < len(changed) and changed[at] < end
            yield Run(first=end, behind=behind, strength=strength, is_new=is_new)


def _strength(total: int | Fraction, count: int, condition: Condition) -> float | None:
    """Return how strongly a slot breaches, or None when it does not."""
    statistic = condition.definition.statistic
    if count < condition.least_samples:
        return None
    if statistic in _EXTREMES:
        return float(total) or None  # how many of its buckets breach
    if isinstance(statistic, Percentile):
        return _percentile_strength(int(total), count, statistic, condition)
    value = float(total)
    if statistic is Statistic.AVERAGE:
        value /= count
    elif isinstance(statistic, PercentileRank):
        value = 100 * value / count
    if not condition.breaches(value):
        return None
    return abs(value - condition.definition.threshold)


def _percentile_strength(
    breaching: int, count: int, statistic: Percentile, condition: Condition
) -> float | None:
    """Return the share of values that breach, when the one at the rank is among them.

    They are the highest ones or the lowest, so that their number tells.
    """
    rank = statistic.rank(count)
    needed = count - rank + 1 if is_upward(condition.definition.comparison) else rank
    return breaching / count if breaching >= needed else None


def _weight(bucket: Bucket, condition: Condition) -> int | Fraction:
    """Return what ``bucket`` adds to a slot; exact, since it is subtracted again."""
    match condition.definition.statistic:
        case Statistic.SAMPLE_COUNT:
            return bucket.count
        case Statistic.SUM | Statistic.AVERAGE:
            total = bucket.total
            return total if isinstance(total, int) else Fraction(total)
        case Statistic.MINIMUM:
            return int(condition.breaches(bucket.minimum))
        case Statistic.MAXIMUM:
            return int(condition.breaches(bucket.maximum))
        case PercentileRank() as statistic:
            return count_inside(bucket.values or {}, statistic)
        case Percentile():
            values = (bucket.values or {}).items()
            return sum(count for value, count in values if condition.breaches(value))


def _parts(runs: Sequence[Run], reach: int) -> Iterator[Sequence[Run]]:
    """Cut ``runs`` where no window of ``reach`` buckets can join the two sides."""
    start = 0
    for position in range(1, len(runs) + 1):
        is_last = position == len(runs)
        if is_last or runs[position].first - runs[position - 1].behind >= reach:
            part = runs[start:position]
            if any(run.is_new for run in part):
                yield part
            start = position


def _densest_window(
    runs: Sequence[Run], condition: Condition, newest_end: int | None
) -> tuple[int, int] | None:
    """Return (breaching slots, end) of the best window over ``runs``; None: none has M.

    Slots one period apart make a window, so the count at an end is the count one period
    before it, plus the slot that comes in, minus the one that goes out N periods back.
    """
    first, last = runs[0].first, runs[-1].behind - 1
    width, reach = condition.slot_buckets, condition.window_buckets
    length = last - first + 1 + reach - width
    if newest_end is not None:
        length = min(length, newest_end - first + 1)
    breaching, fresh = [0] * length, [0] * length
    for run in runs:
        for position in range(run.first - first, min(run.behind - first, length)):
            breaching[position] = 1
            fresh[position] = int(run.is_new)
    slots = _moving_count(breaching, width, reach)
    new_slots = _moving_count(fresh, width, reach)
    best: tuple[int, int] | None = None
    for position, count in enumerate(slots):
        is_breach = count >= condition.needed and new_slots[position]
        if is_breach and (best is None or count > best[0]):
            best = count, first + position
    return best


def _moving_count(flags: Sequence[int], step: int, reach: int) -> list[int]:
    """Return, per position, the flags there and every ``step`` back in ``reach``."""
    counts = list(flags)
    for position in range(step, len(counts)):
        counts[position] += counts[position - step]
        if position >= reach:
            counts[position] -= flags[position - reach]
    return counts
