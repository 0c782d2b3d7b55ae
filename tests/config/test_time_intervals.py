"""Tests of time intervals as they are written."""

from typing import Any

import pytest
from pydantic import ValidationError

from relay.config.time_intervals import Span, TimeInterval
from tests.config.conftest import Examine, lines


def interval(**options: Any) -> TimeInterval:  # noqa: ANN401 - as a file has them
    """Return a time interval with ``options``."""
    return TimeInterval.model_validate(options)


def test_all_of_it_is_read() -> None:
    """Names in any case, numbers as numbers or texts, ranges with a colon."""
    read = interval(
        times=[{"start_time": "09:00", "end_time": "24:00"}],
        weekdays=["Monday:friday", "sunday"],
        days_of_month=[1, "1:5", "-3:-1", "15:-1"],
        months=["january:March", 5, "11:12"],
        years=["2026:2028", 2030],
        location="Europe/Berlin",
    )

    assert [(each.start_time, each.end_time) for each in read.times] == [(540, 1440)]
    assert read.weekdays == (Span(1, 5), Span(0, 0))
    assert read.days_of_month == (Span(1, 1), Span(1, 5), Span(-3, -1), Span(15, -1))
    assert read.months == (Span(1, 3), Span(5, 5), Span(11, 12))
    assert read.years == (Span(2026, 2028), Span(2030, 2030))
    assert interval(months=read.months).months == read.months


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"times": [{"start_time": "9:00", "end_time": "10:00"}]}, "no time of day"),
        ({"times": [{"start_time": "09:60", "end_time": "10:00"}]}, "no time of day"),
        ({"times": [{"start_time": 540, "end_time": "10:00"}]}, "no time of day"),
        ({"times": [{"start_time": True, "end_time": "10:00"}]}, "no time of day"),
        ({"times": [{"start_time": "22:00", "end_time": "06:00"}]}, "write two"),
        ({"times": [{"start_time": "22:00", "end_time": "22:00"}]}, "write two"),
        ({"weekdays": ["mon"]}, "no day of the week"),
        ({"weekdays": ["friday:sunday"]}, "ends before it begins"),
        ({"weekdays": [True]}, "no day of the week"),
        ({"weekdays": ["monday:tuesday:friday"]}, "no day of the week"),
        ({"days_of_month": ["0"]}, "no day of the month"),
        ({"days_of_month": ["32"]}, "no day of the month"),
        ({"days_of_month": ["x"]}, "no day of the month"),
        ({"days_of_month": ["-1:-3"]}, "ends before it begins"),
        ({"days_of_month": ["31:-5"]}, "ends before it begins"),
        ({"months": ["13"]}, "no month"),
        ({"months": ["jan"]}, "no month"),
        ({"months": ["december:january"]}, "ends before it begins"),
        ({"years": ["26"]}, "no year"),
        ({"location": "Europe/Berln"}, "no time zone"),
        ({"location": "../etc/passwd"}, "no time zone"),
    ],
)
def test_what_is_wrong_is_refused(options: dict[str, Any], message: str) -> None:
    """As Alertmanager refuses it."""
    with pytest.raises(ValidationError, match=message):
        interval(**options)


NOTIFY = (
    "notify: {receivers: [{name: a}], route: {receiver: a, routes: [%s]},"
    " time_intervals: [%s]}\n"
)
NIGHT = (
    "{name: night,"
    " time_intervals: [{times: [{start_time: '00:00', end_time: '06:00'}]}]}"
)


@pytest.mark.parametrize(
    ("route", "intervals", "expected"),
    [
        ("{mute_time_intervals: [night]}", NIGHT, []),
        (
            "{active_time_intervals: [nigth]}",
            NIGHT,
            [
                "notify.route.routes[0].active_time_intervals[0]:"
                " 'nigth' names no time intervals; did you mean night?"
            ],
        ),
        (
            "{mute_time_intervals: [night]}",
            "",
            [
                "notify.route.routes[0].mute_time_intervals[0]:"
                " 'night' names no time intervals; there are none"
            ],
        ),
        (
            "{mute_time_intervals: [night]}",
            f"{NIGHT}, {NIGHT}",
            [
                "notify.time_intervals[1].name: 'night' is the name of other time"
                " intervals as well, on line 1"
            ],
        ),
    ],
)
def test_routes_refer_to_intervals_that_there_are(
    examined: Examine, route: str, intervals: str, expected: list[str]
) -> None:
    """By their name, of which there is one each."""
    report = examined(NOTIFY % (route, intervals))

    assert lines(report) == [f"relay.yaml:1: {text}" for text in expected]
