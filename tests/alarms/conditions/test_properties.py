"""What must hold for any condition, any datapoints, and any course of time."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from relay.alarms.engine import AlarmEngine
from relay.alarms.outcome import Outcome
from relay.config.conditions import (
    Absent,
    AnyCondition,
    Cardinality,
    NewValue,
    RateChange,
)
from relay.config.rules import AlarmDefinition
from relay.model import AlarmState, Datapoint, Group, SavedAlarm, Transition
from tests.alarms.alarm_values import BY_USER, NOON
from tests.alarms.conditions.condition_values import (
    ADDRESS,
    HOUR,
    MINUTE,
    definition,
    seen,
)

USERS = ("ann", "bob", "cid")

conditions: st.SearchStrategy[tuple[AnyCondition, bool]] = st.one_of(
    st.tuples(
        st.builds(Absent, for_secs=st.sampled_from([60.0, 600.0])), st.just(False)
    ),
    st.tuples(
        st.builds(
            Absent,
            for_secs=st.just(600.0),
            seen_within_secs=st.sampled_from([700.0, 7200.0]),
        ),
        st.just(True),
    ),
    st.tuples(
        st.builds(
            Absent, for_secs=st.just(600.0), expected=st.just((("ann",), ("bob",)))
        ),
        st.just(True),
    ),
    st.tuples(
        st.builds(
            NewValue,
            of=st.just(ADDRESS),
            within_secs=st.sampled_from([640.0, 32_000.0]),
            learn_secs=st.sampled_from([0.0, 600.0]),
            max_values=st.sampled_from([2, 100]),
        ),
        st.booleans(),
    ),
    st.tuples(
        st.builds(
            Cardinality,
            of=st.just(ADDRESS),
            more_than=st.integers(1, 3),
            max_values=st.sampled_from([6, 100]),
        ),
        st.booleans(),
    ),
    st.tuples(
        st.builds(
            RateChange,
            times=st.sampled_from([1.5, 3.0]),
            at_least=st.integers(1, 4),
            against_secs=st.sampled_from([300, 3600]),
        ),
        st.booleans(),
    ),
)
definitions = st.builds(
    lambda condition, period_secs, lateness_secs, max_groups: definition(
        condition[0],
        period_secs=period_secs,
        lateness_secs=lateness_secs,
        group_by=BY_USER if condition[1] else (),
        max_groups=max_groups,
    ),
    conditions,
    st.sampled_from([60, 300]),
    st.sampled_from([0.0, 90.5, 900.0]),
    st.integers(2, 3),
)


@dataclass(frozen=True)
class Step:
    """Some time passes, then datapoints come (or just a tick, when there are none)."""

    passes_secs: float
    points: tuple[tuple[float, str, str], ...]
    """(age in seconds when it comes, user, address)."""
    restarts: bool = False
    behind_secs: float | None = None
    """How far the source has not caught up."""


steps = st.lists(
    st.builds(
        Step,
        passes_secs=st.one_of(
            st.integers(0, 120), st.sampled_from([300, 900, 4000, 40_000])
        ).map(float),
        points=st.lists(
            st.tuples(
                st.one_of(st.integers(-60, 900), st.sampled_from([2000, 5000, 90_000])),
                st.sampled_from(USERS),
                st.sampled_from("wxyz"),
            ),
            max_size=8,
        ).map(tuple),
        restarts=st.booleans(),
        behind_secs=st.sampled_from([None, None, 0.0, 30.0, 500.0, 5000.0]),
    ),
    max_size=10,
)


@dataclass
class Run:
    """An engine, the store behind it, and all transitions so far."""

    definition: AlarmDefinition
    engine: AlarmEngine
    store: dict[Group, SavedAlarm] = field(default_factory=dict)
    transitions: list[Transition] = field(default_factory=list)

    def take(self, outcome: Outcome) -> None:
        """Commit ``outcome``."""
        for _, group in outcome.removed:
            self.store.pop(group, None)
        self.store |= {saved.group: saved for saved in outcome.changed}
        self.transitions += outcome.transitions

    def restart(self, now: float) -> None:
        """Lose all that is in memory."""
        self.engine = AlarmEngine([self.definition], now=now)
        assert self.engine.restore(self.store.values()) == []


def begin(alarm: AlarmDefinition) -> Run:
    """Start an engine that is ticked once, as the daemon does."""
    run = Run(alarm, AlarmEngine([alarm], now=NOON))
    run.take(run.engine.tick(now=NOON))
    return run


def datapoints(step: Step, alarm: AlarmDefinition, now: float) -> list[Datapoint]:
    """Return what comes in ``step``."""
    return [
        seen(
            now - age,
            address,
            group=(user,) if alarm.group_by else (),
            event_id=f"{user}{age}{address}",
            received_at=now,
        )
        for age, user, address in step.points
    ]


def play(alarm: AlarmDefinition, course: Sequence[Step], *, restarts: bool) -> Run:
    """Play ``course``, with its restarts or without."""
    run, now, until = begin(alarm), NOON, NOON
    for step in course:
        now += step.passes_secs
        if restarts and step.restarts:
            run.restart(now)
        until = max(until, now - (step.behind_secs or 0.0))
        seen_until = None if step.behind_secs is None else until
        points = datapoints(step, alarm, now)
        run.take(run.engine.apply(points, now=now, seen_until=seen_until))
        run.take(run.engine.tick(now=now, seen_until=seen_until))
    return run


@given(alarm=definitions, course=steps)
@settings(max_examples=150, deadline=None)
def test_restarts_change_nothing(alarm: AlarmDefinition, course: list[Step]) -> None:
    """An engine restored from what was saved goes on as if it had never stopped."""
    straight = play(alarm, course, restarts=False)

    restarted = play(alarm, course, restarts=True)

    assert restarted.transitions == straight.transitions
    assert restarted.store.keys() == straight.store.keys()
    assert restarted.engine.next_deadline() == straight.engine.next_deadline()
    assert list(restarted.engine.states()) == list(straight.engine.states())


@given(alarm=definitions, course=steps, seed=st.integers())
@settings(max_examples=100, deadline=None)
def test_the_order_within_a_batch_does_not_matter(
    alarm: AlarmDefinition, course: list[Step], seed: int
) -> None:
    """The same datapoints in any order lead to the same transitions and states."""
    shuffled = [
        replace(
            step,
            points=tuple(random.Random(seed).sample(step.points, len(step.points))),  # noqa: S311 - not for secrets
        )
        for step in course
    ]

    one, other = (play(alarm, each, restarts=False) for each in (course, shuffled))

    assert other.transitions == one.transitions
    assert other.engine.next_deadline() == one.engine.next_deadline()
    assert list(other.engine.states()) == list(one.engine.states())


@given(alarm=definitions, course=steps)
@settings(max_examples=100, deadline=None)
def test_how_often_time_is_looked_at_does_not_matter(
    alarm: AlarmDefinition, course: list[Step]
) -> None:
    """Ticking at every deadline, and only after new datapoints, comes to the same."""
    course = [replace(step, behind_secs=None) for step in course]
    seldom, often = play(alarm, course, restarts=False), begin(alarm)
    now = NOON
    for step in course:
        until = now + step.passes_secs
        while (due := often.engine.next_deadline()) is not None and due <= until:
            assert due >= now - 1e-3
            now = max(now, due)
            often.take(often.engine.tick(now=now))
        now = until
        often.take(often.engine.apply(datapoints(step, alarm, now), now=now))
        often.take(often.engine.tick(now=now))

    def by_group(run: Run) -> list[Transition]:
        return sorted(run.transitions, key=lambda each: each.group)

    assert by_group(often) == by_group(seldom)
    assert often.engine.next_deadline() == seldom.engine.next_deadline()


@given(alarm=definitions, course=steps)
@settings(max_examples=60, deadline=None)
def test_transitions_form_a_chain(alarm: AlarmDefinition, course: list[Step]) -> None:
    """A transition starts where the last one ended, and stays within AWS's limits."""
    run = play(alarm, course, restarts=False)

    states: dict[Group, AlarmState] = {}
    for each in run.transitions:
        assert each.new is not each.old
        assert len(each.reason) <= 1023
        assert len(each.reason_data) <= 4000
        assert each.received_at is None or each.received_at == each.at
        before = states.get(each.group)
        # A group that had gone begins anew.
        assert each.old is before or before is None or alarm.group_by
        states[each.group] = each.new
    for group in states:
        times = [each.at for each in run.transitions if each.group == group]
        assert times == sorted(times)


minutes = st.lists(
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from("wxyz")), max_size=5),
    min_size=1,
    max_size=8,
)


@given(batches=minutes, more_than=st.integers(1, 3))
@settings(max_examples=100, deadline=None)
def test_cardinality_is_trying_every_window(
    batches: list[list[tuple[int, str]]], more_than: int
) -> None:
    """ALARM comes at once with a crowded window, and OK one period after the last."""
    condition = Cardinality(of=ADDRESS, more_than=more_than, max_values=100)
    run, now = begin(definition(condition)), NOON
    came: list[tuple[int, str]] = []
    expected, held_until = AlarmState.OK, 0.0
    for batch in batches:
        now += MINUTE
        fresh = [(int(now // MINUTE) - age, value) for age, value in batch]
        came += fresh
        crowded = any(
            len({value for at, value in came if end - 5 <= at < end}) > more_than
            for minute, _ in fresh
            for end in range(minute + 1, minute + 6)
        )
        if crowded:
            expected, held_until = AlarmState.ALARM, now + 300
        elif held_until <= now:
            expected = AlarmState.OK

        points = [seen(minute * MINUTE, value) for minute, value in fresh]
        run.take(run.engine.apply(points, now=now))

        assert run.engine.counts()[expected] == 1


@given(
    ages=st.lists(st.lists(st.integers(0, 20), max_size=8), min_size=1, max_size=25),
    shift=st.sampled_from([5, 60]),
)
@settings(max_examples=100, deadline=None)
def test_rate_change_is_comparing_every_window(
    ages: list[list[int]], shift: int
) -> None:
    """ALARM comes with a window of thrice the matches once the one before is whole."""
    condition = RateChange(times=3.0, at_least=4, against_secs=shift * 60)
    alarm = definition(condition, lateness_secs=10 * MINUTE)
    run, start = begin(alarm), int(NOON // MINUTE)
    came: list[int] = []
    expected, held_until = AlarmState.OK, 0.0
    for number, batch in enumerate(ages):
        now = NOON + 2 * HOUR + number * MINUTE
        minute = int(now // MINUTE)
        for due in range(minute if number else start, minute + 1):
            # The watermark makes one more window whole, before what comes at ``now``.
            end = due - 10 + shift
            if end - shift - 5 >= start and _has_risen(came, end, shift):
                expected, held_until = AlarmState.ALARM, due * MINUTE + 300
            elif held_until <= due * MINUTE:
                expected = AlarmState.OK
        fresh = [minute - age for age in batch]
        came += fresh
        if any(
            end - shift <= minute - 10
            and end - shift - 5 >= start
            and _has_risen(came, end, shift)
            for at in fresh
            for end in range(at + 1, at + 6)
        ):
            expected, held_until = AlarmState.ALARM, now + 300

        run.take(run.engine.tick(now=now))
        run.take(run.engine.apply([seen(at * MINUTE) for at in fresh], now=now))

        assert run.engine.counts()[expected] == 1


def _has_risen(came: list[int], end: int, shift: int) -> bool:
    count = sum(end - 5 <= at < end for at in came)
    before = sum(end - shift - 5 <= at < end - shift for at in came)
    return count >= 4 and count >= 3 * before
