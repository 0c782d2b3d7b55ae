"""Tests of what all groups with such a condition have in common."""

from relay.alarms.conditions.group import in_order, newest_received
from relay.alarms.kinds import kind_of
from relay.config.rules import AlarmDefinition
from relay.model import AlarmState
from tests.alarms.alarm_values import NOON
from tests.alarms.conditions.condition_values import (
    HOUR,
    absent,
    cardinality,
    new_value,
    rate_change,
    seen,
)

ALARMS: list[AlarmDefinition] = [absent(), new_value(), cardinality(), rate_change()]


def test_an_alarm_without_groups_is_saved_when_it_is_looked_at() -> None:
    """So that it counts from its birth on, whatever restarts there are."""
    for alarm in ALARMS:
        (group,) = kind_of(alarm).begin(now=NOON)

        assert group.due() == NOON
        group.advance(NOON)
        again = kind_of(alarm).restore(group.save())
        assert not again.is_unsaved
        assert again.due() == group.due()
        assert again.state is group.state
        assert again.last_transition == group.last_transition


def test_it_is_looked_at_only_when_its_time_has_come() -> None:
    """A backlog may keep the time back before its birth."""
    for alarm in ALARMS:
        (group,) = kind_of(alarm).begin(now=NOON)

        assert group.advance(NOON - HOUR) == []
        assert group.state is AlarmState.INSUFFICIENT_DATA
        assert group.last_transition is None


def test_only_one_kind_is_choosy() -> None:
    """Only expected groups are chosen; the others take all."""
    assert all(kind_of(alarm).holds(("x",)) for alarm in ALARMS)
    assert not kind_of(absent(HOUR, ("ann",))).holds(("x",))


def test_the_order_of_points_is_that_of_their_times() -> None:
    """Then of values and ids; what is ahead of the clock is as of now."""
    points = [
        seen(NOON + 9, "b", event_id="1"),
        seen(NOON + 5, "a", event_id="2"),
        seen(NOON + 5, "a", event_id="1"),
        seen(NOON + 7, "a"),
        seen(NOON + 1, "z"),
    ]

    ordered = in_order(points, NOON + 6)

    assert [time - NOON for time, _ in ordered] == [1, 5, 5, 6, 6]
    assert [points.index(point) for _, point in ordered] == [4, 2, 1, 3, 0]


def test_the_newest_message_is_told() -> None:
    """Unless nobody knows."""
    points = [seen(NOON, received_at=5.0), seen(NOON, received_at=7.0), seen(NOON)]

    assert newest_received(points) == 7.0
    assert newest_received(points[2:]) is None
