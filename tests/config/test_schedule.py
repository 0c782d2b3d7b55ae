"""When the windows of mute rules begin."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.config.schedule import Cron, Once, parse_schedule, parse_zone

BERLIN = ZoneInfo("Europe/Berlin")
DAY = 86_400.0


def at(text: str) -> float:
    """Return the seconds of a time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def latest(text: str, now: str, zone: str = "UTC", days: float = 15.0) -> str | None:
    """Return in UTC when the schedule last began."""
    schedule = parse_schedule(text, parse_zone(zone))
    start = schedule.latest_start(at(now), within_secs=days * DAY)
    if start is None:
        return None
    return datetime.fromtimestamp(start, UTC).isoformat()[:16]


@pytest.mark.parametrize(
    ("text", "now", "expected"),
    [
        # 2026-09-14 is a Monday.
        ("cron(0 2 * * *)", "2026-09-14T02:00:00", "2026-09-14T02:00"),
        ("cron(0 2 * * *)", "2026-09-14T01:59:59", "2026-09-13T02:00"),
        ("cron(0 2 * * SUN)", "2026-09-14T12:00:00", "2026-09-13T02:00"),
        ("cron(0 2 * * 0)", "2026-09-14T12:00:00", "2026-09-13T02:00"),
        ("cron(0 2 * * 7)", "2026-09-14T12:00:00", "2026-09-13T02:00"),
        ("cron(0 18 * * FRI)", "2026-09-14T12:00:00", "2026-09-11T18:00"),
        ("cron(0 18 * * mon-wed)", "2026-09-14T12:00:00", "2026-09-09T18:00"),
        ("cron(0 1 1 * *)", "2026-09-14T12:00:00", "2026-09-01T01:00"),
        ("cron(0 1 1 OCT *)", "2026-09-14T12:00:00", None),
        ("cron(0 1 1,31 8-9 *)", "2026-09-14T12:00:00", "2026-09-01T01:00"),
        ("cron(15,45 8-10 * * *)", "2026-09-14T09:44:00", "2026-09-14T09:15"),
        ("cron(15,45 8-10 * * *)", "2026-09-14T09:45:00", "2026-09-14T09:45"),
        ("cron(15,45 8-10 * * *)", "2026-09-14T23:00:00", "2026-09-14T10:45"),
        ("cron(* * * * *)", "2026-09-14T23:07:59", "2026-09-14T23:07"),
        # As in every cron: the thirteenth, and every Friday.
        ("cron(0 0 13 * FRI)", "2026-09-12T12:00:00", "2026-09-11T00:00"),
        ("cron(0 0 13 * FRI)", "2026-09-14T12:00:00", "2026-09-13T00:00"),
        (" cron( 0  2 * * * ) ", "2026-09-14T02:00:00", "2026-09-14T02:00"),
        ("cron(0 0 30 2 *)", "2026-03-02T00:00:00", None),
        ("at(2026-09-10T08:30)", "2026-09-14T12:00:00", "2026-09-10T08:30"),
        ("at(2026-09-10T08:30)", "2026-09-10T08:30:00", "2026-09-10T08:30"),
        ("at(2026-09-10T08:30)", "2026-09-10T08:29:59", None),
        ("at(2026-08-10T08:30)", "2026-09-10T08:29:59", None),
    ],
)
def test_when_a_schedule_last_began(text: str, now: str, expected: str | None) -> None:
    """Up to now, and not longer ago than a window may last."""
    assert latest(text, now) == expected


def test_what_began_too_long_ago_does_not_count() -> None:
    """The window that it began is over."""
    assert latest("cron(0 2 * * *)", "2026-09-14T01:00:00", days=22.9 / 24) is None
    assert latest("cron(0 2 * * *)", "2026-09-14T01:00:00", days=23 / 24) is not None


@pytest.mark.parametrize(
    ("text", "now", "expected"),
    [
        ("cron(0 2 * * *)", "2026-01-14T12:00:00", "2026-01-14T01:00"),
        ("cron(0 2 * * *)", "2026-07-14T12:00:00", "2026-07-14T00:00"),
        # The clock jumps from 2:00 to 3:00, at 1:00 in UTC.
        ("cron(30 2 * * *)", "2026-03-29T12:00:00", "2026-03-29T01:00"),
        ("cron(0 3 * * *)", "2026-03-29T12:00:00", "2026-03-29T01:00"),
        ("cron(59 1 * * *)", "2026-03-29T12:00:00", "2026-03-29T00:59"),
        ("at(2026-03-29T02:15)", "2026-03-29T12:00:00", "2026-03-29T01:00"),
        # The clock shows 2:30 twice, at 0:30 and at 1:30 in UTC.
        ("cron(30 2 * * *)", "2026-10-25T12:00:00", "2026-10-25T00:30"),
        ("cron(0 3 * * *)", "2026-10-25T12:00:00", "2026-10-25T02:00"),
        ("at(2026-10-25T02:30)", "2026-10-25T12:00:00", "2026-10-25T00:30"),
    ],
)
def test_the_clock_on_the_wall_counts(text: str, now: str, expected: str) -> None:
    """What it skips is the moment of the jump; what it shows twice counts once."""
    assert latest(text, now, "Europe/Berlin") == expected


def test_a_jump_by_half_an_hour() -> None:
    """Lord Howe Island skips 2:00 to 2:30, at 15:30 in UTC."""
    found = latest("cron(10 2 * * *)", "2026-10-04T00:00:00", "Australia/Lord_Howe")

    assert found == "2026-10-03T15:30"


@given(
    minutes=st.lists(st.integers(0, 59), min_size=1, max_size=4),
    hours=st.lists(st.integers(0, 23), min_size=1, max_size=4),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]),
    now=st.integers(int(at("2026-03-01T00:00")), int(at("2026-11-20T00:00"))),
    within_hours=st.integers(1, 80),
)
@settings(max_examples=60, deadline=None)
def test_the_latest_start_is_the_latest_one(
    minutes: list[int], hours: list[int], zone: str, now: int, within_hours: int
) -> None:
    """As looking at every minute finds it, away from the jumps of the clock."""
    text = f"cron({','.join(map(str, minutes))} {','.join(map(str, hours))} * * *)"
    clock = ZoneInfo(zone)
    earliest = now - within_hours * 3600
    offsets = {
        datetime.fromtimestamp(when, clock).utcoffset()
        for when in range(earliest - 90_000, now + 90_000, 3600)
    }
    starts = [
        minute
        for minute in range(earliest // 60 * 60, now + 1, 60)
        if minute >= earliest
        and (shown := datetime.fromtimestamp(minute, clock)).minute in minutes
        and shown.hour in hours
    ]

    found = parse_schedule(text, clock).latest_start(
        now, within_secs=within_hours * 3600
    )

    if len(offsets) == 1:
        assert found == max(starts, default=None)
    else:
        assert found is None or earliest <= found <= now


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0 2 * * *", "write cron(0 2 * * SUN) or at(2026-12-24T18:00)"),
        ("rate(5 minutes)", "write cron(0 2 * * SUN) or at(2026-12-24T18:00)"),
        (
            "cron(0 2 * * ? *)",
            "cron has 5 fields (minute, hour, day of month, month, day of week), not 6",
        ),
        (
            "cron(60 2 * * *)",
            "minute: '60' is not understood; write *, numbers from 0 to 59,"
            " ranges (1-5) and lists (1,3)",
        ),
        (
            "cron(*/5 2 * * *)",
            "minute: '*/5' is not understood; write *, numbers from 0 to 59,"
            " ranges (1-5) and lists (1,3)",
        ),
        (
            "cron(0 2 0 * *)",
            "day of month: '0' is not understood; write *, numbers from 1 to 31,"
            " ranges (1-5) and lists (1,3)",
        ),
        (
            "cron(0 2 * FOO *)",
            "month: 'FOO' is not understood; write *, numbers from 1 to 12 or"
            " JAN-DEC, ranges (1-5) and lists (1,3)",
        ),
        (
            "cron(0 2 * * MON-)",
            "day of week: 'MON-' is not understood; write *, numbers from 0 to 7 or"
            " SUN-SAT, ranges (1-5) and lists (1,3)",
        ),
        ("cron(0 2 * * FRI-MON)", "day of week: 'FRI-MON' ends before it starts"),
        ("at(2026-12-24)", "write at(yyyy-MM-ddThh:mm), as in at(2026-12-24T18:00)"),
        (
            "at(1969-12-24T18:00)",
            "write at(yyyy-MM-ddThh:mm), as in at(2026-12-24T18:00)",
        ),
        ("at(2026-02-30T18:00)", "day is out of range for month"),
    ],
)
def test_what_is_no_schedule_is_refused(text: str, message: str) -> None:
    """With what is wrong, and what is allowed."""
    with pytest.raises(ValueError) as caught:
        parse_schedule(text)

    assert str(caught.value).startswith(message)


def test_without_a_zone_it_is_utc() -> None:
    """As CloudWatch has it."""
    assert parse_schedule("at(2026-12-24T18:00)") == Once(start=at("2026-12-24T18:00"))
    found = parse_schedule("cron(0 2 * * *)")
    assert isinstance(found, Cron)
    assert found.zone is UTC


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "Europe"])
def test_what_is_no_time_zone_is_refused(name: str) -> None:
    """Whatever the database of time zones says about it."""
    with pytest.raises(ValueError, match="is no time zone"):
        parse_zone(name)


def test_a_time_zone_is_found_by_its_name() -> None:
    """The IANA database's."""
    assert parse_zone("Europe/Berlin") == BERLIN
