"""Composite alarms among the others: moved by their children, in the same call."""

from dataclasses import replace

import pytest

from relay.alarms.engine import AlarmEngine
from relay.alarms.outcome import Outcome
from relay.alarms.suppression import Hold
from relay.config.rules import AnyAlarm, MissingData
from relay.model import AlarmKey, AlarmState, Datapoint, Evidence, SavedAlarm
from tests.alarms.alarm_values import BY_USER, NOON, definition, point
from tests.alarms.composite_values import composite, moves, suppressed_by, told

OK, ALARM, INSUFFICIENT = (
    AlarmState.OK,
    AlarmState.ALARM,
    AlarmState.INSUFFICIENT_DATA,
)
A, B, S = definition("a"), definition("b"), definition("s")
PER_USER = definition("users", group_by=BY_USER, max_groups=2)
LENGTH = 300.0
"""How long an alarm stays in ALARM after a datapoint."""


def hit(name: str, at: float, *group: str, evidence: str | None = None) -> Datapoint:
    """Return a datapoint that puts an alarm into ALARM."""
    return point(
        at,
        alarm=AlarmKey(name=name, fingerprint="f1"),
        group=group,
        event_id=evidence,
        received_at=at,
    )


def begun(*definitions: AnyAlarm) -> AlarmEngine:
    """Return an engine whose alarms have been judged once: all are OK."""
    engine = AlarmEngine(definitions, now=NOON)
    engine.tick(now=NOON)
    return engine


def state_of(engine: AlarmEngine, name: str) -> AlarmState:
    """Return the state of the only group of an alarm."""
    (view,) = [each for each in engine.states() if each.definition.name == name]
    return view.state


def restarted(
    outcomes: list[Outcome], *definitions: AnyAlarm, now: float
) -> AlarmEngine:
    """Return an engine that was restored from what ``outcomes`` saved."""
    saved: dict[object, SavedAlarm] = {}
    for outcome in outcomes:
        saved |= {(each.alarm, each.group): each for each in outcome.changed}
    again = AlarmEngine(definitions, now=now)
    assert again.restore(saved.values()) == []
    return again


# --- states ---------------------------------------------------------------------------


def test_it_is_judged_behind_its_children() -> None:
    """In the first call too, and saved with them."""
    engine = AlarmEngine([A, composite("either", "ALARM(a) OR OK(a)")], now=NOON)
    due = engine.next_deadline()

    outcome = engine.tick(now=NOON)

    assert due == 0.0
    assert moves(outcome.transitions) == [
        ("a", INSUFFICIENT, OK),
        ("either", INSUFFICIENT, ALARM),
    ]
    assert told(outcome) == [("a", OK), ("either", ALARM)]
    assert {each.alarm.name for each in outcome.changed} == {"a", "either"}
    assert engine.next_deadline() is None
    assert engine.tick(now=NOON + 1) == Outcome()


def test_a_child_moves_it_in_the_same_call() -> None:
    """With its time, its evidence, and when the cause was received."""
    engine = begun(A, B, composite("both", "ALARM(a) AND ALARM(b)"))
    first = engine.apply([hit("a", NOON + 1, evidence="1")], now=NOON + 1)

    second = engine.apply([hit("b", NOON + 9, evidence="2")], now=NOON + 9)

    assert moves(first.transitions) == [("a", OK, ALARM)]
    assert moves(second.transitions) == [("b", OK, ALARM), ("both", OK, ALARM)]
    both = second.transitions[-1]
    assert (both.at, both.received_at, both.total) == (NOON + 9, NOON + 9, 2)
    assert both.evidence == (Evidence(event_id="1"), Evidence(event_id="2"))
    assert [child.alarm for child in both.children] == ["b"]
    assert both.reason.startswith("b transitioned to ALARM at ")


def test_time_moves_it_when_it_moves_a_child() -> None:
    """As the children, it leaves ALARM without any new datapoint."""
    engine = begun(A, composite("same", "ALARM(a)"))
    engine.apply([hit("a", NOON + 1)], now=NOON + 1)
    due = engine.next_deadline()

    outcome = engine.tick(now=NOON + 1 + LENGTH)

    assert due == NOON + 1 + LENGTH
    assert moves(outcome.transitions) == [("a", ALARM, OK), ("same", ALARM, OK)]
    assert outcome.transitions[-1].received_at is None


def test_composite_alarms_about_each_other_move_in_their_order() -> None:
    """In one call, whatever the order in the file; each is saved."""
    engine = begun(
        composite("third", "NOT ALARM(second)"),
        composite("second", "ALARM(first) OR ALARM(b)"),
        composite("first", "ALARM(a)"),
        A,
        B,
    )

    outcome = engine.apply([hit("a", NOON + 1, evidence="1")], now=NOON + 1)

    assert moves(outcome.transitions) == [
        ("a", OK, ALARM),
        ("first", OK, ALARM),
        ("second", OK, ALARM),
        ("third", ALARM, OK),
    ]
    assert outcome.transitions[2].evidence == (Evidence(event_id="1"),)
    assert outcome.transitions[2].received_at == NOON + 1
    assert len(outcome.changed) == 4


def test_children_that_swap_within_a_moment_do_not_let_it_flicker() -> None:
    """One leaves ALARM as the other one goes there."""
    engine = begun(A, B, composite("either", "ALARM(a) OR ALARM(b)"))
    engine.apply([hit("a", NOON + 1)], now=NOON + 1)

    outcome = engine.apply([hit("b", NOON + 301)], now=NOON + 301)

    assert moves(outcome.transitions) == [("a", ALARM, OK), ("b", OK, ALARM)]


def test_a_late_call_leads_to_what_timely_ones_would() -> None:
    """What happened in between is followed, each at its own time."""
    engine = begun(A, B, composite("either", "ALARM(a) OR ALARM(b)"))
    engine.apply([hit("a", NOON + 1)], now=NOON + 1)

    outcome = engine.apply([hit("b", NOON + 400)], now=NOON + 400)

    assert [(*move, each.at - NOON) for move, each in zip(
        moves(outcome.transitions), outcome.transitions, strict=True
    )] == [
        ("a", ALARM, OK, 301),
        ("either", ALARM, OK, 301),
        ("b", OK, ALARM, 400),
        ("either", OK, ALARM, 400),
    ]  # fmt: skip


def test_its_first_call_may_be_late() -> None:
    """It is judged then, and not in the middle of what its children go through."""
    engine = AlarmEngine([A, composite("calm", "OK(a)")], now=NOON)

    outcome = engine.tick(now=NOON + 50)

    assert [(each.alarm.name, each.at - NOON) for each in outcome.transitions] == [
        ("a", 0),
        ("calm", 50),
    ]
    assert state_of(engine, "calm") is ALARM


def test_insufficient_data_is_a_state_of_children() -> None:
    """A child that has to wait for its first judgement is neither OK nor in ALARM."""
    waiting = definition("a", treat_missing_data=MissingData.BREACHING)
    engine = AlarmEngine(
        [waiting, composite("unknown", "INSUFFICIENT_DATA(a)")], now=NOON
    )

    first = engine.tick(now=NOON)
    due = engine.next_deadline()
    second = engine.tick(now=NOON + 1200)

    assert due == NOON + 1200
    assert moves(first.transitions) == [("unknown", INSUFFICIENT, ALARM)]
    assert moves(second.transitions) == [
        ("a", INSUFFICIENT, ALARM),
        ("unknown", ALARM, OK),
    ]


# --- groups ---------------------------------------------------------------------------


def test_a_child_with_groups_is_in_alarm_when_any_group_is() -> None:
    """Its first one moves the composite alarm, and its last one back."""
    engine = begun(PER_USER, composite("any", "ALARM(users)"))
    first = engine.apply([hit("users", NOON + 1, "ann")], now=NOON + 1)
    second = engine.apply([hit("users", NOON + 9, "bob")], now=NOON + 9)

    third = engine.tick(now=NOON + 301)
    fourth = engine.tick(now=NOON + 309)

    assert moves(first.transitions)[1:] == [("any", OK, ALARM)]
    assert moves(second.transitions) == [("users", OK, ALARM)]
    assert moves(third.transitions) == [("users", ALARM, OK)]
    assert moves(fourth.transitions)[1:] == [("any", ALARM, OK)]


def test_a_late_call_counts_groups_at_their_times() -> None:
    """Two groups that calm down one after the other; then both are gone."""
    engine = begun(PER_USER, composite("any", "ALARM(users)"))
    engine.apply([hit("users", NOON + 1, "ann")], now=NOON + 1)
    engine.apply([hit("users", NOON + 9, "bob")], now=NOON + 9)

    outcome = engine.tick(now=NOON + 100_000)

    assert [(each.alarm.name, each.at - NOON) for each in outcome.transitions] == [
        ("users", 301),
        ("users", 309),
        ("any", 309),
    ]


def test_evicted_groups_move_it_as_well() -> None:
    """A group in ALARM that makes room takes its ALARM along."""
    single = definition("users", group_by=BY_USER, max_groups=1, threshold=2.0)
    engine = begun(single, composite("any", "ALARM(users)"))
    engine.apply([hit("users", NOON + 1, "ann")] * 2, now=NOON + 1)

    outcome = engine.apply([hit("users", NOON + 9, "bob")], now=NOON + 9)

    assert moves(outcome.transitions) == [("any", ALARM, OK)]
    assert outcome.transitions[0].reason.startswith("users transitioned to OK at ")


@pytest.mark.parametrize(
    ("treatment", "expected"),
    [(MissingData.NOT_BREACHING, OK), (MissingData.MISSING, INSUFFICIENT)],
)
def test_a_child_without_any_group(
    treatment: MissingData, expected: AlarmState
) -> None:
    """Its state is the one that silence leads to."""
    users = replace(PER_USER, treat_missing_data=treatment)

    engine = begun(users, composite("rests", f"{expected}(users)"))

    assert state_of(engine, "rests") is ALARM


def test_the_newest_evidence_of_the_children_is_shown() -> None:
    """As much as the composite alarm wants, each record once; the total is of all."""
    engine = begun(
        A,
        B,
        PER_USER,
        composite("any", "AT_LEAST(3, ALARM, (a, b, users))", evidence=2),
    )
    old, new = (
        Evidence(event_id=each, event_time=f"2026-09-14T05:0{each}:00Z")
        for each in "12"
    )
    shared = [replace(hit(name, NOON + 1), evidence=old) for name in "ab"]
    engine.apply(shared, now=NOON + 1)
    points = [
        replace(hit("users", NOON + 2, user), evidence=new, count=3) for user in "xy"
    ]

    outcome = engine.apply(points, now=NOON + 2)

    found = outcome.transitions[-1]
    assert (found.alarm.name, found.evidence, found.total) == ("any", (new, old), 8)


# --- suppression ----------------------------------------------------------------------

QUIET = composite("quiet", "ALARM(a)", suppressed_by("s"))


def test_actions_wait_for_the_suppressor() -> None:
    """The state changes at once; what is told runs at the wait period's end."""
    engine = begun(A, S, QUIET)
    engine.tick(now=NOON + 60)

    changed = engine.apply([hit("a", NOON + 100)], now=NOON + 100)
    due = engine.next_deadline()
    early = engine.tick(now=NOON + 159)
    active = [each.alarm.name for each in engine.active()]
    ended = engine.tick(now=NOON + 160)

    assert told(changed) == [("a", ALARM)]
    assert due == NOON + 160
    assert early == Outcome()
    assert active == ["a"]
    assert ended.transitions == ()
    assert told(ended) == [("quiet", ALARM)]
    assert ended.actions[0].received_at is None
    assert [each.alarm.name for each in ended.changed] == ["quiet"]
    assert {each.alarm.name for each in engine.active()} == {"a", "quiet"}


def test_a_backlog_keeps_no_actions_back() -> None:
    """Only judgements wait for the source, not what waits for a time of day."""
    engine = begun(A, S, QUIET)
    engine.apply([hit("a", NOON + 100)], now=NOON + 100)

    due = engine.next_deadline(seen_until=NOON + 50)
    ended = engine.tick(now=NOON + 100_000, seen_until=NOON + 50)

    assert due == NOON + 160
    assert (moves(ended.transitions), told(ended)) == ([], [("quiet", ALARM)])
    assert engine.next_deadline(seen_until=NOON + 50) is None
    assert engine.next_deadline() == NOON + 400


def test_its_creation_waits_too() -> None:
    """It is a change of its state like any other one."""
    engine = AlarmEngine([A, S, QUIET], now=NOON)

    outcome = engine.tick(now=NOON)

    assert [name for name, _ in told(outcome)] == ["a", "s"]
    assert told(engine.tick(now=NOON + 60)) == [("quiet", OK)]


def test_the_suppressor_in_alarm_keeps_actions_back() -> None:
    """And when it leaves, the extension period, at whose end the newest state runs."""
    engine = begun(A, S, QUIET)
    engine.tick(now=NOON + 60)
    engine.apply([hit("s", NOON + 100)], now=NOON + 100)
    changed = engine.apply([hit("a", NOON + 110)], now=NOON + 110)
    view = next(each for each in engine.states() if each.definition is QUIET)

    left = engine.tick(now=NOON + 400)
    due = engine.next_deadline()
    back = engine.tick(now=NOON + 410)
    ended = engine.tick(now=NOON + 470)

    assert told(changed) == [("a", ALARM)]
    assert view.held_by is Hold.ALARM
    assert told(left) == [("s", OK)]
    assert due == NOON + 410
    assert told(back) == [("a", OK)]
    # The change within the extension period began a wait period.
    assert told(ended) == [("quiet", OK)]


def test_a_suppressor_of_the_same_moment_comes_first() -> None:
    """Even without any wait period."""
    quiet = composite("quiet", "ALARM(a)", suppressed_by("s", 0, 0))
    engine = begun(A, S, quiet)

    both = engine.apply([hit("a", NOON + 1), hit("s", NOON + 1)], now=NOON + 1)
    left = engine.tick(now=NOON + 301)

    assert sorted(told(both)) == [("a", ALARM), ("s", ALARM)]
    assert told(left) == [("a", OK), ("s", OK), ("quiet", OK)]


def test_without_a_wait_period_actions_run_at_once() -> None:
    """They are not late: when the cause was received is told."""
    quiet = composite("quiet", "ALARM(a)", suppressed_by("s", 0, 0))
    engine = begun(A, S, quiet)

    outcome = engine.apply([hit("a", NOON + 1)], now=NOON + 1)

    assert told(outcome) == [("a", ALARM), ("quiet", ALARM)]
    assert outcome.actions[-1].received_at == NOON + 1


def test_nothing_to_tell_when_suppression_ends() -> None:
    """But whoever was told before may be told again."""
    engine = begun(A, S, QUIET)
    engine.apply([hit("a", NOON + 100)], now=NOON + 100)
    engine.tick(now=NOON + 160)
    engine.apply([hit("s", NOON + 200), hit("a", NOON + 200)], now=NOON + 200)
    engine.apply([hit("a", NOON + 400)], now=NOON + 400)
    silenced = "quiet" not in {each.alarm.name for each in engine.active()}
    held = list(engine.held())
    left = engine.tick(now=NOON + 500)

    ended = engine.tick(now=NOON + 590)

    assert silenced
    assert held == [("quiet", ())]
    assert (told(left), left.has_resumed) == ([("s", OK)], False)
    assert (told(ended), ended.has_resumed) == ([], True)
    assert "quiet" in {each.alarm.name for each in engine.active()}
    assert list(engine.held()) == []


def test_a_late_call_suppresses_what_was_to_be_suppressed() -> None:
    """Periods end between the changes, each in its time."""
    engine = begun(A, S, QUIET)
    engine.tick(now=NOON + 60)
    engine.apply([hit("a", NOON + 100), hit("s", NOON + 100)], now=NOON + 100)

    outcome = engine.tick(now=NOON + 100_000)

    assert told(outcome) == [("a", OK), ("s", OK), ("quiet", OK)]


def test_deadlines_of_suppression_survive_a_restart() -> None:
    """The wait period ends when it would have ended."""
    alarms = (A, S, QUIET)
    engine = AlarmEngine(alarms, now=NOON)
    outcomes = [
        engine.tick(now=NOON),
        engine.tick(now=NOON + 60),
        engine.apply([hit("a", NOON + 100)], now=NOON + 100),
    ]

    again = restarted(outcomes, *alarms, now=NOON + 120)
    quiet = again.tick(now=NOON + 120)
    due = again.next_deadline()
    ended = again.tick(now=NOON + 160)

    assert (told(quiet), due) == ([], NOON + 160)
    assert told(ended) == [("quiet", ALARM)]


def test_another_suppressor_lets_go_what_was_kept_back() -> None:
    """Unless it is in ALARM itself: nothing is lost, and nothing told too much."""
    engine = begun(A, B, S, QUIET)
    engine.apply([hit("s", NOON + 90), hit("b", NOON + 90)], now=NOON + 90)
    engine.apply([hit("a", NOON + 100)], now=NOON + 100)

    engine.replace(
        [A, B, S, replace(QUIET, suppressor=suppressed_by("b"))], now=NOON + 110
    )
    still = engine.tick(now=NOON + 110)
    engine.replace([A, B, S, replace(QUIET, suppressor=None)], now=NOON + 120)
    free = engine.tick(now=NOON + 120)

    assert told(still) == []
    assert told(free) == [("quiet", ALARM)]


def test_another_calm_suppressor_lets_go_at_once() -> None:
    """The periods of the one before are discarded."""
    engine = begun(A, B, S, QUIET)
    engine.apply([hit("a", NOON + 100)], now=NOON + 100)

    engine.replace(
        [A, B, S, replace(QUIET, suppressor=suppressed_by("b"))], now=NOON + 110
    )

    assert told(engine.tick(now=NOON + 110)) == [("quiet", ALARM)]


# --- reload and restart ---------------------------------------------------------------


def test_a_child_that_begins_anew_moves_it() -> None:
    """Its state belongs to another definition; the composite alarm looks again."""
    engine = begun(A, composite("same", "ALARM(a)"))
    engine.apply([hit("a", NOON + 1)], now=NOON + 1)
    other = definition("a", threshold=5.0, fingerprint="f2")

    engine.replace([other, composite("same", "ALARM(a)")], now=NOON + 2)
    due = engine.next_deadline()
    outcome = engine.tick(now=NOON + 2)

    assert due == 0.0
    assert moves(outcome.transitions) == [("a", INSUFFICIENT, OK), ("same", ALARM, OK)]
    assert outcome.transitions[-1].reason.startswith("a transitioned to OK at ")


def test_another_rule_begins_anew() -> None:
    """As any other changed definition."""
    engine = begun(A, composite("same", "ALARM(a)"))

    replaced = engine.replace([A, composite("same", "OK(a)")], now=NOON + 2)
    outcome = engine.tick(now=NOON + 2)

    assert [key.name for key in replaced.started] == ["same"]
    assert moves(outcome.transitions) == [("same", INSUFFICIENT, ALARM)]


def test_a_restart_is_not_noticed() -> None:
    """What was true before is true behind it; nothing moves."""
    alarms = (A, composite("same", "ALARM(a)"), PER_USER)
    engine = AlarmEngine(alarms, now=NOON)
    outcomes = [
        engine.tick(now=NOON),
        engine.apply([hit("a", NOON + 1, evidence="1")], now=NOON + 1),
    ]

    again = restarted(outcomes, *alarms, now=NOON + 5)

    assert list(again.active()) == list(engine.active())
    assert again.tick(now=NOON + 5).transitions == ()
    assert moves(again.tick(now=NOON + 301).transitions) == [
        ("a", ALARM, OK),
        ("same", ALARM, OK),
    ]
