"""What must hold for any alarm, any datapoints, and any course of time."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from relay.alarms.condition import Condition
from relay.alarms.engine import AlarmEngine
from relay.alarms.evaluator import evaluate
from relay.alarms.outcome import Outcome
from relay.alarms.windows import Slot
from relay.config.rules import (
    AlarmDefinition,
    AlarmTime,
    Comparison,
    LowSamples,
    MissingData,
)
from relay.config.statistics import Statistic, parse_statistic
from relay.model import AlarmState, Datapoint, Group, SavedAlarm, Transition
from tests.alarms.alarm_values import BY_USER, NOON, definition, point, slot
from tests.alarms.test_breach import breaching_ends

MINUTE = 60.0
USERS = ("ann", "bob", "cid", "dan")

SHARES = [parse_statistic(text) for text in ("p30", "p95", "PR(1:)")]

definitions = st.builds(
    definition,
    statistic=st.sampled_from([*Statistic, *SHARES]),
    low_samples=st.sampled_from(LowSamples),
    comparison=st.sampled_from(Comparison),
    threshold=st.sampled_from([0.0, 1.0, 2.0, 4.0]),
    time=st.sampled_from([*[AlarmTime.EVENT] * 3, AlarmTime.ARRIVAL]),
    period_secs=st.sampled_from([10, 30, 60, 120, 300, 36_000]),
    evaluation_periods=st.just(3),
    datapoints_to_alarm=st.integers(1, 3),
    treat_missing_data=st.sampled_from(MissingData),
    lateness_secs=st.sampled_from([0.0, 90.5, 900.0]),
    group_by=st.sampled_from([(), BY_USER]),
    max_groups=st.integers(1, 4),
)


@dataclass(frozen=True)
class Step:
    """Some time passes, then datapoints come (or just a tick, when there are none)."""

    passes_secs: float
    points: tuple[tuple[float, float, str], ...]
    """(age in seconds when it comes, value, user)."""
    restarts: bool = False
    behind_secs: float | None = None
    """How far the source has not caught up."""


steps = st.lists(
    st.builds(
        Step,
        passes_secs=st.one_of(
            st.integers(0, 120), st.sampled_from([300, 900, 4000, 90_000])
        ).map(float),
        points=st.lists(
            st.tuples(
                st.one_of(st.integers(0, 900), st.sampled_from([2000, 5000, 200_000])),
                st.integers(-1, 5).map(float),
                st.sampled_from(USERS),
            ),
            max_size=6,
        ).map(tuple),
        restarts=st.booleans(),
        behind_secs=st.sampled_from([None, None, 0.0, 30.0, 500.0, 5000.0]),
    ),
    max_size=12,
)


@dataclass
class Run:
    """An engine, the store behind it, and all transitions so far."""

    definition: AlarmDefinition
    engine: AlarmEngine
    store: dict[Group, SavedAlarm] = field(default_factory=dict)
    transitions: list[Transition] = field(default_factory=list)
    states: dict[Group, AlarmState] = field(default_factory=dict)

    def take(self, outcome: Outcome) -> None:
        """Commit ``outcome``, and see that each transition starts where the last ended.

        A group that has gone begins anew when it comes again.
        """
        gone = [group for _, group in outcome.removed]
        for each in outcome.transitions:
            assert each.new is not each.old
            assert each.old is self.states.get(each.group, self.first_state)
            self.states[each.group] = each.new
        for group in gone:
            self.states.pop(group, None)
        changed = {saved.group: saved for saved in outcome.changed}
        assert not changed.keys() & set(gone)
        for group in gone:
            self.store.pop(group, None)
        self.store |= changed
        self.transitions += outcome.transitions

    @property
    def first_state(self) -> AlarmState:
        """The state that a group, or the alarm without groups, begins in."""
        resting = Condition.of(self.definition).resting_state
        if resting is None or not self.definition.group_by:
            return AlarmState.INSUFFICIENT_DATA
        return resting

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
        point(
            now - age,
            value,
            group=(user,) if alarm.group_by else (),
            event_id=f"{user}{age}{value}",
            received_at=now,
        )
        for age, value, user in step.points
    ]


def play(alarm: AlarmDefinition, course: Sequence[Step], *, restarts: bool) -> Run:
    """Play ``course``, with its restarts or without."""
    run, now = begin(alarm), NOON
    until = NOON
    for step in course:
        now += step.passes_secs
        if restarts and step.restarts:
            run.restart(now)
        # What has been seen to be complete stays so.
        until = max(until, now - (step.behind_secs or 0.0))
        seen_until = None if step.behind_secs is None else until
        points = datapoints(step, alarm, now)
        run.take(run.engine.apply(points, now=now, seen_until=seen_until))
        run.take(run.engine.tick(now=now, seen_until=seen_until))
    return run


@given(alarm=definitions, course=steps)
@settings(max_examples=100, deadline=None)
def test_restarts_change_nothing(alarm: AlarmDefinition, course: list[Step]) -> None:
    """An engine restored from what was saved goes on as if it had never stopped."""
    straight = play(alarm, course, restarts=False)

    restarted = play(alarm, course, restarts=True)

    assert restarted.transitions == straight.transitions
    assert restarted.store.keys() == straight.store.keys()
    assert restarted.engine.next_deadline() == straight.engine.next_deadline()
    assert restarted.engine.counts() == straight.engine.counts()
    assert list(restarted.engine.states()) == list(straight.engine.states())


@given(alarm=definitions, course=steps)
@settings(max_examples=60, deadline=None)
def test_transitions_form_a_chain(alarm: AlarmDefinition, course: list[Step]) -> None:
    """A transition starts where the last one ended, and stays within AWS's limits."""
    run = play(alarm, course, restarts=False)

    states = {each.group: each.state for each in run.engine.states()}
    assert {group: states.get(group) for group in run.states} == run.states
    for each in run.transitions:
        assert len(each.reason) <= 1023
        assert len(each.reason_data) <= 4000
        assert each.received_at is None or each.received_at == each.at
    for group in run.states:
        times = [each.at for each in run.transitions if each.group == group]
        assert times == sorted(times)


@given(alarm=definitions, course=steps, seed=st.integers())
@settings(max_examples=60, deadline=None)
def test_the_order_within_a_batch_does_not_matter(
    alarm: AlarmDefinition, course: list[Step], seed: int
) -> None:
    """The same datapoints in any order lead to the same transitions and states."""
    shuffled = [
        Step(
            step.passes_secs,
            tuple(random.Random(seed).sample(step.points, len(step.points))),  # noqa: S311 - not for secrets
            behind_secs=step.behind_secs,
        )
        for step in course
    ]

    one, other = (play(alarm, each, restarts=False) for each in (course, shuffled))

    assert other.transitions == one.transitions
    assert other.engine.counts() == one.engine.counts()
    assert other.engine.next_deadline() == one.engine.next_deadline()


@given(alarm=definitions, course=steps)
@settings(max_examples=60, deadline=None)
def test_how_often_time_is_looked_at_does_not_matter(
    alarm: AlarmDefinition, course: list[Step]
) -> None:
    """Ticking at every deadline, and only after new datapoints, comes to the same.

    As long as the source keeps up: else there is nothing to wait for.
    """
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


early = st.builds(
    definition,
    statistic=st.sampled_from(
        [Statistic.SUM, Statistic.SAMPLE_COUNT, Statistic.MAXIMUM]
    ),
    comparison=st.sampled_from([Comparison.GREATER_OR_EQUAL, Comparison.GREATER]),
    threshold=st.sampled_from([0.0, 1.0, 2.0, 4.0]),
    period_secs=st.sampled_from([60, 120, 300]),
    evaluation_periods=st.just(3),
    datapoints_to_alarm=st.integers(1, 3),
)
short_steps = st.lists(
    st.tuples(
        st.integers(0, 120).map(float),
        st.lists(
            st.tuples(st.integers(0, 3000).map(float), st.integers(0, 4).map(float)),
            min_size=1,
            max_size=5,
        ),
    ),
    max_size=7,
)


@given(alarm=early, course=short_steps)
@settings(max_examples=50, deadline=None)
def test_early_firing_is_trying_every_window(
    alarm: AlarmDefinition, course: list[tuple[float, list[tuple[float, float]]]]
) -> None:
    """ALARM comes at once with a breaching window, and OK N periods after the last one.

    The course is shorter than what is kept, so brute force may look at all of it.
    """
    rule, run, now = Condition.of(alarm), begin(alarm), NOON
    seen: list[tuple[int, float]] = []
    expected, held_until = AlarmState.OK, 0.0
    for passes_secs, points in course:
        now += passes_secs
        batch = [(rule.bucket(now - age), value) for age, value in points]
        seen += batch
        if breaching_ends(seen, {minute for minute, _ in batch}, rule):
            expected = AlarmState.ALARM
            held_until = now + rule.window_secs
        elif held_until <= now:
            expected = AlarmState.OK

        run.take(run.engine.apply([point(now - age, v) for age, v in points], now=now))

        assert run.engine.counts()[expected] == 1


behind = st.builds(
    definition,
    statistic=st.sampled_from([*Statistic, *SHARES]),
    low_samples=st.sampled_from(LowSamples),
    time=st.sampled_from(AlarmTime),
    comparison=st.sampled_from(Comparison),
    threshold=st.sampled_from([0.0, 1.0, 2.0, 4.0]),
    period_secs=st.sampled_from([60, 120, 300]),
    evaluation_periods=st.just(3),
    datapoints_to_alarm=st.integers(1, 3),
    treat_missing_data=st.sampled_from(MissingData),
    lateness_secs=st.sampled_from([0.0, 90.5, 900.0]),
).filter(lambda each: not Condition.of(each).fires_early)


@given(
    alarm=behind,
    points=st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 4).map(float)), max_size=20
    ),
)
@settings(max_examples=80, deadline=None)
def test_judging_behind_the_watermark_is_judging_every_end(
    alarm: AlarmDefinition, points: list[tuple[int, float]]
) -> None:
    """Only the ends at which slots change are judged, and none is missed by that."""
    rule, run = Condition.of(alarm), begin(alarm)
    # Old enough that the alarm has seen all slots from their start.
    first = rule.bucket(NOON) + rule.range_buckets
    run.take(run.engine.tick(now=rule.due(first)))
    state = next(run.engine.states()).state
    expected: list[tuple[float, AlarmState]] = []
    for end in range(first + 1, first + 60 + rule.range_buckets + 3):
        verdict = evaluate(brute_slots(points, first, end, rule), rule, state)
        if verdict.state is not state:
            state = verdict.state
            expected.append((rule.due(end), state))

    before = len(run.transitions)
    at = rule.due(first)
    run.take(
        run.engine.apply(
            [point((first + m) * MINUTE, v) for m, v in points if m * 60 <= 7000],
            now=at,
        )
    )
    run.take(run.engine.tick(now=rule.due(first + 60 + rule.range_buckets + 2)))

    found = [(each.at, each.new) for each in run.transitions[before:]]
    assert found == expected


def brute_slots(
    points: list[tuple[int, float]], first: int, end: int, rule: Condition
) -> list[Slot]:
    """Return the evaluation range that ends at ``end``, from the datapoints."""
    starts = [
        end - rule.slot_buckets * (rule.range_slots - at)
        for at in range(rule.range_slots)
    ]
    found = []
    for start in starts:
        values = [
            value
            for minute, value in points
            if start <= first + minute < start + rule.slot_buckets
        ]
        found.append(
            slot(start * MINUTE, values) if values else Slot(start=start * MINUTE)
        )
    return found
