"""From what a published metric filter counted to points for CloudWatch; pure.

A point stands in the minute of its *log event's* timestamp, as ``logs.timestamp`` has
it: there CloudWatch's own metric filter on the log group would put it (observed:
"PutMetricFilter" publishes by event timestamp, whenever the event came).
"""

from dataclasses import dataclass
from typing import Final, Literal

from relay.model import DefaultPoints, Match, MetricPoint
from relay.state.store import Commit

_MINUTE_SECS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class LogTime:
    """The timestamps that the log events of one object have.

    ``fixed`` is that of all of them; without it each has its record's own time, and
    ``fallback`` if that has none.
    """

    fixed: float | None
    fallback: float

    @classmethod
    def of_object(
        cls,
        timestamp: Literal["delivery", "event_time", "arrival"],
        *,
        delivered_at: float,
        received_at: float,
    ) -> "LogTime":
        """Return those of an object by the option ``logs.timestamp``."""
        fixed = {"delivery": delivered_at, "arrival": received_at}
        return cls(fixed=fixed.get(timestamp), fallback=delivered_at)

    def of(self, event_time: float | None) -> float:
        """Return the timestamp of the log event of a record of ``event_time``."""
        if self.fixed is not None:
            return self.fixed
        return self.fallback if event_time is None else event_time


def add_point(found: Match | DefaultPoints, log_time: LogTime, commit: Commit) -> None:
    """Add what was found to the points to publish, if its filter publishes any."""
    if found.series is None or found.value is None:
        return
    minute = int(log_time.of(found.time) // _MINUTE_SECS) * _MINUTE_SECS
    point = MetricPoint(series=found.series, minute=minute, value=found.value)
    times = found.count if isinstance(found, DefaultPoints) else 1
    commit.points[point] = commit.points.get(point, 0) + times
