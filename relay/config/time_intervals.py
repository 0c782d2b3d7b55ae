"""Time intervals as Alertmanager has them: at what times routes are mute or active.

All that an interval names must hold at once; of one list any entry suffices. A range
holds both its ends, except for times, which end before their ``end_time``. Negative
days of the month count from its end: -1 is its last.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo

from pydantic import (
    Field,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from relay.config.refusal import refusal
from relay.config.scalars import Text, accepted_if
from relay.config.section import Section

_WEEKDAYS: Final = (
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
)
_MONTHS: Final = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
_LONGEST_MONTH: Final = 31


@dataclass(frozen=True, slots=True)
class Span:
    """From ``first`` to ``last``, both included."""

    first: int
    last: int


def _minute(value: object) -> int:
    if not isinstance(value, str) or _CLOCK.fullmatch(value) is None:
        raise refusal("is no time of day; write it as '09:00', in quotes")
    hours, minutes = value.split(":")
    return int(hours) * 60 + int(minutes)


def _spans(
    number: Callable[[str], int | None], otherwise: str
) -> Callable[[object, ValidationInfo], Span]:
    """Return a validator of ``one`` or ``first:last``, each read by ``number``."""

    def validate(value: object, info: ValidationInfo) -> Span:  # noqa: ARG001 - pydantic's
        if isinstance(value, Span):
            return value
        is_text = isinstance(value, str | int) and not isinstance(value, bool)
        parts = str(value).split(":") if is_text else []
        numbers = [number(part.strip().lower()) for part in parts]
        if len(numbers) not in (1, 2) or None in numbers:
            raise refusal(otherwise)
        first, last = numbers[0], numbers[-1]
        if first is None or last is None or _from_start(first) > _from_start(last):
            raise refusal("ends before it begins")
        return Span(first, last)

    return validate


def _from_start(number: int) -> int:
    """Return a day of the month that counts from the end as one of a long month."""
    return number if number >= 0 else _LONGEST_MONTH + 1 + number


def _weekday(text: str) -> int | None:
    return _WEEKDAYS.index(text) if text in _WEEKDAYS else None


def _day(text: str) -> int | None:
    number = _integer(text)
    return number if number and abs(number) <= _LONGEST_MONTH else None


def _month(text: str) -> int | None:
    if text in _MONTHS:
        return _MONTHS.index(text) + 1
    number = _integer(text)
    return number if number is not None and 1 <= number <= len(_MONTHS) else None


def _year(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]{4}", text, re.ASCII) else None


def _integer(text: str) -> int | None:
    return int(text) if re.fullmatch("-?[0-9]{1,2}", text, re.ASCII) else None


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        return False
    return True


_TEXT: Final = WithJsonSchema({"type": ["string", "integer"]})
Minute = Annotated[
    int,
    PlainValidator(_minute),
    WithJsonSchema({"type": "string", "pattern": f"^({_CLOCK.pattern})$"}),
]
"""Minutes since midnight, written ``HH:MM``; ``24:00`` is the day's end."""
Weekdays = Annotated[
    Span,
    PlainValidator(
        _spans(_weekday, "is no day of the week; write monday, or monday:friday")
    ),
    _TEXT,
]
MonthDays = Annotated[
    Span,
    PlainValidator(_spans(_day, "is no day of the month; write 1, -1 or 1:5")),
    _TEXT,
]
Months = Annotated[
    Span,
    PlainValidator(_spans(_month, "is no month; write january, 1 or march:may")),
    _TEXT,
]
Years = Annotated[
    Span, PlainValidator(_spans(_year, "is no year; write 2026 or 2026:2028")), _TEXT
]


class TimeRange(Section):
    """A part of the day."""

    start_time: Minute
    end_time: Minute
    """Not included."""

    @model_validator(mode="after")
    def _begins_before_its_end(self) -> Self:
        if self.start_time >= self.end_time:
            raise refusal("ends before it begins; write two, one to 24:00")
        return self


class TimeInterval(Section):
    """When all of this holds; what is not named does not matter."""

    times: tuple[TimeRange, ...] = ()
    weekdays: tuple[Weekdays, ...] = ()
    """The week begins on sunday, as in Alertmanager."""
    days_of_month: tuple[MonthDays, ...] = ()
    """-1 is the month's last day."""
    months: tuple[Months, ...] = ()
    years: tuple[Years, ...] = ()
    location: Annotated[
        str, accepted_if(_is_zone, "is no time zone; write Europe/Berlin, or UTC")
    ] = "UTC"


class NamedIntervals(Section):
    """Time intervals under a name that routes refer to; any of them suffices."""

    name: Text
    time_intervals: tuple[TimeInterval, ...] = Field(min_length=1)
