"""Tests of what such alarms say of themselves."""

import json

import pytest

from relay.alarms.conditions.wording import (
    say_absent,
    say_calm,
    say_crowded,
    say_learned,
    say_new,
    say_rate,
)
from relay.alarms.reason import MAX_REASON_CHARS, MAX_REASON_DATA_CHARS, Explanation
from relay.config.conditions import Absent, Cardinality, NewValue, RateChange
from relay.patterns import parse_selector
from tests.alarms.alarm_values import NOON
from tests.alarms.conditions.condition_values import ADDRESS, DAY

NEW = NewValue(of=ADDRESS, within_secs=30 * DAY, learn_secs=DAY, max_values=9)
MANY = Cardinality(of=ADDRESS, more_than=20, max_values=99)
RISE = RateChange(times=2.5, at_least=50, against_secs=604_800)


@pytest.mark.parametrize(
    ("explanation", "condition"),
    [
        (say_absent(Absent(for_secs=60.0), at=NOON, last=NOON), "absent"),
        (say_absent(Absent(for_secs=60.0), at=NOON, last=None), "absent"),
        (say_new(NEW, [(NOON, "x")], at=NOON), "new_value"),
        (say_learned(NEW, 1, at=NOON), "new_value"),
        (say_calm(NEW, 300, at=NOON), "new_value"),
        (say_crowded(MANY, 21, at=NOON, start=NOON, end=NOON + 300), "cardinality"),
        (say_calm(MANY, 300, at=NOON), "cardinality"),
        (say_rate(RISE, 99, 9, at=NOON, window=(NOON, NOON + 300)), "rate_change"),
        (say_calm(RISE, 300, at=NOON), "rate_change"),
    ],
)
def test_the_data_begins_as_cloudwatchs_does(
    explanation: Explanation, condition: str
) -> None:
    """A version, the time of judging, and which condition it is."""
    data = json.loads(explanation.data)

    assert data["version"] == "1.0"
    assert data["queryDate"] == "2023-11-14T12:00:00.000+0000"
    assert data["condition"] == condition
    assert explanation.reason.endswith(".")


def test_one_is_no_plural() -> None:
    """Of values learned."""
    assert say_learned(NEW, 1, at=NOON).reason == (
        "New Value: 1 value of $.sourceIPAddress known after learning for 1d."
    )


def test_a_rate_is_told_with_both_numbers() -> None:
    """And when the window before was."""
    told = say_rate(RISE, 99, 9, at=NOON, window=(NOON, NOON + 300))

    assert told.reason == (
        "Rate Crossed: 99 matches within 5m [14/11/23 12:00:00] were at least 2.5 times"
        " the 9 of 7d before (minimum 50 matches for OK -> ALARM transition)."
    )


@pytest.mark.parametrize("value", ["\x00" * 2000, "\U0001f600" * 2000, '"' * 2000, ""])
def test_any_values_fit(value: str) -> None:
    """CloudWatch's limits hold, whatever a record says."""
    told = say_new(NEW, [(NOON, value)] * 1000, at=NOON)

    assert len(told.reason) <= MAX_REASON_CHARS
    assert len(json.loads(told.data)["newValues"]) == 5


def test_any_selector_fits() -> None:
    """Its text is as long as its author likes."""
    selector = parse_selector("$." + "a" * 1000)
    new = NewValue(of=selector, within_secs=DAY, learn_secs=DAY, max_values=9)

    told = say_new(new, [(NOON, "x" * 1000)] * 9, at=NOON)

    assert len(told.reason) == MAX_REASON_CHARS
    assert len(told.data) <= MAX_REASON_DATA_CHARS
