"""What must hold for any composite alarms, any mute rules, and any course of time."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from relay.alarms.engine import AlarmEngine
from relay.alarms.outcome import Outcome
from relay.config.rules import AnyAlarm, CompositeDefinition, MuteRule
from relay.model import AlarmState, Group, SavedAlarm, Transition
from tests.alarms.alarm_values import BY_USER, NOON, definition, point
from tests.alarms.composite_values import composite, muted, suppressed_by

METRIC = (
    definition("a", period_secs=60),
    definition("b", period_secs=120),
    definition("u", period_secs=60, group_by=BY_USER, max_groups=2),
)
RULES = (
    "ALARM(a) AND ALARM(b)",
    "ALARM(a) OR ALARM(u)",
    "NOT ALARM(u)",
    "AT_LEAST(2, ALARM, (a, b, u))",
    "ALARM(a) AND NOT ALARM(b)",
)
OUTER = ("ALARM(c) OR ALARM(b)", "NOT ALARM(c)", "ALARM(c) AND ALARM(u)")

suppressors = st.none() | st.builds(
    suppressed_by,
    st.sampled_from(["a", "b", "u"]),
    st.sampled_from([0, 30, 90]),
    st.sampled_from([0, 30, 90]),
)
alarms = st.builds(
    lambda rule, outer, one, other: (
        composite("d", outer, other),
        *METRIC,
        composite("c", rule, one),
    ),
    st.sampled_from(RULES),
    st.sampled_from(OUTER),
    suppressors,
    suppressors,
)
mute_rules = st.lists(
    st.builds(
        lambda start, minutes, names: muted(
            NOON + 60 * start, NOON + 60 * (start + minutes), *names
        ),
        st.integers(0, 20),
        st.integers(1, 10),
        st.sets(st.sampled_from("abcdu"), min_size=1),
    ),
    max_size=2,
)


@dataclass(frozen=True)
class Step:
    """Some time passes, then alarms are hit; those in capitals are users of ``u``."""

    passes_secs: int
    hits: str
    restarts: bool


steps = st.lists(
    st.builds(
        Step,
        passes_secs=st.sampled_from([0, 7, 20, 45, 70, 200, 1000]),
        hits=st.text("abXYZ", max_size=3),
        restarts=st.booleans(),
    ),
    max_size=12,
)


@dataclass
class Run:
    """An engine, the store behind it, and all that has happened."""

    definitions: Sequence[AnyAlarm]
    rules: Sequence[MuteRule]
    engine: AlarmEngine
    store: dict[tuple[str, Group], SavedAlarm] = field(default_factory=dict)
    transitions: list[Transition] = field(default_factory=list)
    actions: list[Transition] = field(default_factory=list)

    def take(self, outcome: Outcome) -> None:
        """Commit ``outcome``, and look whether all composite alarms are right."""
        for gone in outcome.removed:
            self.store.pop(gone, None)
        self.store |= {(each.alarm.name, each.group): each for each in outcome.changed}
        self.transitions += outcome.transitions
        self.actions += outcome.actions
        states = {each.name: self.whole(each.name) for each in self.definitions}
        for each in self.definitions:
            if isinstance(each, CompositeDefinition):
                is_true = each.rule.is_true(states)
                assert (states[each.name] is AlarmState.ALARM) is is_true

    def whole(self, name: str) -> AlarmState:
        """Return an alarm's loudest state."""
        found = {v.state for v in self.engine.states() if v.definition.name == name}
        loudest = (AlarmState.ALARM, AlarmState.INSUFFICIENT_DATA)
        return next((state for state in loudest if state in found), AlarmState.OK)

    def restart(self, now: float) -> None:
        """Lose all that is in memory."""
        self.engine = AlarmEngine(self.definitions, now=now, mute_rules=self.rules)
        assert self.engine.restore(self.store.values()) == []

    def hit(self, hits: str, now: float) -> None:
        """Let datapoints come."""
        points = [
            point(
                now,
                alarm=METRIC["abXYZ".index(each) if each in "ab" else 2].key,
                group=() if each in "ab" else (each,),
                event_id=f"{each}{now}",
                received_at=now,
            )
            for each in hits
        ]
        self.take(self.engine.apply(points, now=now))

    def by_alarm(self, transitions: Sequence[Transition]) -> list[Transition]:
        """Order what happened by alarm: at one moment the order does not matter."""
        return sorted(transitions, key=lambda each: (each.alarm.name, each.group))


def begin(definitions: Sequence[AnyAlarm], rules: Sequence[MuteRule] = ()) -> Run:
    """Start an engine that is ticked once, as the daemon does."""
    engine = AlarmEngine(definitions, now=NOON, mute_rules=rules)
    run = Run(definitions, rules, engine)
    run.take(engine.tick(now=NOON))
    return run


def times(course: Sequence[Step]) -> list[float]:
    """Return when each step is; never at a deadline that another one has set."""
    now, found = NOON, []
    for number, step in enumerate(course):
        now += step.passes_secs
        found.append(now + (number + 1) / 256)
    return found


def play(
    definitions: Sequence[AnyAlarm],
    rules: Sequence[MuteRule],
    course: Sequence[Step],
    *,
    restarts: bool,
) -> Run:
    """Play ``course``, with its restarts or without."""
    run = begin(definitions, rules)
    for now, step in zip(times(course), course, strict=True):
        if restarts and step.restarts:
            run.restart(now)
        run.hit(step.hits, now)
        run.take(run.engine.tick(now=now))
    return run


@given(definitions=alarms, rules=mute_rules, course=steps)
@settings(max_examples=80, deadline=None)
def test_restarts_change_nothing(
    definitions: Sequence[AnyAlarm], rules: Sequence[MuteRule], course: list[Step]
) -> None:
    """An engine restored from what was saved goes on as if it had never stopped."""
    straight = play(definitions, rules, course, restarts=False)

    restarted = play(definitions, rules, course, restarts=True)

    assert restarted.transitions == straight.transitions
    assert restarted.actions == straight.actions
    assert restarted.engine.next_deadline() == straight.engine.next_deadline()
    assert list(restarted.engine.active()) == list(straight.engine.active())
    assert list(restarted.engine.states()) == list(straight.engine.states())


@given(definitions=alarms, course=steps)
@settings(max_examples=60, deadline=None)
def test_how_often_time_is_looked_at_does_not_matter(
    definitions: Sequence[AnyAlarm], course: list[Step]
) -> None:
    """Neither for what happens nor for whose actions run."""
    seldom = play(definitions, (), course, restarts=False)

    often = begin(definitions)
    for now, step in zip(times(course), course, strict=True):
        while (due := often.engine.next_deadline()) is not None and due <= now:
            often.take(often.engine.tick(now=due))
        often.hit(step.hits, now)
        often.take(often.engine.tick(now=now))

    for kind in ("transitions", "actions"):
        one, other = getattr(seldom, kind), getattr(often, kind)
        assert [(e.alarm, e.group, e.new, e.at) for e in seldom.by_alarm(one)] == [
            (e.alarm, e.group, e.new, e.at) for e in often.by_alarm(other)
        ]


@given(definitions=alarms, rules=mute_rules, course=steps)
@settings(max_examples=60, deadline=None)
def test_in_the_end_everybody_knows_the_newest_state(
    definitions: Sequence[AnyAlarm], rules: Sequence[MuteRule], course: list[Step]
) -> None:
    """Whatever held actions back: the last ones of an alarm are those of its state.

    And each action is one of what happened, run once.
    """
    run = play(definitions, rules, course, restarts=True)
    for secs in (3_000, 6_000, 9_000):
        run.take(
            run.engine.tick(now=times(course)[-1] + secs if course else NOON + secs)
        )

    assert list(run.engine.held()) == []
    names = [(each.alarm, each.group, each.at, each.new) for each in run.actions]
    happened = [(each.alarm, each.group, each.at, each.new) for each in run.transitions]
    assert len(set(names)) == len(names)
    assert set(names) <= set(happened)
    for each in run.definitions:
        if not each.group_by:
            of_it = [name for name in names if name[0].name == each.name]
            newest = [name for name in happened if name[0].name == each.name][-1]
            assert of_it[-1] == newest
