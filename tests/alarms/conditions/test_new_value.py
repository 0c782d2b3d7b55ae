"""Tests of alarms that wait for a value which was not there before."""

import json

from relay.alarms.conditions.new_value import NewValueGroup, NewValueKind
from relay.alarms.engine import AlarmEngine
from relay.config.conditions import NewValue
from relay.config.rules import AlarmDefinition
from relay.model import AlarmState, Transition
from tests.alarms.alarm_values import BY_USER, NOON
from tests.alarms.conditions.condition_values import (
    DAY,
    HOUR,
    MINUTE,
    new_value,
    seen,
)

OK, ALARM, INSUFFICIENT = (
    AlarmState.OK,
    AlarmState.ALARM,
    AlarmState.INSUFFICIENT_DATA,
)
LATENESS = 15 * MINUTE


def begin(alarm: AlarmDefinition) -> NewValueGroup:
    """Return the one group of an alarm, looked at at noon."""
    assert isinstance(alarm.condition, NewValue)
    (group,) = NewValueKind(alarm, alarm.condition).begin(now=NOON)
    group.advance(NOON)
    return group


def come(group: NewValueGroup, now: float, *values: str) -> list[Transition]:
    """Let time pass, and records with ``values`` come as they happen."""
    points = [seen(now, value, event_id=value, received_at=now) for value in values]
    return [*group.advance(now), *group.add(points, now=now, until=now)]


def test_a_new_value_fires_at_once_and_only_once() -> None:
    """Whatever comes later, it was new; the next time it is known."""
    alarm = begin(new_value())
    now = NOON + HOUR

    (fired,) = come(alarm, now, "192.0.2.1")
    (calm,) = alarm.advance(now + 5 * MINUTE)
    again = come(alarm, now + HOUR, "192.0.2.1")

    assert (fired.old, fired.new, fired.at, fired.total) == (OK, ALARM, now, 1)
    assert fired.received_at == now
    assert [each.event_id for each in fired.evidence] == ["192.0.2.1"]
    assert fired.reason == (
        'New Value: 1 value of $.sourceIPAddress ["192.0.2.1" (14/11/23 13:00:00)] was'
        " seen for the first time in 32d."
    )
    assert (calm.new, calm.at) == (OK, now + 5 * MINUTE)
    assert again == []


def test_a_value_is_new_again_when_it_was_long_away() -> None:
    """Not seen for the whole time, nor for the grain after it."""
    alarm = begin(new_value())
    come(alarm, NOON, "x")

    still_known = come(alarm, NOON + 32 * DAY, "x")
    new = come(alarm, NOON + 66 * DAY, "x")

    assert [each.new for each in still_known] == [OK]
    assert [each.new for each in new] == [ALARM]


def test_at_first_it_only_learns() -> None:
    """It cannot tell what is new, and says so; then it can."""
    alarm = begin(new_value(learn_secs=DAY))
    learning = come(alarm, NOON + HOUR, "a", "b")

    (learned,) = alarm.advance(NOON + DAY)
    known = come(alarm, NOON + DAY, "a")
    new = come(alarm, NOON + DAY, "c")

    assert learning == []
    assert (learned.old, learned.new) == (INSUFFICIENT, OK)
    assert learned.reason == (
        "New Value: 2 values of $.sourceIPAddress known after learning for 1d."
    )
    assert known == []
    assert [each.new for each in new] == [ALARM]


def test_learning_goes_by_the_events_time() -> None:
    """An event from before its end is learned, however late it comes."""
    alarm = begin(new_value(learn_secs=DAY))
    alarm.advance(NOON + DAY)
    now = NOON + DAY + HOUR

    late = alarm.add([seen(NOON + DAY - 1, "x")], now=now, until=now)
    on_time = alarm.add([seen(NOON + DAY, "y")], now=now, until=now)

    assert late == []
    assert [each.new for each in on_time] == [ALARM]


def test_several_new_values_are_one_transition() -> None:
    """The newest first, five of them with their names; each counts once."""
    alarm = begin(new_value())
    points = [
        seen(NOON + at, value, event_id=f"{value}{at}")
        for at, value in enumerate(["a", "b", "c", "d", "e", "f", "a"])
    ]

    (fired,) = alarm.add(points, now=NOON + 9, until=NOON + 9)

    assert fired.total == 6
    assert [each.event_id for each in fired.evidence] == ["f5", "e4", "d3", "c2", "b1"]
    assert '["f" (14/11/23 12:00:05), "e"' in fired.reason
    assert ", ...] were seen for the first time" in fired.reason
    assert len(json.loads(fired.reason_data)["newValues"]) == 5


def test_each_new_value_holds_the_alarm() -> None:
    """It is calm when none came for one period."""
    alarm = begin(new_value())
    come(alarm, NOON + HOUR, "a")

    more = come(alarm, NOON + HOUR + 4 * MINUTE, "b")
    (calm,) = alarm.advance(NOON + DAY)

    assert more == []
    assert calm.at == NOON + HOUR + 9 * MINUTE
    assert calm.reason == (
        "New Value: no new values of $.sourceIPAddress were received for 5m."
    )


def test_a_known_value_needs_no_saving() -> None:
    """What changes nothing is not written, record by record."""
    engine = AlarmEngine([new_value()], now=NOON)
    engine.tick(now=NOON)
    first = engine.apply([seen(NOON, "a")], now=NOON)
    engine.tick(now=NOON + 5 * MINUTE)

    second = engine.apply([seen(NOON + HOUR, "a")], now=NOON + HOUR)

    assert len(first.changed) == 1
    assert second.changed == ()


def test_a_group_learns_for_itself() -> None:
    """A new user's first address is nothing; his second one may be."""
    engine = AlarmEngine([new_value(learn_secs=DAY, group_by=BY_USER)], now=NOON)
    later = NOON + 10 * DAY

    first = engine.apply([seen(later, "a", group=("ann",))], now=later)
    learned = engine.tick(now=later + DAY)
    second = engine.apply([seen(later + DAY, "b", group=("ann",))], now=later + DAY)

    assert first.transitions == ()
    assert [each.new for each in learned.transitions] == [OK]
    assert [each.new for each in second.transitions] == [ALARM]


def test_a_group_goes_when_it_knows_nothing_any_more() -> None:
    """That is, a grain after the last value's time."""
    engine = AlarmEngine([new_value(group_by=BY_USER)], now=NOON)
    engine.apply([seen(NOON, "a", group=("ann",))], now=NOON)
    midnight = NOON - 12 * HOUR

    before = engine.tick(now=midnight + 33 * DAY + LATENESS - 1)
    after = engine.tick(now=midnight + 33 * DAY + LATENESS)

    assert before.removed == ()
    assert after.removed == (("failures", ("ann",)),)
    assert engine.next_deadline() is None


def test_values_without_room_are_counted() -> None:
    """A flood of values pushes out those that were not seen for the longest time."""
    engine = AlarmEngine([new_value(max_values=16)], now=NOON)
    engine.tick(now=NOON)

    flooded = engine.apply([seen(NOON, f"v{n}") for n in range(40)], now=NOON)
    calm = engine.apply([seen(NOON, "v0")], now=NOON)

    assert flooded.values_evicted == 25
    assert calm.values_evicted == 0


def test_what_a_record_says_cannot_break_the_reason() -> None:
    """Quotes, line ends and length are the sender's; the line is ours."""
    alarm = begin(new_value())

    (fired,) = come(alarm, NOON, *(f'{n}"\n\x00' + "x" * 1000 for n in range(9)))

    assert "\n" not in fired.reason
    assert len(fired.reason) <= 1023
    assert len(fired.reason_data) <= 4000
