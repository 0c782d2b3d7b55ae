"""Tests of alarms that wait for variety."""

import json

from relay.alarms.conditions.cardinality import CardinalityGroup, CardinalityKind
from relay.alarms.engine import AlarmEngine
from relay.config.conditions import Cardinality
from relay.config.rules import AlarmDefinition
from relay.model import AlarmState, Transition
from tests.alarms.alarm_values import BY_USER, NOON
from tests.alarms.conditions.condition_values import (
    DAY,
    HOUR,
    MINUTE,
    cardinality,
    seen,
)

OK, ALARM, INSUFFICIENT = (
    AlarmState.OK,
    AlarmState.ALARM,
    AlarmState.INSUFFICIENT_DATA,
)


def begin(alarm: AlarmDefinition | None = None) -> CardinalityGroup:
    """Return the one group of an alarm, looked at at noon."""
    alarm = alarm or cardinality()
    assert isinstance(alarm.condition, Cardinality)
    (group,) = CardinalityKind(alarm, alarm.condition).begin(now=NOON)
    (first,) = group.advance(NOON)
    assert (first.old, first.new) == (INSUFFICIENT, OK)
    return group


def come(
    group: CardinalityGroup, now: float, *values: str, at: float | None = None
) -> list[Transition]:
    """Let time pass, and records with ``values`` come, as they happen unless ``at``."""
    time = now if at is None else at
    points = [seen(time, value, event_id=value, received_at=now) for value in values]
    return [*group.advance(now), *group.add(points, now=now, until=now)]


def test_one_value_too_many_fires_at_once() -> None:
    """Different ones count, not records; the window slides by the minute."""
    alarm = begin()
    assert come(alarm, NOON, "a", "a", "b", "b") == []

    (fired,) = come(alarm, NOON + 4 * MINUTE, "c")

    assert (fired.new, fired.at, fired.total) == (ALARM, NOON + 4 * MINUTE, 3)
    assert fired.received_at == fired.at
    assert sorted(each.event_id or "" for each in fired.evidence) == ["a", "b", "c"]
    assert fired.reason == (
        "Cardinality Crossed: 3 different values of $.sourceIPAddress within 5m"
        " [14/11/23 12:00:00] were greater than the threshold (2)."
    )
    assert json.loads(fired.reason_data)["distinctValues"] == 3


def test_values_further_apart_than_a_period_do_not_meet() -> None:
    """Five minutes from minute to minute."""
    alarm = begin()
    come(alarm, NOON, "a", "b")

    assert come(alarm, NOON + 5 * MINUTE, "c") == []


def test_late_values_meet_in_the_window_they_belong_to() -> None:
    """However late they come, and whether at once or one by one."""
    alarm, then = begin(), NOON - DAY
    come(alarm, NOON, "a", at=then)
    come(alarm, NOON + 10 * MINUTE, "b", at=then + 60)

    (fired,) = come(alarm, NOON + 15 * MINUTE, "c", at=then + 120)

    assert fired.new is ALARM
    assert "[13/11/23 11:58:00]" in fired.reason


def test_it_stays_while_the_crowd_is_seen() -> None:
    """Any record of a crowded window holds it for a period; then it is calm."""
    alarm = begin()
    come(alarm, NOON, "a", "b", "c")

    held = come(alarm, NOON + 4 * MINUTE, "a")
    (calm,) = alarm.advance(NOON + DAY)

    assert held == []
    assert (calm.new, calm.at) == (OK, NOON + 9 * MINUTE)
    assert "no more than 2 different values" in calm.reason


def test_a_record_outside_the_crowd_does_not_hold_it() -> None:
    """Some other old window is not crowded."""
    alarm = begin()
    come(alarm, NOON, "a", "b", "c")

    come(alarm, NOON + 4 * MINUTE, "a", at=NOON - HOUR)

    assert alarm.due() == NOON + 5 * MINUTE


def test_another_crowded_window_holds_it_as_well() -> None:
    """The search goes on where the crowd found last has no part in it."""
    alarm = begin()
    come(alarm, NOON, "a", "b", "c")

    come(alarm, NOON + 4 * MINUTE, "a", "b", "c", at=NOON - HOUR)

    assert alarm.due() == NOON + 9 * MINUTE


def test_the_same_values_again_need_no_saving() -> None:
    """What changes nothing is not written, minute by minute."""
    engine = AlarmEngine([cardinality()], now=NOON)
    engine.tick(now=NOON)
    first = engine.apply([seen(NOON, "a")], now=NOON + 1)

    second = engine.apply([seen(NOON + 5, "a")], now=NOON + 10)

    assert len(first.changed) == 1
    assert second.changed == ()


def test_a_group_goes_when_no_window_can_need_it() -> None:
    """Neither live nor late."""
    engine = AlarmEngine([cardinality(group_by=BY_USER)], now=NOON)
    engine.apply([seen(NOON, "a", group=("ann",))], now=NOON)

    before = engine.tick(now=NOON + 20 * MINUTE)
    after = engine.tick(now=NOON + 21 * MINUTE)

    assert before.removed == ()
    assert after.removed == (("failures", ("ann",)),)
    assert after.transitions == ()


def test_values_without_room_are_counted() -> None:
    """The oldest go first, and with them the crowd that they made."""
    engine = AlarmEngine([cardinality(more_than=4, max_values=16)], now=NOON)
    engine.tick(now=NOON)
    old = [seen(NOON - HOUR + n, f"old{n}") for n in range(16)]

    fired = engine.apply(old, now=NOON)
    flooded = engine.apply([seen(NOON, "new")], now=NOON)

    assert [each.new for each in fired.transitions] == [ALARM]
    assert fired.values_evicted == 0
    assert flooded.values_evicted == 2


def test_old_values_are_forgotten_with_the_minute() -> None:
    """What no window can need makes room when others come."""
    alarm = begin()
    come(alarm, NOON, "a", "b", "c")
    size = len(alarm.save().body)

    come(alarm, NOON + HOUR, "d")

    assert alarm.state is OK
    assert len(alarm.save().body) < size
