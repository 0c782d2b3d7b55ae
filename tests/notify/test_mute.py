"""Tests of what keeps an alarm from being told."""

from datetime import UTC, datetime
from typing import Any

import pytest

from relay.config.notify_section import Notify
from relay.model import Suppression
from relay.notify.inhibit import Sides
from relay.notify.mute import Mute, Mutes
from relay.notify.route import RoutedReceiver
from relay.notify.silences import Silences

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp()
HOUR = 3_600.0
NONE = Silences()
INTERVALS = [
    {
        "name": "lunch",
        "time_intervals": [{"times": [{"start_time": "11:30", "end_time": "13:00"}]}],
    },
    {
        "name": "work",
        "time_intervals": [{"times": [{"start_time": "09:00", "end_time": "17:00"}]}],
    },
]
RULE: dict[str, Any] = {
    "source_matchers": ["severity=critical"],
    "target_matchers": ["severity=~high|critical"],
    "equal": ["account"],
}


def mutes(*rules: dict[str, Any]) -> Mutes:
    """Return the mute times, and inhibition by ``rules``."""
    return Mutes(
        Notify.model_validate(
            {"time_intervals": INTERVALS, "inhibit_rules": list(rules)}
        )
    )


def routed(**changes: Any) -> RoutedReceiver:  # noqa: ANN401 - any member
    """Return a receiver that is told by a route with ``changes``."""
    members: dict[str, Any] = {
        "receiver": "a",
        "repeat_interval_secs": 0.0,
        "send_resolved": True,
    }
    return RoutedReceiver(**members | changes)


@pytest.mark.parametrize(
    ("route", "now", "until"),
    [
        ({}, NOON, None),
        ({"mute_time_intervals": ("lunch",)}, NOON, NOON + HOUR),
        ({"mute_time_intervals": ("lunch",)}, NOON + HOUR, None),
        ({"active_time_intervals": ("work",)}, NOON, None),
        ({"active_time_intervals": ("work",)}, NOON - 4 * HOUR, NOON - 3 * HOUR),
        ({"active_time_intervals": ("work", "lunch")}, NOON, None),
        (
            {"active_time_intervals": ("work",), "mute_time_intervals": ("lunch",)},
            NOON,
            NOON + HOUR,
        ),
    ],
)
def test_a_route_is_mute_at_times(
    route: dict[str, Any], now: float, until: float | None
) -> None:
    """In the one kind of intervals, and outside of the other."""
    expected = until and Mute(reason=Suppression.INTERVAL, until=until)

    assert mutes().at(now, NONE).find({}, Sides(), routed(**route)) == expected


def find(
    target: dict[str, str], *active: dict[str, str], rule: dict[str, Any] = RULE
) -> Mute | None:
    """Return what keeps ``target`` from being told while all of ``active`` last."""
    found = mutes(rule)
    sides = found.inhibition.sides
    now = found.at(NOON, NONE, map(sides, active))
    return now.find(target, sides(target), routed())


CRITICAL = {"severity": "critical", "account": "1"}


@pytest.mark.parametrize(
    ("target", "active", "is_mute"),
    [
        ({"severity": "high", "account": "1"}, [CRITICAL], True),
        ({"severity": "high", "account": "2"}, [CRITICAL], False),
        ({"severity": "low", "account": "1"}, [CRITICAL], False),
        ({"severity": "high"}, [{"severity": "critical"}], True),
        ({"severity": "high", "account": ""}, [{"severity": "critical"}], True),
        ({"severity": "high", "account": "1"}, [], False),
        ({"severity": "high", "account": "1"}, [{"account": "1"}, CRITICAL], True),
    ],
)
def test_an_alarm_is_mute_while_another_lasts(
    target: dict[str, str], active: list[dict[str, str]], is_mute: bool
) -> None:
    """That fits the source, with equal labels; a missing one is "" ."""
    expected = Mute(reason=Suppression.INHIBITION, until=None) if is_mute else None

    assert find(target, *active) == expected


def test_nothing_is_mute_by_itself() -> None:
    """What fits both sides of a rule is not, by what fits both sides."""
    other = CRITICAL | {"alarm": "other"}

    assert find(CRITICAL, CRITICAL) is None
    assert find(CRITICAL, other) is None


def test_what_fits_both_sides_is_mute_by_a_mere_source() -> None:
    """The exception is for two of a kind."""
    rule = {"source_matchers": ["a=1"], "target_matchers": ["b=1"]}
    both, source = {"a": "1", "b": "1"}, {"a": "1"}

    assert find(both, source, rule=rule) is not None
    assert find({"b": "1"}, both, rule=rule) is not None
    assert find(both, both, rule=rule) is None


def test_without_rules_there_is_no_inhibition() -> None:
    """Then nobody needs to know what is in ALARM."""
    assert not mutes().inhibition
    assert mutes(RULE).inhibition
