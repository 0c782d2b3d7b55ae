"""Tests of alarms that wait for a rise."""

import json

from relay.alarms.conditions.rate_change import RateChangeGroup, RateChangeKind
from relay.alarms.engine import AlarmEngine
from relay.config.conditions import RateChange
from relay.config.rules import AlarmDefinition
from relay.model import AlarmState, Transition
from tests.alarms.alarm_values import BY_USER, NOON
from tests.alarms.conditions.condition_values import (
    DAY,
    HOUR,
    MINUTE,
    rate_change,
    seen,
)

OK, ALARM, INSUFFICIENT = (
    AlarmState.OK,
    AlarmState.ALARM,
    AlarmState.INSUFFICIENT_DATA,
)
LATENESS = 15 * MINUTE
FROM = NOON + HOUR
"""When the alarms of these tests have seen enough to compare with."""


def begin(alarm: AlarmDefinition | None = None) -> RateChangeGroup:
    """Return the one group of an alarm, looked at at noon."""
    alarm = alarm or rate_change()
    assert isinstance(alarm.condition, RateChange)
    (group,) = RateChangeKind(alarm, alarm.condition).begin(now=NOON)
    (first,) = group.advance(NOON)
    assert (first.old, first.new) == (INSUFFICIENT, OK)
    return group


def come(
    group: RateChangeGroup, now: float, count: int, *, at: float | None = None
) -> list[Transition]:
    """Let time pass, and ``count`` records come, as they happen unless ``at``."""
    time = now if at is None else at
    points = [
        seen(time, event_id=f"{now:.0f}-{n}", received_at=now) for n in range(count)
    ]
    return [*group.advance(now), *group.add(points, now=now, until=now)]


def test_it_fires_when_the_window_before_is_complete() -> None:
    """Until then more may come there, and undo it."""
    alarm = begin()
    come(alarm, FROM + 60, 2)
    come(alarm, FROM + 6 * MINUTE, 6)
    # The first window with all six ends at seven past, the one before at two past.
    due = FROM + 2 * MINUTE + LATENESS

    before, (fired,) = alarm.advance(due - 0.001), alarm.advance(due)

    assert before == []
    assert (fired.new, fired.at, fired.total) == (ALARM, due, 6)
    assert fired.received_at is None
    assert fired.reason == (
        "Rate Crossed: 6 matches within 5m [14/11/23 13:02:00] were at least 3 times"
        " the 2 of 5m before (minimum 6 matches for OK -> ALARM transition)."
    )
    assert json.loads(fired.reason_data)["matchesBefore"] == 2


def test_it_fires_at_once_against_a_window_that_is_complete() -> None:
    """More matches only make it worse."""
    alarm = begin(rate_change(against_secs=int(DAY)))
    come(alarm, FROM, 2)
    now = FROM + DAY

    (fired,) = come(alarm, now, 6)

    assert (fired.new, fired.at, fired.received_at) == (ALARM, now, now)
    assert len(fired.evidence) == 5
    assert "3 times the 2 of 1d before" in fired.reason


def test_more_matches_before_take_a_rise_back() -> None:
    """They came late, but not too late."""
    alarm = begin()
    come(alarm, FROM + 6 * MINUTE, 6)

    come(alarm, FROM + 10 * MINUTE, 3, at=FROM + MINUTE)

    assert alarm.advance(FROM + DAY) == []


def test_matches_that_come_too_late_undo_nothing() -> None:
    """What has fired has fired."""
    alarm = begin()
    come(alarm, FROM + 6 * MINUTE, 6)
    (fired,) = alarm.advance(FROM + 20 * MINUTE)

    late = come(alarm, FROM + 21 * MINUTE, 9, at=FROM)

    assert fired.new is ALARM
    assert late == []


def test_a_late_burst_fires_when_it_comes() -> None:
    """In the windows that it belongs to."""
    alarm = begin()
    now = FROM + 2 * HOUR

    (fired,) = come(alarm, now, 6, at=now - 30 * MINUTE)
    alarm.advance(now + HOUR)
    very_late = come(alarm, now + HOUR, 6, at=now - 2 * HOUR)

    assert fired.new is ALARM
    assert very_late == []


def test_nothing_is_compared_with_what_was_not_seen() -> None:
    """Before its birth there may have been as many."""
    alarm = begin()

    come(alarm, NOON + 4 * MINUTE, 6)

    assert alarm.advance(NOON + 25 * MINUTE) == []


def test_a_rise_from_nothing_needs_the_least_number() -> None:
    """Five of six are none."""
    alarm, busy = begin(), begin()
    come(alarm, FROM, 5)
    come(busy, FROM, 6)

    assert alarm.advance(FROM + HOUR) == []
    assert [each.new for each in busy.advance(FROM + HOUR)] == [ALARM, OK]


def test_the_evidence_is_of_the_window_that_rose() -> None:
    """Even if others came since, while it waited for the watermark."""
    alarm = begin()
    come(alarm, FROM, 6)

    minutes = range(6, 15)
    (fired,) = [
        each for minute in minutes for each in come(alarm, FROM + minute * MINUTE, 2)
    ]

    stamp = f"{FROM:.0f}-"
    assert len(fired.evidence) == 5
    assert all((each.event_id or "").startswith(stamp) for each in fired.evidence)


def test_each_window_that_has_risen_holds_the_alarm() -> None:
    """It is calm one period after the last of them."""
    alarm = begin()
    come(alarm, FROM, 6)

    fired, calm = alarm.advance(FROM + DAY)

    # The windows that hold all six end from one past to five past, each compared with
    # the one before it 15 minutes later.
    assert fired.at == FROM + LATENESS - 4 * MINUTE
    assert calm.at == FROM + LATENESS + 5 * MINUTE
    assert calm.reason == (
        "Rate Crossed: no breaching datapoints were received for 5m."
    )


def test_a_group_goes_when_there_is_nothing_to_compare() -> None:
    """And not as long as there is."""
    engine = AlarmEngine([rate_change(group_by=BY_USER)], now=NOON)
    engine.apply([seen(NOON, group=("ann",))], now=NOON)

    before = engine.tick(now=NOON + 80 * MINUTE)
    after = engine.tick(now=NOON + 90 * MINUTE)

    assert before.removed == ()
    assert after.removed == (("failures", ("ann",)),)
    assert engine.next_deadline() is None


def test_a_group_whose_first_match_is_ancient_goes_again() -> None:
    """It holds nothing that could be compared."""
    engine = AlarmEngine([rate_change(group_by=BY_USER)], now=NOON)

    engine.apply([seen(NOON - 90 * DAY, group=("ann",))], now=NOON)
    gone = engine.tick(now=NOON)

    assert gone.removed == (("failures", ("ann",)),)


def test_what_is_too_old_to_compare_is_not_kept() -> None:
    """Memory is bounded by the windows that are compared."""
    alarm = begin()
    for minute in range(600):
        come(alarm, FROM + minute * MINUTE, 1)
    size = len(alarm.save().body)

    for minute in range(600, 1200):
        come(alarm, FROM + minute * MINUTE, 1)

    assert len(alarm.save().body) <= size + 16
    assert size < 2000
