"""When a mute rule's windows begin: ``cron(m h dom mon dow)`` or ``at(date and time)``.

The language is that of CloudWatch's alarm mute rules (API Reference, PutAlarmMuteRule,
Schedule): five fields of ``*``, ``a-b`` and lists with commas; names for months and
days of the week. As in every cron, a day matches when day of month *or* day of week
does where both are given.

Times are those of a clock on the wall. A time that this clock skips in spring is the
moment at which it jumps; of one that it shows twice in autumn only the first counts.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_EXPRESSION: Final = re.compile(r"\s*(cron|at)\((.*)\)\s*", re.DOTALL)
_AT: Final = re.compile(
    r"(?:19[7-9]|2[0-9]{2})[0-9]-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}"
)
_MONTHS: Final = (
    *("JAN", "FEB", "MAR", "APR", "MAY", "JUN"),
    *("JUL", "AUG", "SEP", "OCT", "NOV", "DEC"),
)
_WEEKDAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """One field of a cron expression; ``names`` stand for numbers from ``first`` on."""

    title: str
    first: int
    last: int
    names: Sequence[str] = ()

    def parse(self, text: str) -> tuple[int, ...] | None:
        """Return what is allowed, in order, or None for ``*``.

        Raises ValueError when the field is not understood.
        """
        if text == "*":
            return None
        found: set[int] = set()
        for part in text.split(","):
            start, dash, end = part.partition("-")
            low = self._number(start, part)
            high = self._number(end, part) if dash else low
            if high < low:
                raise ValueError(f"{self.title}: {part!r} ends before it starts")
            found.update(range(low, high + 1))
        return tuple(sorted(found))

    def _number(self, text: str, part: str) -> int:
        if text.upper() in self.names:
            return self.first + self.names.index(text.upper())
        is_number = re.fullmatch("[0-9]{1,2}", text) is not None
        if not is_number or not self.first <= int(text) <= self.last:
            names = f" or {self.names[0]}-{self.names[-1]}" if self.names else ""
            raise ValueError(
                f"{self.title}: {part!r} is not understood; write *, numbers from"
                f" {self.first} to {self.last}{names}, ranges (1-5) and lists (1,3)"
            )
        return int(text)


_FIELDS: Final = (
    _Field(title="minute", first=0, last=59),
    _Field(title="hour", first=0, last=23),
    _Field(title="day of month", first=1, last=31),
    _Field(title="month", first=1, last=12, names=_MONTHS),
    # 7 is Sunday as well, as it is for every cron.
    _Field(title="day of week", first=0, last=7, names=_WEEKDAYS),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """A recurring schedule; None in a field is ``*``."""

    minutes: tuple[int, ...] | None
    hours: tuple[int, ...] | None
    days: tuple[int, ...] | None
    months: tuple[int, ...] | None
    weekdays: tuple[int, ...] | None
    zone: tzinfo

    def latest_start(self, now: float, *, within_secs: float) -> float | None:
        """Return when it last began, up to ``now`` and not longer ago than that."""
        day = datetime.fromtimestamp(now, self.zone).date()
        first = datetime.fromtimestamp(now - within_secs, self.zone).date()
        while day >= first:
            for start in self._starts_of(day):
                if start <= now:
                    return start if start >= now - within_secs else None
            day -= _DAY
        return None

    def _starts_of(self, day: date) -> Iterator[float]:
        """Yield the starts on ``day``, the latest first."""
        if not self._has(day):
            return
        for hour in reversed(range(24) if self.hours is None else self.hours):
            for minute in reversed(range(60) if self.minutes is None else self.minutes):
                yield _epoch(datetime.combine(day, time(hour, minute)), self.zone)

    def _has(self, day: date) -> bool:
        if self.months is not None and day.month not in self.months:
            return False
        of_month = self.days is not None and day.day in self.days
        weekday = day.isoweekday() % 7
        of_week = self.weekdays is not None and (
            weekday in self.weekdays or (weekday == 0 and 7 in self.weekdays)
        )
        return of_month or of_week or (self.days is None and self.weekdays is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """A schedule that begins at one time only."""

    start: float

    def latest_start(self, now: float, *, within_secs: float) -> float | None:
        """Return when it began, if that is up to ``now`` and not longer ago."""
        return self.start if now - within_secs <= self.start <= now else None


Schedule = Cron | Once


def parse_schedule(text: str, zone: tzinfo = UTC) -> Schedule:
    """Return what ``cron(...)`` or ``at(...)`` means on a clock of ``zone``.

    Raises ValueError, which says what is wrong.
    """
    found = _EXPRESSION.fullmatch(text)
    if found is None:
        raise ValueError("write cron(0 2 * * SUN) or at(2026-12-24T18:00)")
    if found[1] == "at":
        return Once(start=_epoch(_date_and_time(found[2].strip()), zone))
    fields = found[2].split()
    if len(fields) != len(_FIELDS):
        raise ValueError(
            f"cron has {len(_FIELDS)} fields (minute, hour, day of month, month, day"
            f" of week), not {len(fields)}"
        )
    minutes, hours, days, months, weekdays = (
        field.parse(each) for field, each in zip(_FIELDS, fields, strict=True)
    )
    return Cron(
        minutes=minutes,
        hours=hours,
        days=days,
        months=months,
        weekdays=weekdays,
        zone=zone,
    )


def parse_zone(name: str) -> tzinfo:
    """Return the time zone of that name in the IANA database.

    Raises ValueError when there is none.
    """
    if name == "UTC":
        return UTC  # which is there without any database
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone") from error


def _date_and_time(text: str) -> datetime:
    if _AT.fullmatch(text) is None:
        raise ValueError("write at(yyyy-MM-ddThh:mm), as in at(2026-12-24T18:00)")
    return datetime.fromisoformat(text)


def _epoch(wall: datetime, zone: tzinfo) -> float:
    """Return when a clock of ``zone`` shows ``wall``."""
    start = wall.replace(tzinfo=zone).timestamp()
    if datetime.fromtimestamp(start, zone).replace(tzinfo=None) == wall:
        return start
    # The clock skips it: what is wanted is the jump, which lies between the two times
    # that the offsets before and behind it would give.
    before = wall.replace(tzinfo=zone, fold=1).timestamp()
    offset = datetime.fromtimestamp(before, zone).utcoffset()
    while start - before > 1:
        middle = before + (start - before) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            before = middle
        else:
            start = middle
    return start
