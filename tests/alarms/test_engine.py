"""All alarms together."""

import math
from dataclasses import replace

import pytest

from relay.alarms.engine import AlarmEngine
from relay.alarms.outcome import Outcome
from relay.config.rules import MissingData
from relay.config.statistics import Statistic
from relay.model import AlarmKey, AlarmState, Datapoint, Group, SavedAlarm
from tests.alarms.alarm_values import BY_USER, NOON, definition, point

OK, ALARM, INSUFFICIENT = (
    AlarmState.OK,
    AlarmState.ALARM,
    AlarmState.INSUFFICIENT_DATA,
)
PLAIN = definition()
PER_USER = definition("per-user", group_by=BY_USER, threshold=2.0, max_groups=2)


def user(name: str, value: float = 1.0, time: float = NOON) -> Datapoint:
    """Return one datapoint of a user."""
    return point(time, value, alarm=PER_USER.key, group=(name,))


def groups(engine: AlarmEngine) -> dict[Group, AlarmState]:
    """Return the state of every user."""
    return {
        view.group: view.state
        for view in engine.states()
        if view.definition.name == "per-user"
    }


def test_an_alarm_without_groups_is_there_from_the_start() -> None:
    """INSUFFICIENT_DATA, due at once, and OK by the first tick, which saves it."""
    engine = AlarmEngine([PLAIN], now=NOON)
    [view] = engine.states()
    due = engine.next_deadline()

    outcome = engine.tick(now=NOON)

    assert (view.state, view.since) == (INSUFFICIENT, None)
    assert view.reason == "Unchecked: Initial alarm creation"
    assert due == NOON
    assert [(each.old, each.new) for each in outcome.transitions] == [
        (INSUFFICIENT, OK)
    ]
    assert [saved.alarm for saved in outcome.changed] == [PLAIN.key]
    assert engine.next_deadline() is None
    assert engine.tick(now=NOON + 1) == Outcome()


def test_an_alarm_that_must_wait_is_saved_too() -> None:
    """Since when it has been waiting must survive a restart."""
    waiting = definition(treat_missing_data=MissingData.BREACHING)
    engine = AlarmEngine([waiting], now=NOON)

    outcome = engine.tick(now=NOON)

    assert outcome.transitions == ()
    assert [saved.alarm for saved in outcome.changed] == [waiting.key]
    assert engine.next_deadline() == NOON + 300 + 900


def test_datapoints_before_the_first_tick() -> None:
    """What is due comes first: the alarm is OK before it fires."""
    engine = AlarmEngine([PLAIN], now=NOON)

    outcome = engine.apply([point(NOON)], now=NOON)

    assert [each.new for each in outcome.transitions] == [OK, ALARM]
    assert len(outcome.changed) == 1


def test_every_group_has_its_own_state() -> None:
    """One user's failures are not another one's."""
    engine = AlarmEngine([PER_USER], now=NOON)

    outcome = engine.apply([user("ann"), user("bob"), user("ann")], now=NOON)

    assert [(each.group, each.old) for each in outcome.transitions] == [(("ann",), OK)]
    assert groups(engine) == {("ann",): ALARM, ("bob",): OK}
    assert engine.counts() == {OK: 1, ALARM: 1, INSUFFICIENT: 0}
    assert list(engine.active()) == list(outcome.transitions)


@pytest.mark.parametrize(
    "ignored",
    [
        point(NOON, alarm=AlarmKey(name="failures", fingerprint="old"), count=3),
        point(NOON, group=("ann",), count=3),
        point(NOON, math.inf, count=3),
        point(NOON, math.nan, count=3),
        point(NOON, -(2.0**361), count=3),
        point(math.nan, count=3),
        point(math.inf, count=3),
    ],
    ids=["unknown", "other shape", "inf", "nan", "huge", "no time", "endless time"],
)
def test_impossible_datapoints_are_counted_only(ignored: Datapoint) -> None:
    """What has no place anywhere does no harm."""
    engine = AlarmEngine([PLAIN], now=NOON)
    engine.tick(now=NOON)

    assert engine.apply([ignored], now=NOON) == Outcome(ignored=3)


def test_the_oldest_calm_group_makes_room() -> None:
    """At most ``max_groups`` live; those in ALARM stay."""
    engine = AlarmEngine([PER_USER], now=NOON)
    engine.apply([user("ann", 2.0)], now=NOON)
    engine.apply([user("bob")], now=NOON + 1)

    outcome = engine.apply([user("cid")], now=NOON + 2)

    assert outcome.evicted == 1
    assert outcome.removed == (("per-user", ("bob",)),)
    assert [saved.group for saved in outcome.changed] == [("cid",)]
    assert groups(engine) == {("ann",): ALARM, ("cid",): OK}


def test_a_newcomer_has_room_where_all_others_alarm() -> None:
    """It does not go itself: the oldest ALARM does."""
    engine = AlarmEngine([PER_USER], now=NOON)
    engine.apply([user("ann", 2.0), user("bob", 2.0)], now=NOON)

    outcome = engine.apply([user("cid")], now=NOON + 1)

    assert outcome.removed == (("per-user", ("ann",)),)
    assert groups(engine) == {("bob",): ALARM, ("cid",): OK}


def test_known_groups_are_counted_before_new_ones() -> None:
    """A group does not make room for another one of its own batch."""
    engine = AlarmEngine([PER_USER], now=NOON)
    engine.apply([user("ann"), user("bob")], now=NOON)

    engine.apply([user("cid"), user("ann", time=NOON + 1)], now=NOON + 2)

    assert groups(engine) == {("ann",): ALARM, ("cid",): OK}


def test_more_new_groups_than_there_is_room() -> None:
    """The last ones of a batch stay; each is either saved or removed, never both."""
    engine = AlarmEngine([PER_USER], now=NOON)

    outcome = engine.apply([user(name) for name in "abcde"], now=NOON)

    assert outcome.evicted == 3
    assert {saved.group for saved in outcome.changed} == {("d",), ("e",)}
    assert {group for _, group in outcome.removed} == {("a",), ("b",), ("c",)}


def test_groups_at_rest_go() -> None:
    """A group with nothing to remember leaves engine and store, without a word."""
    engine = AlarmEngine([PER_USER], now=NOON)
    engine.apply([user("ann")], now=NOON)
    due = engine.next_deadline()
    assert due is not None

    outcome = engine.tick(now=due)

    assert outcome == Outcome(removed=(("per-user", ("ann",)),))
    assert groups(engine) == {}
    assert engine.next_deadline() is None


def test_a_group_that_comes_again_at_once_is_not_removed() -> None:
    """Its old body went, and a new one is saved: only that is said."""
    engine = AlarmEngine([PER_USER], now=NOON)
    engine.apply([user("ann")], now=NOON)

    outcome = engine.apply([user("ann", time=NOON + 9999)], now=NOON + 10_000)

    assert outcome.removed == ()
    assert [saved.group for saved in outcome.changed] == [("ann",)]


def test_back_to_ok_by_time() -> None:
    """``next_deadline`` says when, and the tick then does it."""
    engine = AlarmEngine([PER_USER], now=NOON)
    engine.apply([user("ann", 2.0)], now=NOON + 10)
    due = engine.next_deadline()
    early = engine.tick(now=NOON + 309.9)

    outcome = engine.tick(now=NOON + 310)

    assert due == NOON + 310
    assert early == Outcome()
    assert [each.new for each in outcome.transitions] == [OK]
    assert engine.counts()[ALARM] == 0


def test_transitions_of_a_late_tick_stand_in_time_order() -> None:
    """As if each had come in its own tick."""
    engine = AlarmEngine([PER_USER], now=NOON)
    engine.apply([user("bob", 2.0)], now=NOON)
    engine.apply([user("ann", 2.0)], now=NOON - 1)

    outcome = engine.tick(now=NOON + 1000)

    assert [(each.group, each.at) for each in outcome.transitions] == [
        (("ann",), NOON + 299),
        (("bob",), NOON + 300),
    ]
    evicted = engine.apply([user("cid")], now=NOON + 1000).removed
    assert evicted == (("per-user", ("ann",)),)


def test_what_is_due_together_goes_by_turn() -> None:
    """Not by when a deadline was set first: a restart would not know that."""
    engine = AlarmEngine([PER_USER], now=NOON)
    for name in ("ann", "bob", "ann"):
        engine.apply([user(name, 2.0)], now=NOON)

    outcome = engine.tick(now=NOON + 300)

    assert [each.group for each in outcome.transitions] == [("bob",), ("ann",)]


def test_restore_returns_what_fits_nothing() -> None:
    """Other fingerprints, unknown alarms, groups of another shape are handed back."""
    engine = AlarmEngine([PLAIN, PER_USER], now=NOON)
    outcome = engine.apply([point(NOON), user("ann", 2.0)], now=NOON)
    plain = next(each for each in outcome.changed if each.alarm == PLAIN.key)
    unfit = [
        replace(plain, alarm=AlarmKey(name="failures", fingerprint="old")),
        replace(plain, alarm=AlarmKey(name="gone", fingerprint="f1")),
        SavedAlarm(alarm=PER_USER.key, group=("a", "b"), body=plain.body),
    ]
    restarted = AlarmEngine([PLAIN, PER_USER], now=NOON + 60)

    returned = restarted.restore([*unfit, *outcome.changed])

    assert returned == unfit
    assert list(restarted.active()) == list(engine.active())
    assert restarted.next_deadline() == engine.next_deadline()


def test_restore_keeps_to_a_lower_limit() -> None:
    """Where ``max_groups`` has shrunk, the oldest are handed back."""
    engine = AlarmEngine([PER_USER], now=NOON)
    outcome = engine.apply([user("ann"), user("bob")], now=NOON)
    restarted = AlarmEngine([replace(PER_USER, max_groups=1)], now=NOON)

    returned = restarted.restore(outcome.changed)

    assert [saved.group for saved in returned] == [("ann",)]
    assert groups(restarted) == {("bob",): OK}


def test_replace_keeps_what_is_unchanged() -> None:
    """Same fingerprint: state, windows, deadlines go on with the new description."""
    engine = AlarmEngine([PER_USER], now=NOON)
    engine.apply([user("ann", 2.0), user("bob")], now=NOON)
    due = engine.next_deadline()
    described = replace(PER_USER, description="new", severity="high")

    replaced = engine.replace([described, PLAIN], now=NOON + 10)
    outcome = engine.apply([user("bob")], now=NOON + 10)

    assert replaced.kept == (PER_USER.key,)
    assert replaced.started == (PLAIN.key,)
    assert replaced.removed == ()
    assert due == NOON + 300
    assert engine.definition(PER_USER.key) is described
    assert groups(engine) == {("ann",): ALARM, ("bob",): ALARM}
    assert (("bob",), ALARM) in [(each.group, each.new) for each in outcome.transitions]


def test_replace_starts_anew_what_is_changed() -> None:
    """Another fingerprint, or no such alarm any more: the old groups are removed."""
    engine = AlarmEngine([PLAIN, PER_USER], now=NOON)
    engine.apply([point(NOON), user("ann", 2.0)], now=NOON)
    changed = replace(PLAIN, fingerprint="f2", threshold=5.0)

    replaced = engine.replace([changed], now=NOON + 10)
    outcome = engine.tick(now=NOON + 10)

    assert replaced.kept == ()
    assert set(replaced.removed) == {("failures", ()), ("per-user", ("ann",))}
    assert [saved.alarm for saved in outcome.changed] == [changed.key]
    assert engine.counts() == {OK: 1, ALARM: 0, INSUFFICIENT: 0}
    assert engine.definition(PLAIN.key) is None


def test_replace_keeps_to_a_lower_limit() -> None:
    """Groups that have no room any more are removed."""
    engine = AlarmEngine([PER_USER], now=NOON)
    engine.apply([user("ann"), user("bob")], now=NOON)

    replaced = engine.replace([replace(PER_USER, max_groups=1)], now=NOON)

    assert replaced.removed == (("per-user", ("ann",)),)
    assert groups(engine) == {("bob",): OK}


def test_status_pages_see_why() -> None:
    """A view carries the definition, the reason and since when."""
    engine = AlarmEngine([PLAIN], now=NOON)
    engine.apply([point(NOON)], now=NOON + 5)

    [view] = engine.states()

    assert (view.definition, view.group, view.state) == (PLAIN, (), ALARM)
    assert view.since == NOON + 5
    assert view.reason.startswith("Threshold Crossed: 1 datapoint [1.0 (")


def test_silence_is_no_absence_before_the_backlog_is_read() -> None:
    """After a downtime nothing is judged that came due during it, until it is known."""
    watching = definition(
        treat_missing_data=MissingData.BREACHING, period_secs=60, lateness_secs=0.0
    )
    before = AlarmEngine([watching], now=NOON)
    saved: dict[Group, SavedAlarm] = {}
    for minute in range(3):
        at = NOON + 60 * minute
        points = [point(at, 0.0, alarm=watching.key)]
        saved |= {each.group: each for each in before.apply(points, now=at).changed}
    back_at = NOON + 7200
    engine = AlarmEngine([watching], now=back_at)
    engine.restore(saved.values())

    at_once = engine.tick(now=back_at, seen_until=NOON + 130)
    waiting_for = engine.next_deadline()
    backlog = [point(NOON + 60 * minute, 0.0, alarm=watching.key) for minute in (3, 4)]
    reading = engine.apply(backlog, now=back_at + 1, seen_until=NOON + 290)
    caught_up = engine.tick(now=back_at + 2)

    assert at_once.transitions == reading.transitions == ()
    assert waiting_for is not None
    assert waiting_for < back_at
    assert [(each.new, each.at - NOON) for each in caught_up.transitions] == [
        (ALARM, 300 + 180)
    ]


def test_no_all_clear_before_the_backlog_is_read() -> None:
    """An alarm does not go back to OK, to fire again a moment later."""
    engine = AlarmEngine([PLAIN], now=NOON)
    engine.apply([point(NOON)], now=NOON)

    waiting = engine.tick(now=NOON + 900, seen_until=NOON + 200)
    more = engine.apply([point(NOON + 250)], now=NOON + 901, seen_until=NOON + 250)
    after = engine.tick(now=NOON + 3000)

    assert waiting.transitions == more.transitions == ()
    assert [(each.new, each.at - NOON) for each in after.transitions] == [(OK, 1201)]


def test_a_group_of_the_backlog_is_judged_from_its_own_time_on() -> None:
    """Not from the time that it is read at."""
    average = definition(
        "per-user", group_by=BY_USER, statistic=Statistic.AVERAGE, threshold=5.0
    )
    engine = AlarmEngine([average], now=NOON)
    late = NOON + 7200
    engine.apply([user("ann", 9.0)], now=late, seen_until=NOON + 10)

    outcome = engine.tick(now=late + 1)

    assert [(each.new, each.at - NOON) for each in outcome.transitions] == [
        (ALARM, 60 + 900),
        (OK, 60 + 900 + 900),
    ]


def test_replace_keeps_what_is_not_saved_yet() -> None:
    """A change of the definition's words saves nothing, and forgets nothing to save."""
    engine = AlarmEngine([PLAIN], now=NOON)
    engine.replace([replace(PLAIN, description="new")], now=NOON)

    outcome = engine.tick(now=NOON)

    assert [saved.alarm for saved in outcome.changed] == [PLAIN.key]
