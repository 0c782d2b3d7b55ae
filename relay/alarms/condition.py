"""What an alarm definition comes to: its condition, and its geometry in time.

Time is cut into *buckets* of ``min(period, 60 s)``, aligned to UTC and numbered from
the epoch. A *slot* is one period: ``slot_buckets`` buckets. A window is ``periods``
slots that end at a bucket's boundary, so windows slide by one bucket, as CloudWatch's
do. An ``end`` is always the number of the first bucket that lies behind a window.

An alarm with ``time: arrival`` is evaluated when CloudWatch would (User Guide, "Alarm
evaluation"): every minute, on what came in the minutes before; with a period under a
minute every 10 s, and one period later; with more than a day to look at, every hour.
"""

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from relay.config.rules import (
    AlarmDefinition,
    AlarmTime,
    Comparison,
    LowSamples,
    MissingData,
)
from relay.config.statistics import AnyStatistic, Percentile, PercentileRank, Statistic
from relay.model import AlarmKey, AlarmState

_COARSEST_BUCKET_SECS = 60
"""CloudWatch evaluates once a minute; shorter periods, once a period."""

_FINEST_PERIOD_SECS = 10
"""How often CloudWatch evaluates a period under a minute."""

_DAY_SECS, _HOUR_SECS = 86_400, 3_600
"""Over more than the one, CloudWatch evaluates once in the other."""

_COMPARE: dict[Comparison, Callable[[float, float], bool]] = {
    Comparison.GREATER_OR_EQUAL: operator.ge,
    Comparison.GREATER: operator.gt,
    Comparison.LESS: operator.lt,
    Comparison.LESS_OR_EQUAL: operator.le,
}
_UPWARDS = frozenset({Comparison.GREATER, Comparison.GREATER_OR_EQUAL})


class Trend(Enum):
    """Where later data can move a slot's statistic, seen from the threshold."""

    TOWARDS = auto()
    """Only towards breaching: what breaches now, breaches for good. Fires early."""
    AWAY = auto()
    """Only away from it: nothing is certain before the slot is complete."""
    EITHER = auto()
    """An average or a percentile: both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One definition with everything that follows from it; made by ``of``.

    ``range_slots`` is CloudWatch's evaluation range: it looks at more slots than N. AWS
    names no formula; N + 2 (and N + one minute's worth of short periods) fits its table
    in "Configuring how CloudWatch alarms treat missing data" and what has been
    measured.

    ``is_by_arrival``: datapoints count when they came, and are judged as CloudWatch
    does. ``fires_early``: later data cannot undo a breach, so that it counts at once.
    ``needs_watermark``: some things can be decided only when windows are complete; not
    so where a breach is seen at once and absence means OK.

    Only every ``step_buckets``-th end is judged. A percentile of fewer datapoints than
    ``least_samples`` says nothing.
    """

    definition: AlarmDefinition
    key: AlarmKey
    trend: Trend
    is_by_arrival: bool
    fires_early: bool
    needs_watermark: bool
    breaches: Callable[[float], bool]
    bucket_secs: int
    slot_buckets: int
    periods: int
    needed: int
    range_slots: int
    lateness_ms: int
    step_buckets: int
    least_samples: int

    @classmethod
    def of(cls, definition: AlarmDefinition) -> "Condition":
        """Derive the condition of ``definition``."""
        period_secs, periods = definition.period_secs, definition.evaluation_periods
        trend = _trend(definition.statistic, definition.comparison)
        is_by_arrival = definition.time is AlarmTime.ARRIVAL
        fires_early = trend is Trend.TOWARDS and not is_by_arrival
        bucket_secs = _bucket_secs(definition)
        compare, threshold = _COMPARE[definition.comparison], definition.threshold
        return cls(
            definition=definition,
            key=definition.key,
            trend=trend,
            is_by_arrival=is_by_arrival,
            fires_early=fires_early,
            needs_watermark=not fires_early
            or definition.treat_missing_data is not MissingData.NOT_BREACHING,
            breaches=lambda value: compare(value, threshold),
            bucket_secs=bucket_secs,
            slot_buckets=period_secs // bucket_secs,
            periods=periods,
            needed=definition.datapoints_to_alarm or periods,
            range_slots=periods
            + (2 if period_secs >= _COARSEST_BUCKET_SECS else 60 // period_secs),
            lateness_ms=_lateness_ms(definition),
            step_buckets=_step_secs(definition, bucket_secs) // bucket_secs,
            least_samples=_least_samples(definition),
        )

    @property
    def window_buckets(self) -> int:
        """How many buckets N periods are."""
        return self.slot_buckets * self.periods

    @property
    def range_buckets(self) -> int:
        """How many buckets the evaluation range is."""
        return self.slot_buckets * self.range_slots

    @property
    def window_secs(self) -> float:
        """How long N periods are."""
        return float(self.definition.period_secs * self.periods)

    @property
    def lateness_secs(self) -> float:
        """How far the watermark stays behind the clock."""
        return self.lateness_ms / 1000

    @property
    def keep_secs(self) -> float:
        """How long what came last is kept, however old its event time is."""
        return self.window_secs + self.lateness_secs

    @property
    def resting_state(self) -> AlarmState | None:
        """The state that lasting silence leads to; None when it depends on the past."""
        match self.definition.treat_missing_data:
            case MissingData.NOT_BREACHING:
                return AlarmState.OK
            case MissingData.MISSING:
                return AlarmState.INSUFFICIENT_DATA
            case MissingData.BREACHING | MissingData.IGNORE:
                return None

    def bucket(self, time: float) -> int:
        """Return the number of the bucket that ``time`` falls into."""
        return math.floor(time / self.bucket_secs)

    def watermark(self, now: float) -> int:
        """Return the newest end whose windows are complete at ``now``."""
        # In whole milliseconds: ``watermark(due(end))`` is ``end`` for any lateness.
        newest = (round(now * 1000) - self.lateness_ms) // (self.bucket_secs * 1000)
        return newest - newest % self.step_buckets

    def due(self, end: int) -> float:
        """Return when the watermark reaches the windows that end at ``end``."""
        judged = end + -end % self.step_buckets
        return (judged * self.bucket_secs * 1000 + self.lateness_ms) / 1000


def is_upward(comparison: Comparison) -> bool:
    """Return whether large values are what breaches."""
    return comparison in _UPWARDS


def _bucket_secs(definition: AlarmDefinition) -> int:
    is_short = definition.period_secs < _COARSEST_BUCKET_SECS
    if is_short and definition.time is AlarmTime.ARRIVAL:
        return _FINEST_PERIOD_SECS
    return min(definition.period_secs, _COARSEST_BUCKET_SECS)


def _lateness_ms(definition: AlarmDefinition) -> int:
    """Return how long after a window's end it is judged.

    What counts by its arrival is never late; but of periods under a minute CloudWatch
    was seen to judge the last but one.
    """
    if definition.time is AlarmTime.EVENT:
        return round(definition.lateness_secs * 1000)
    is_short = definition.period_secs < _COARSEST_BUCKET_SECS
    return definition.period_secs * 1000 if is_short else 0


def _step_secs(definition: AlarmDefinition, bucket_secs: int) -> int:
    span_secs = definition.period_secs * definition.evaluation_periods
    is_hourly = definition.time is AlarmTime.ARRIVAL and span_secs > _DAY_SECS
    return _HOUR_SECS if is_hourly else bucket_secs


def _least_samples(definition: AlarmDefinition) -> int:
    statistic = definition.statistic
    if definition.low_samples is LowSamples.IGNORE and isinstance(
        statistic, Percentile
    ):
        return statistic.least_samples
    return 0


def _trend(statistic: AnyStatistic, comparison: Comparison) -> Trend:
    """Return where later, non-negative data move ``statistic``."""
    match statistic:
        case Statistic.AVERAGE | Percentile() | PercentileRank():
            return Trend.EITHER
        case Statistic.SUM | Statistic.SAMPLE_COUNT | Statistic.MAXIMUM:
            return Trend.TOWARDS if is_upward(comparison) else Trend.AWAY
        case Statistic.MINIMUM:
            return Trend.AWAY if is_upward(comparison) else Trend.TOWARDS
