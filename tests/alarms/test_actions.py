"""Mute rules: actions wait for a window's end, and are caught up if the state holds."""

from collections.abc import Iterable
from dataclasses import replace

from relay.alarms.engine import AlarmEngine
from relay.alarms.outcome import Outcome
from relay.alarms.suppression import Hold
from relay.config.rules import AlarmDefinition, AnyAlarm, MuteRule
from relay.model import AlarmState, Group, SavedAlarm
from tests.alarms.alarm_values import BY_USER, NOON, definition, point
from tests.alarms.composite_values import (
    composite,
    moves,
    muted,
    suppressed_by,
    told,
)

OK, ALARM = AlarmState.OK, AlarmState.ALARM
A = definition("a")
PER_USER = definition("users", group_by=BY_USER, max_groups=2)
WINDOW = muted(NOON + 60, NOON + 660, "a", "users", "same")


class Course:
    """An engine, and what it has saved."""

    def __init__(self, *definitions: AnyAlarm, rules: Iterable[MuteRule]) -> None:
        self.definitions = definitions
        self.rules = list(rules)
        self.saved: dict[tuple[str, Group], SavedAlarm] = {}
        self.engine = AlarmEngine(definitions, now=NOON, mute_rules=self.rules)
        self.tick(0)

    def take(self, outcome: Outcome) -> Outcome:
        """Save what has changed."""
        for name in outcome.removed:
            self.saved.pop(name, None)
        for each in outcome.changed:
            self.saved[each.alarm.name, each.group] = each
        return outcome

    def hit(
        self, after_secs: float, *group: str, alarm: AlarmDefinition = A
    ) -> Outcome:
        """Put an alarm into ALARM."""
        at = NOON + after_secs
        one = point(at, alarm=alarm.key, group=group, received_at=at)
        return self.take(self.engine.apply([one], now=at))

    def tick(self, after_secs: float) -> Outcome:
        """Let time pass."""
        return self.take(self.engine.tick(now=NOON + after_secs))

    def restart(self, after_secs: float) -> None:
        """Lose all that is in memory."""
        now = NOON + after_secs
        self.engine = AlarmEngine(self.definitions, now=now, mute_rules=self.rules)
        assert self.engine.restore(self.saved.values()) == []

    def due_secs(self) -> float | None:
        """Return when something is due next."""
        due = self.engine.next_deadline()
        return None if due is None else due - NOON


def test_actions_run_outside_of_windows() -> None:
    """At once, with the time at which the cause was received."""
    course = Course(A, rules=[WINDOW])

    outcome = course.hit(59)

    assert told(outcome) == [("a", ALARM)]
    assert outcome.actions == outcome.transitions
    assert not outcome.actions[0].after_mute


def test_actions_are_caught_up_at_the_windows_end() -> None:
    """The state still holds: the very transition, marked as late on purpose."""
    course = Course(A, rules=[WINDOW])

    changed = course.hit(400)
    (view,) = course.engine.states()
    due = course.due_secs()
    active = list(course.engine.active())
    before = course.tick(659)
    ended = course.tick(660)

    assert (moves(changed.transitions), told(changed)) == ([("a", OK, ALARM)], [])
    assert view.held_by is Hold.MUTE_RULE
    assert (due, active) == (660, [])
    assert told(before) == []
    assert ended.transitions == ()
    assert ended.actions == (
        replace(changed.transitions[0], after_mute=True, received_at=None),
    )
    assert [each.alarm for each in ended.changed] == [A.key]
    assert list(course.engine.active()) == list(changed.transitions)


def test_only_the_newest_state_is_caught_up() -> None:
    """It went into ALARM and back within the window; what is told is that it is OK."""
    course = Course(A, rules=[WINDOW])

    changes = [course.hit(100), course.tick(400)]
    ended = course.tick(660)

    assert [told(each) for each in changes] == [[], []]
    assert told(ended) == [("a", OK)]


def test_what_changes_again_behind_the_window_is_told_once() -> None:
    """The state that waited does not hold any more."""
    course = Course(A, rules=[WINDOW])
    course.hit(400)

    outcome = course.tick(700)

    assert told(outcome) == [("a", OK)]
    assert not outcome.actions[0].after_mute
    assert told(course.tick(5000)) == []


def test_the_next_window_may_have_begun() -> None:
    """Then it is waited for as well."""
    course = Course(A, rules=[WINDOW, muted(NOON + 600, NOON + 1200, "a")])
    stays = [course.hit(100 + each) for each in range(0, 1200, 250)]

    middle = course.tick(660)

    assert told(middle) == []
    assert [told(each) for each in stays] == [[]] * 5
    assert told(course.tick(1300)) == [("a", ALARM)]


def test_an_alarm_of_another_name_is_told() -> None:
    """Rules are about names."""
    course = Course(A, definition("b"), rules=[WINDOW])

    outcome = course.hit(100, alarm=definition("b"))

    assert told(outcome) == [("b", ALARM)]


def test_what_waits_survives_a_restart() -> None:
    """Also one that lasts until the window is over."""
    for back_at, told_at in ((500, 660), (700, 700)):
        course = Course(definition("a", period_secs=3600), rules=[WINDOW])
        course.hit(100, alarm=definition("a"))
        course.restart(back_at)

        due = course.due_secs()
        first = course.tick(back_at)
        second = course.tick(660 if back_at < 660 else 701)

        assert due == -NOON
        assert told(first if told_at == back_at else second) == [("a", ALARM)]
        assert told(second if told_at == back_at else first) == []
        course.restart(800)
        assert told(course.tick(800)) == []


def test_another_configuration_without_the_rule() -> None:
    """What waited is told by the next call."""
    course = Course(A, rules=[WINDOW])
    course.hit(100)

    course.engine.replace([A], now=NOON + 110)
    due = course.due_secs()
    outcome = course.tick(110)

    assert due == -NOON
    assert told(outcome) == [("a", ALARM)]


def test_a_group_at_rest_stays_until_it_is_told() -> None:
    """It has something to say; then it goes, from the store as well."""
    course = Course(PER_USER, rules=[WINDOW])
    course.hit(30, "ann", alarm=PER_USER)
    calm = course.tick(400)
    kept = dict(course.saved)

    ended = course.tick(100_000)

    assert (told(calm), calm.removed) == ([], ())
    assert list(kept) == [("users", ("ann",))]
    assert told(ended) == [("users", OK)]
    assert ended.removed == (("users", ("ann",)),)
    assert course.saved == {}
    assert list(course.engine.states()) == []


def test_a_group_that_goes_in_the_very_call() -> None:
    """A late tick calms it down and lets it rest; in a window it waits all the same."""
    course = Course(PER_USER, rules=[muted(NOON + 60, NOON + 1e5, "users")])
    course.hit(30, "ann", alarm=PER_USER)

    late = course.tick(50_040)

    assert (moves(late.transitions), told(late)) == ([("users", ALARM, OK)], [])
    assert told(course.tick(100_020)) == [("users", OK)]


def test_a_group_that_made_room_has_nothing_to_say() -> None:
    """It is not there any more when the window ends."""
    course = Course(PER_USER, rules=[WINDOW])
    for number, user in enumerate(("ann", "bob", "cid")):
        course.hit(100 + number, user, alarm=PER_USER)

    ended = course.tick(660)

    assert sorted(each.group for each in ended.actions) == [("bob",), ("cid",)]


def test_a_muted_composite_alarm_waits_behind_its_suppressor() -> None:
    """First for the wait period, then for the window's end."""
    same = composite("same", "ALARM(b)", suppressed_by("s"))
    b, s = definition("b", period_secs=3600), definition("s")
    course = Course(b, s, same, rules=[muted(NOON + 120, NOON + 600, "same")])
    course.tick(60)
    course.hit(100, alarm=b)
    first = next(v.held_by for v in course.engine.states() if v.definition is same)
    course.tick(160)
    then = next(v.held_by for v in course.engine.states() if v.definition is same)

    ended = course.tick(600)

    assert (first, then) == (Hold.WAIT_PERIOD, Hold.MUTE_RULE)
    assert told(ended) == [("same", ALARM)]
    assert ended.actions[0].after_mute


def test_a_suppressor_that_comes_while_it_is_muted_has_the_last_word() -> None:
    """Behind the window the extension period still has to pass."""
    same = composite("same", "ALARM(b)", suppressed_by("s", 0))
    b, s = definition("b", period_secs=3600), definition("s")
    course = Course(b, s, same, rules=[muted(NOON + 60, NOON + 600, "same")])
    course.hit(100, alarm=b)
    course.hit(500, alarm=s)

    ended = course.tick(600)
    left = course.tick(800)
    resumed = course.tick(890)

    assert (told(ended), told(left)) == ([], [("s", OK)])
    assert told(resumed) == [("same", ALARM)]
