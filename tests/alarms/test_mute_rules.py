"""Which alarms are muted, and until when."""

from datetime import UTC, datetime

import pytest

from relay.alarms.mute_rules import Mutes
from relay.config.rules import MuteRule
from relay.config.schedule import parse_schedule

HOUR = 3_600.0


def at(text: str) -> float:
    """Return the seconds of a time of day on Monday, 2026-09-14, or of a whole date."""
    text = text if "-" in text else f"2026-09-14T{text}"
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def mute_rule(
    schedule: str,
    hours: float = 1,
    *alarms: str,
    start: float | None = None,
    expire: float | None = None,
) -> MuteRule:
    """Return a rule about ``alarms``, or about "a"."""
    return MuteRule(
        name="m",
        alarms=frozenset(alarms or {"a"}),
        schedule=parse_schedule(schedule),
        duration_secs=hours * HOUR,
        start=start,
        expire=expire,
    )


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("01:59:59", None),
        ("02:00:00", "03:00:00"),
        ("02:59:59", "03:00:00"),
        ("03:00:00", None),
    ],
)
def test_an_alarm_is_muted_within_a_window(now: str, expected: str | None) -> None:
    """From its first moment to the last one before its end."""
    mutes = Mutes([mute_rule("cron(0 2 * * *)")])

    until = mutes.muted_until("a", at(now))

    assert until == (expected and at(expected))


def test_other_alarms_are_not_muted() -> None:
    """Only those that the rule names."""
    mutes = Mutes([mute_rule("cron(0 2 * * *)", 1, "b", "c")])

    found = {name: mutes.muted_until(name, at("02:30:00")) for name in "abc"}

    assert found == {"a": None, "b": at("03:00:00"), "c": at("03:00:00")}
    assert Mutes().muted_until("a", at("02:30:00")) is None


def test_windows_of_one_rule_may_overlap() -> None:
    """Each lasts as long as it does; the newest one ends last."""
    mutes = Mutes([mute_rule("cron(0 * * * *)", 1.5)])

    assert mutes.muted_until("a", at("02:20:00")) == at("03:30:00")
    assert mutes.muted_until("a", at("03:00:00")) == at("04:30:00")


def test_of_several_rules_the_last_end_counts() -> None:
    """As CloudWatch has it: muted for as long as any of them is active."""
    mutes = Mutes(
        [
            mute_rule("cron(0 2 * * *)", 3),
            mute_rule("at(2026-09-14T01:30)", 1, "a", "b"),
        ]
    )

    assert mutes.muted_until("a", at("02:10:00")) == at("05:00:00")
    assert mutes.muted_until("b", at("02:10:00")) == at("02:30:00")
    assert mutes.muted_until("a", at("01:40:00")) == at("02:30:00")


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("02:29:59", None),
        ("02:30:00", "03:00:00"),
        ("2026-09-15T02:10:00", "2026-09-15T02:45:00"),
        ("2026-09-15T02:45:00", None),
        ("2026-09-16T02:10:00", None),
    ],
)
def test_nothing_is_muted_before_the_start_and_from_the_expiry_on(
    now: str, expected: str | None
) -> None:
    """Windows are cut off there."""
    rule = mute_rule(
        "cron(0 2 * * *)", start=at("02:30:00"), expire=at("2026-09-15T02:45:00")
    )

    until = Mutes([rule]).muted_until("a", at(now))

    assert until == (expected and at(expected))


def test_a_window_of_many_days() -> None:
    """Its start is found again, however long ago."""
    mutes = Mutes([mute_rule("cron(30 8 31 AUG *)", 15 * 24)])

    assert mutes.muted_until("a", at("08:29:59")) == at("2026-09-15T08:30:00")
    assert mutes.muted_until("a", at("2026-09-15T08:30:00")) is None


def test_time_may_be_asked_for_in_any_order() -> None:
    """What was found for one minute says nothing of another one."""
    mutes = Mutes([mute_rule("cron(0 2 * * *)")])
    times = ["02:30:00", "01:00:00", "02:59:00", "03:00:00", "02:00:00"]

    found = [mutes.muted_until("a", at(each)) for each in times]

    ends = at("03:00:00")
    assert found == [ends, None, ends, None, ends]
