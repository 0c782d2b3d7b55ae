"""What an alarm definition comes to: its condition, and its geometry in time.

Time is cut into *buckets* of ``min(period, 60 s)``, aligned to UTC and numbered from
the epoch. A *slot* is one period: ``slot_buckets`` buckets. A window is ``periods``
slots that end at a bucket's boundary, so windows slide by one bucket, as CloudWatch's
do. An ``end`` is always the number of the first bucket that lies behind a window.
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
    MissingData,
    Statistic,
)
from relay.model import AlarmKey, AlarmState

_COARSEST_BUCKET_SECS = 60
"""CloudWatch evaluates once a minute; shorter periods, once a period."""

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
    """An average: both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One definition with everything that follows from it; made by ``of``.

    ``range_slots`` is CloudWatch's evaluation range: it looks at more slots than N. AWS
    names no formula; N + 2 (and N + one minute's worth of short periods) fits its table
    in "Configuring how CloudWatch alarms treat missing data" and what has been
    measured.
    """

    definition: AlarmDefinition
    key: AlarmKey
    trend: Trend
    breaches: Callable[[float], bool]
    bucket_secs: int
    slot_buckets: int
    periods: int
    needed: int
    range_slots: int
    lateness_ms: int

    @classmethod
    def of(cls, definition: AlarmDefinition) -> "Condition":
        """Derive the condition of ``definition``."""
        period_secs = definition.period_secs
        bucket_secs = min(period_secs, _COARSEST_BUCKET_SECS)
        compare, threshold = _COMPARE[definition.comparison], definition.threshold
        is_event_time = definition.time is AlarmTime.EVENT
        return cls(
            definition=definition,
            key=definition.key,
            trend=_trend(definition.statistic, definition.comparison),
            breaches=lambda value: compare(value, threshold),
            bucket_secs=bucket_secs,
            slot_buckets=period_secs // bucket_secs,
            periods=definition.evaluation_periods,
            needed=definition.datapoints_to_alarm or definition.evaluation_periods,
            range_slots=definition.evaluation_periods
            + (2 if period_secs >= _COARSEST_BUCKET_SECS else 60 // period_secs),
            # What arrives is never late for the clock that counts arrivals.
            lateness_ms=round(definition.lateness_secs * 1000) if is_event_time else 0,
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
    def fires_early(self) -> bool:
        """Whether later data cannot undo a breach, so that it counts at once."""
        return self.trend is Trend.TOWARDS

    @property
    def needs_watermark(self) -> bool:
        """Whether anything can be decided only when windows are complete.

        Not so where a breach is seen at once and absence means OK.
        """
        return not (
            self.fires_early
            and self.definition.treat_missing_data is MissingData.NOT_BREACHING
        )

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
        return (round(now * 1000) - self.lateness_ms) // (self.bucket_secs * 1000)

    def due(self, end: int) -> float:
        """Return when the windows that end at ``end`` become complete."""
        return (end * self.bucket_secs * 1000 + self.lateness_ms) / 1000


def _trend(statistic: Statistic, comparison: Comparison) -> Trend:
    """Return where later, non-negative data move ``statistic``."""
    match statistic:
        case Statistic.AVERAGE:
            return Trend.EITHER
        case Statistic.SUM | Statistic.SAMPLE_COUNT | Statistic.MAXIMUM:
            return Trend.TOWARDS if comparison in _UPWARDS else Trend.AWAY
        case Statistic.MINIMUM:
            return Trend.AWAY if comparison in _UPWARDS else Trend.TOWARDS
