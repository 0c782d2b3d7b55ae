"""Whether a moment is inside of time intervals, and when that may change; pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from relay.config.time_intervals import Span, TimeInterval

_DAY_MINUTES = 24 * 60


def is_inside(intervals: Iterable[TimeInterval], at: float) -> bool:
    """Tell whether ``at`` (seconds since 1970) is in any of ``intervals``."""
    return any(_holds(interval, at) for interval in intervals)


def next_boundary(intervals: Iterable[TimeInterval], at: float) -> float | None:
    """Return the soonest moment after ``at`` at which ``is_inside`` may change.

    It is asked again then: months and years are not looked through in advance.
    """
    boundaries = (each for interval in intervals for each in _boundaries(interval, at))
    return min((each for each in boundaries if each > at), default=None)


def _holds(interval: TimeInterval, at: float) -> bool:
    local = datetime.fromtimestamp(at, ZoneInfo(interval.location))
    minute = local.hour * 60 + local.minute
    return (
        _is_any(interval.years, local.year)
        and _is_any(interval.months, local.month)
        and _is_day(interval.days_of_month, local)
        and _is_any(interval.weekdays, local.isoweekday() % 7)
        and (
            not interval.times
            or any(each.start_time <= minute < each.end_time for each in interval.times)
        )
    )


def _is_any(spans: tuple[Span, ...], number: int) -> bool:
    return not spans or any(span.first <= number <= span.last for span in spans)


def _is_day(spans: tuple[Span, ...], local: datetime) -> bool:
    length = _month_length(local)
    return not spans or any(
        _day(span.first, length) <= local.day <= _day(span.last, length)
        for span in spans
    )


def _day(number: int, length: int) -> int:
    """Return a day that may count from the end of a month with ``length`` days."""
    return number if number > 0 else length + 1 + number


def _month_length(local: datetime) -> int:
    next_month = local.replace(day=28) + timedelta(days=4)
    return (next_month - timedelta(days=next_month.day)).day


def _boundaries(interval: TimeInterval, at: float) -> Iterator[float]:
    """Yield when this day and the next one begin, and when their times do and end."""
    zone = ZoneInfo(interval.location)
    today = datetime.fromtimestamp(at, zone).date()
    minutes = {0} | {
        minute for each in interval.times for minute in (each.start_time, each.end_time)
    }
    for days in (0, 1):
        for minute in minutes:
            day = today + timedelta(days=days + minute // _DAY_MINUTES)
            hours, rest = divmod(minute % _DAY_MINUTES, 60)
            for fold in (0, 1):  # the hour that comes twice
                local = datetime(
                    day.year, day.month, day.day, hours, rest, tzinfo=zone, fold=fold
                )
                yield local.timestamp()
