"""Tests of time intervals: what is inside, and when that may change."""

from datetime import datetime
from typing import Any

import pytest

from relay.config.time_intervals import TimeInterval
from relay.notify.calendar import is_inside, next_boundary

BERLIN = "Europe/Berlin"


def interval(**options: Any) -> TimeInterval:  # noqa: ANN401 - as a file has them
    """Return a time interval with ``options``."""
    return TimeInterval.model_validate(options)


def times(start: str, end: str) -> list[dict[str, str]]:
    """Return one range of times."""
    return [{"start_time": start, "end_time": end}]


def at(text: str) -> float:
    """Return the epoch seconds of an ISO time, UTC when it does not say."""
    return datetime.fromisoformat(text + ("" if "+" in text else "+00:00")).timestamp()


@pytest.mark.parametrize(
    ("options", "moment", "expected"),
    [
        ({}, "2026-03-01T00:00", True),
        ({"times": times("09:00", "17:00")}, "2026-03-02T09:00", True),
        ({"times": times("09:00", "17:00")}, "2026-03-02T08:59:59", False),
        ({"times": times("09:00", "17:00")}, "2026-03-02T16:59:59", True),
        ({"times": times("09:00", "17:00")}, "2026-03-02T17:00", False),
        ({"times": times("18:00", "24:00")}, "2026-03-02T23:59:59", True),
        ({"weekdays": ["monday:friday"]}, "2026-03-02T12:00", True),
        ({"weekdays": ["monday:friday"]}, "2026-03-01T12:00", False),
        ({"weekdays": ["sunday"]}, "2026-03-01T12:00", True),
        ({"days_of_month": ["-1"]}, "2026-02-28T12:00", True),
        ({"days_of_month": ["-1"]}, "2028-02-28T12:00", False),
        ({"days_of_month": ["-1"]}, "2028-02-29T12:00", True),
        ({"days_of_month": ["1:5"]}, "2026-03-06T12:00", False),
        ({"days_of_month": ["30:31"]}, "2026-02-28T12:00", False),
        ({"days_of_month": ["25:-1"]}, "2026-02-28T12:00", True),
        ({"months": ["january:march"]}, "2026-03-31T23:59", True),
        ({"months": ["january:march"]}, "2026-04-01T00:00", False),
        ({"years": ["2026"]}, "2027-01-01T00:00", False),
        (
            {"times": times("09:00", "17:00"), "location": BERLIN},
            "2026-07-01T07:30",
            True,
        ),
        (
            {"times": times("09:00", "17:00"), "location": BERLIN},
            "2026-01-01T07:30",
            False,
        ),
        (
            {"times": times("09:00", "10:00"), "weekdays": ["monday"]},
            "2026-03-03T09:30",
            False,
        ),
    ],
)
def test_a_moment_is_inside_or_not(
    options: dict[str, Any], moment: str, expected: bool
) -> None:
    """All that is named must hold, in the interval's own time zone."""
    assert is_inside([interval(**options)], at(moment)) is expected


def test_any_of_several_intervals_suffices() -> None:
    """None at all hold nothing."""
    sunday, monday = interval(weekdays=["sunday"]), interval(weekdays=["monday"])

    assert is_inside([sunday, monday], at("2026-03-02T12:00"))
    assert not is_inside([], at("2026-03-02T12:00"))


@pytest.mark.parametrize(
    ("options", "moment", "expected"),
    [
        ({"times": times("09:00", "17:00")}, "2026-03-02T08:00", "2026-03-02T09:00"),
        ({"times": times("09:00", "17:00")}, "2026-03-02T09:00", "2026-03-02T17:00"),
        ({"times": times("09:00", "17:00")}, "2026-03-02T18:00", "2026-03-03T00:00"),
        ({"times": times("18:00", "24:00")}, "2026-03-02T19:00", "2026-03-03T00:00"),
        ({"weekdays": ["monday"]}, "2026-03-02T12:00", "2026-03-03T00:00"),
        (
            {"weekdays": ["monday"], "location": BERLIN},
            "2026-03-02T12:00",
            "2026-03-02T23:00",
        ),
        # The clock goes from 03:00 back to 02:00: 02:30 comes twice.
        (
            {"times": times("02:30", "05:00"), "location": BERLIN},
            "2026-10-25T00:10",
            "2026-10-25T00:30",
        ),
        (
            {"times": times("02:30", "05:00"), "location": BERLIN},
            "2026-10-25T00:30",
            "2026-10-25T01:30",
        ),
    ],
)
def test_the_next_boundary_is_a_time_or_midnight(
    options: dict[str, Any], moment: str, expected: str
) -> None:
    """Always later than the moment itself."""
    assert next_boundary([interval(**options)], at(moment)) == at(expected)


def test_the_soonest_of_several_boundaries_counts() -> None:
    """Without intervals there is none."""
    intervals = [
        interval(times=times("09:00", "17:00")),
        interval(times=times("08:30", "17:00")),
    ]

    assert next_boundary(intervals, at("2026-03-02T08:00")) == at("2026-03-02T08:30")
    assert next_boundary([], at("2026-03-02T08:00")) is None
