"""Why an alarm with such a condition changed its state, in the voice of CloudWatch.

CloudWatch has no such conditions, so the words are our own. Values of records stand in
quotes, as JSON: whatever is in them, a reason stays one line.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from relay.alarms.reason import (
    MAX_REASON_CHARS,
    Explanation,
    json_timestamp,
)
from relay.config.conditions import Absent, Cardinality, NewValue, RateChange
from relay.config.units import format_duration

_MAX_LISTED = 5
"""As many values as a threshold's reason lists datapoints."""
_MAX_VALUE_CHARS = 100

Seen = tuple[float, str]
"""A time, and a value that a record had then."""


def say_absent(condition: Absent, *, at: float, last: float | None) -> Explanation:
    """Say that there was no match; ``last`` is the time of the newest one."""
    since = "none since the alarm is there" if last is None else f"last {_moment(last)}"
    silence = format_duration(condition.for_secs)
    return _explanation(
        f"Absent: no matches were received for {silence} ({since}).",
        _data("absent", at, lastMatch=_timestamp_or_none(last)),
    )


def say_present(condition: Absent, *, at: float, last: float) -> Explanation:
    """Say that there was a match, at ``last``."""
    silence = format_duration(condition.for_secs)
    return _explanation(
        f"Absent: a match {_moment(last)} was received within {silence}.",
        _data("absent", at, lastMatch=json_timestamp(last)),
    )


def say_forgotten(*, seen_within_secs: float, at: float, last: float) -> Explanation:
    """Say that matches are not expected any more; the newest one was at ``last``."""
    silence = format_duration(seen_within_secs)
    return _explanation(
        f"Insufficient Data: no matches were received for {silence} (last"
        f" {_moment(last)}): they are not expected any more.",
        _data("absent", at, lastMatch=json_timestamp(last)),
    )


def say_new(condition: NewValue, news: Sequence[Seen], *, at: float) -> Explanation:
    """Say which values are new: ``news``, the newest first."""
    listed = [
        f"{_json(_short(value))} ({_date(time)})" for time, value in news[:_MAX_LISTED]
    ]
    if len(news) > _MAX_LISTED:
        listed.append("...")
    one = len(news) == 1
    number = "1 value" if one else f"{len(news)} values"
    within = format_duration(condition.within_secs)
    return _explanation(
        f"New Value: {number} of {condition.of.text} [{', '.join(listed)}]"
        f" {'was' if one else 'were'} seen for the first time in {within}.",
        _data(
            "new_value",
            at,
            of=condition.of.text,
            newValues=[
                {"timestamp": json_timestamp(time), "value": _short(value)}
                for time, value in news[:_MAX_LISTED]
            ],
        ),
    )


def say_learned(condition: NewValue, known: int, *, at: float) -> Explanation:
    """Say that learning is over, with ``known`` different values."""
    number = "1 value" if known == 1 else f"{known} values"
    learned = (
        f"{number} of {condition.of.text} known after learning for"
        f" {format_duration(condition.learn_secs)}"
    )
    return _explanation(
        f"New Value: {learned}.",
        _data("new_value", at, of=condition.of.text, knownValues=known),
    )


def say_crowded(
    condition: Cardinality, distinct: int, *, at: float, start: float, end: float
) -> Explanation:
    """Say that there were ``distinct`` values between ``start`` and ``end``."""
    return _explanation(
        f"Cardinality Crossed: {distinct} different values of"
        f" {condition.of.text} within {format_duration(end - start)} {_moment(start)}"
        f" were greater than the threshold ({condition.more_than}).",
        _data(
            "cardinality",
            at,
            startDate=json_timestamp(start),
            of=condition.of.text,
            distinctValues=distinct,
            threshold=condition.more_than,
        ),
    )


def say_rate(
    condition: RateChange,
    count: int,
    before: int,
    *,
    at: float,
    window: Sequence[float],
) -> Explanation:
    """Say that ``count`` matches are too many after ``before``.

    ``window`` is the start and the end of the window that has them.
    """
    start, end = window
    ago = format_duration(condition.against_secs)
    return _explanation(
        f"Rate Crossed: {count} matches within {format_duration(end - start)}"
        f" {_moment(start)} were at least {condition.times:g} times the {before} of"
        f" {ago} before (minimum {condition.at_least} matches for OK -> ALARM"
        " transition).",
        _data(
            "rate_change",
            at,
            startDate=json_timestamp(start),
            matches=count,
            matchesBefore=before,
            times=condition.times,
            minimum=condition.at_least,
        ),
    )


def say_calm(
    condition: NewValue | Cardinality | RateChange, period_secs: int, *, at: float
) -> Explanation:
    """Say that nothing like it was seen for one period."""
    period = format_duration(period_secs)
    if isinstance(condition, NewValue):
        kind, what = "new_value", f"New Value: no new values of {condition.of.text}"
    elif isinstance(condition, Cardinality):
        kind = "cardinality"
        what = (
            f"Cardinality Crossed: no more than {condition.more_than} different values"
            f" of {condition.of.text} within {period}"
        )
    else:
        kind, what = "rate_change", "Rate Crossed: no breaching datapoints"
    return _explanation(f"{what} were received for {period}.", _data(kind, at))


def _explanation(reason: str, data: str) -> Explanation:
    """Return both within CloudWatch's limits: a selector may be long by itself."""
    if len(reason) > MAX_REASON_CHARS:
        reason = f"{reason[: MAX_REASON_CHARS - 3]}..."
    return Explanation(reason=reason, data=data)


def _data(condition: str, at: float, **members: object) -> str:
    head = {"version": "1.0", "queryDate": json_timestamp(at), "condition": condition}
    return _json(head | members)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _short(value: str) -> str:
    """Return as much of ``value`` as stands in so many characters of JSON."""
    value = value[:_MAX_VALUE_CHARS]
    while (size := len(_json(value))) > _MAX_VALUE_CHARS + 2:
        value = value[: len(value) * _MAX_VALUE_CHARS // size]
    return value


def _moment(at: float) -> str:
    return f"[{_date(at)}]"


def _date(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%d/%m/%y %H:%M:%S}"


def _timestamp_or_none(at: float | None) -> str | None:
    return None if at is None else json_timestamp(at)
