"""Tests of alarms that wait for silence."""

import pytest

from relay.alarms.conditions.absent import AbsentGroup, AbsentKind
from relay.alarms.engine import AlarmEngine
from relay.config.conditions import Absent
from relay.config.rules import AlarmDefinition
from relay.errors import StateError
from relay.model import AlarmState, SavedAlarm, Transition
from tests.alarms.alarm_values import NOON
from tests.alarms.conditions.condition_values import (
    DAY,
    HOUR,
    MINUTE,
    absent,
    definition,
    seen,
)

OK, ALARM, INSUFFICIENT = (
    AlarmState.OK,
    AlarmState.ALARM,
    AlarmState.INSUFFICIENT_DATA,
)
LATENESS = 15 * MINUTE


def kind_of(alarm: AlarmDefinition) -> AbsentKind:
    """Return the kind of ``alarm``."""
    assert isinstance(alarm.condition, Absent)
    return AbsentKind(alarm, alarm.condition)


def begin(alarm: AlarmDefinition | None = None) -> AbsentGroup:
    """Return the one group of an alarm, looked at at noon."""
    (group,) = kind_of(alarm or absent()).begin(now=NOON)
    assert group.advance(NOON) == []
    return group


def only(transitions: list[Transition]) -> Transition:
    """Return the one transition there is."""
    (transition,) = transitions
    return transition


def test_silence_is_told_behind_the_watermark() -> None:
    """An hour after the newest match, and lateness after that."""
    alarm = begin()
    now = NOON + 10 * MINUTE
    assert only(alarm.add([seen(now)], now=now, until=now)).new is OK
    due = now + HOUR + LATENESS

    before, after = alarm.advance(due - 0.001), alarm.advance(due)

    assert before == []
    assert only(after).new is ALARM
    assert only(after).at == due
    assert only(after).reason == (
        "Absent: no matches were received for 1h (last [14/11/23 12:10:00])."
    )


def test_nothing_at_all_is_silence_since_the_alarm_is_there() -> None:
    """Of what was before, it has not seen everything."""
    alarm = begin()

    fired = only(alarm.advance(NOON + DAY))

    assert fired.old is INSUFFICIENT
    assert fired.at == NOON + HOUR + LATENESS
    assert fired.evidence == ()
    assert "none since the alarm is there" in fired.reason


def test_the_last_match_is_the_evidence() -> None:
    """Whoever looks for the cause begins with what was heard last."""
    alarm = begin()
    points = [
        seen(NOON + 5.0, event_id="second", received_at=NOON + 60),
        seen(NOON + 1.0, event_id="first", received_at=NOON + 61),
    ]
    present = only(alarm.add(points, now=NOON + 60, until=NOON + 60))

    fired = only(alarm.advance(NOON + 2 * HOUR))

    assert present.received_at == NOON + 61
    assert [each.event_id for each in fired.evidence] == ["second"]
    assert (fired.total, fired.received_at) == (0, None)


def test_no_evidence_is_kept_when_none_is_shown() -> None:
    """``evidence: 0`` saves the room."""
    alarm = begin(definition(Absent(for_secs=HOUR), evidence=0))
    alarm.add([seen(NOON, event_id="e")], now=NOON, until=NOON)

    assert only(alarm.advance(NOON + 2 * HOUR)).evidence == ()


def test_a_match_ends_the_alarm_when_it_is_new_enough() -> None:
    """One from within the silence does not; one after it does, at once."""
    alarm = begin()
    alarm.advance(NOON + 5 * HOUR)
    now = NOON + 5 * HOUR
    too_old = now - LATENESS - HOUR

    late = alarm.add([seen(too_old)], now=now, until=now)
    new = alarm.add([seen(too_old + 1)], now=now, until=now)

    assert late == []
    assert only(new).new is OK
    assert only(new).reason == (
        "Absent: a match [14/11/23 15:45:01] was received within 1h."
    )


def test_older_matches_change_nothing() -> None:
    """The newest match counts, whatever comes after it."""
    alarm = begin()
    alarm.add([seen(NOON + 60)], now=NOON + 60, until=NOON + 60)
    alarm.save()

    alarm.add([seen(NOON + 30)], now=NOON + 90, until=NOON + 90)

    assert not alarm.is_unsaved
    assert alarm.due() == NOON + 60 + HOUR + LATENESS


def test_a_time_ahead_of_the_clock_counts_as_now() -> None:
    """A wrong clock somewhere makes nobody listen less long."""
    alarm = begin()

    alarm.add([seen(NOON + DAY)], now=NOON, until=NOON)

    assert alarm.due() == NOON + HOUR + LATENESS


def test_a_backlog_is_no_silence() -> None:
    """Time passes only as far as the source has caught up."""
    engine = AlarmEngine([absent()], now=NOON)
    engine.tick(now=NOON)

    behind = engine.tick(now=NOON + DAY, seen_until=NOON + HOUR)
    caught_up = engine.tick(now=NOON + DAY, seen_until=NOON + DAY)

    assert behind.transitions == ()
    assert [each.new for each in caught_up.transitions] == [ALARM]


def test_expected_groups_are_there_from_the_start() -> None:
    """One that is never heard of is told of; one that is not expected is no group."""
    engine = AlarmEngine([absent(HOUR, ("ann",), ("bob",))], now=NOON)
    begun = engine.tick(now=NOON)
    now = NOON + 30 * MINUTE

    heard = engine.apply(
        [seen(now, group=("bob",)), seen(now, group=("eve",))], now=now
    )
    silent = engine.tick(now=NOON + HOUR + LATENESS)

    assert {saved.group for saved in begun.changed} == {("ann",), ("bob",)}
    assert [each.group for each in heard.transitions] == [("bob",)]
    assert heard.ignored == 0
    assert [(each.group, each.new) for each in silent.transitions] == [
        (("ann",), ALARM)
    ]


def test_an_expected_group_never_goes() -> None:
    """However long it is silent."""
    engine = AlarmEngine([absent(HOUR, ("ann",))], now=NOON)

    engine.tick(now=NOON + 400 * DAY)

    assert engine.counts()[ALARM] == 1
    assert engine.next_deadline() is None


def test_what_was_seen_before_is_expected_for_some_time() -> None:
    """A group that fell silent is told of, and forgotten when its time is over."""
    engine = AlarmEngine([absent(HOUR, seen_within_secs=DAY)], now=NOON)
    now = NOON + MINUTE

    began = engine.apply([seen(now, group=("ann",))], now=now)
    silent = engine.tick(now=now + HOUR + LATENESS)
    still = engine.tick(now=now + DAY)
    forgotten = engine.tick(now=now + DAY + LATENESS)

    assert [each.new for each in began.transitions] == [OK]
    assert [each.new for each in silent.transitions] == [ALARM]
    assert still.transitions == ()
    assert [each.new for each in forgotten.transitions] == [INSUFFICIENT]
    assert "they are not expected any more" in forgotten.transitions[0].reason
    assert forgotten.removed == (("failures", ("ann",)),)
    assert engine.next_deadline() is None


def test_a_group_that_comes_late_is_heard_from_its_birth_on() -> None:
    """Its first match may be old: the next one may be on its way."""
    engine = AlarmEngine([absent(HOUR, seen_within_secs=DAY)], now=NOON)

    came = engine.apply([seen(NOON - 5 * HOUR, group=("ann",))], now=NOON)

    assert [each.new for each in came.transitions] == [OK]
    assert engine.next_deadline() == NOON + HOUR + LATENESS


def test_a_restart_does_not_begin_anew() -> None:
    """A daemon that restarts every half an hour still tells of an hour's silence."""
    saved: list[SavedAlarm] = []
    engine = AlarmEngine([absent()], now=NOON)
    for minute in (0, 30, 60):
        engine = AlarmEngine([absent()], now=NOON + minute * MINUTE)
        engine.restore(saved)
        saved = list(engine.tick(now=NOON + minute * MINUTE).changed) or saved

    assert engine.next_deadline() == NOON + HOUR + LATENESS


def test_an_unreadable_body_is_an_error() -> None:
    """It is not taken for a silent alarm."""
    alarm = absent()
    broken = SavedAlarm(alarm=alarm.key, group=(), body=b"\xc1")

    with pytest.raises(StateError, match="alarm 'failures' cannot be read"):
        kind_of(alarm).restore(broken)
